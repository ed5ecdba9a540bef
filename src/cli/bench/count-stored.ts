import { type ClientOptions, PullConsumer } from '../../client/index.ts';

/** Messages that the servers say a topic holds. */
export const countStored = async (where: ClientOptions, topic: string): Promise<number> => {
  const consumer = new PullConsumer({ ...where, consumerGroup: 'bench-count' });
  await consumer.start();
  try {
    const queues = await consumer.fetchMessageQueues(topic);
    const offsets = await Promise.all(queues.map((queue) => consumer.maxOffset(queue)));
    return offsets.reduce((sum, offset) => sum + offset, 0);
  } finally {
    await consumer.close();
  }
};
