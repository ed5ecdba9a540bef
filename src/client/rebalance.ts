/**
 * The share of one member when queues are dealt in blocks, as evenly as can be: the first `queues mod members` members
 * get one more. All members must see queues and ids in the same order.
 * @returns nothing where the member is not in the list
 * @source rocketmq 4.9.2 client/consumer/rebalance/AllocateMessageQueueAveragely.java
 */
export const allocateAveragely = <T>(
  queues: readonly T[],
  clientIds: readonly string[],
  clientId: string,
): T[] => {
  const index = clientIds.indexOf(clientId);
  if (index < 0) return [];
  const rest = queues.length % clientIds.length;
  const share = Math.floor(queues.length / clientIds.length);
  const isLonger = index < rest;
  const start = isLonger ? index * (share + 1) : index * share + rest;
  return queues.slice(start, start + share + (isLonger ? 1 : 0));
};
