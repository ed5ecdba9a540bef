import type { Logger } from '../base/index.ts';
import { PULL_FLAG } from '../message/index.ts';
import { PullMessage, ResponseCode, type SubscriptionData } from '../protocol/index.ts';
import type { RequestBounds } from './call.ts';
import { receivedMessages } from './incoming.ts';
import type { Remote } from './remote.ts';
import { isSubscribed } from './subscription.ts';
import type { MessageQueue, PullResult, PullStatus } from './types.ts';

/** One pull. */
export interface PullCall {
  readonly consumerGroup: string;
  readonly queue: MessageQueue;
  readonly queueOffset: number;
  readonly maxMessages: number;
  readonly subscription: SubscriptionData;
  /** How long the broker may wait for a message; 0: it answers at once. */
  readonly suspendMs: number;
  /** An offset to store with the pull. */
  readonly commitOffset?: number | undefined;
}

const STATUSES: ReadonlyMap<number, PullStatus> = new Map([
  [ResponseCode.SUCCESS, 'FOUND'],
  [ResponseCode.PULL_NOT_FOUND, 'NO_NEW_MSG'],
  [ResponseCode.PULL_RETRY_IMMEDIATELY, 'NO_MATCHED_MSG'],
  [ResponseCode.PULL_OFFSET_MOVED, 'OFFSET_ILLEGAL'],
]);
const ANSWERS: ReadonlySet<number> = new Set(STATUSES.keys());

const sysFlagOf = ({ suspendMs, commitOffset }: PullCall): number =>
  PULL_FLAG.SUBSCRIPTION |
  (suspendMs > 0 ? PULL_FLAG.SUSPEND : 0) |
  (commitOffset === undefined ? 0 : PULL_FLAG.COMMIT_OFFSET);

/**
 * Reads a queue from an offset on. Messages whose tags only share a hash with the wanted ones are left out.
 * @throws {ClientError} REFUSED, BUSY, BAD_RESPONSE and what a request throws
 */
export const pullFrom = async (
  remote: Remote,
  address: string,
  call: PullCall,
  bounds: RequestBounds,
  logger: Logger,
): Promise<PullResult> => {
  const { queue, subscription } = call;
  const header = {
    consumerGroup: call.consumerGroup,
    topic: queue.topic,
    queueId: queue.queueId,
    queueOffset: call.queueOffset,
    maxMsgNums: call.maxMessages,
    sysFlag: sysFlagOf(call),
    commitOffset: call.commitOffset ?? 0,
    suspendTimeoutMillis: call.suspendMs,
    subscription: subscription.subString,
    subVersion: subscription.subVersion,
    expressionType: subscription.expressionType,
  };
  const answer = await remote.call(PullMessage, address, header, bounds, undefined, ANSWERS);
  const found =
    answer.code === ResponseCode.SUCCESS
      ? receivedMessages(answer.body, queue.brokerName, logger)
      : [];
  const messages = found.filter(({ tags }) => isSubscribed(subscription, tags));
  const { nextBeginOffset, minOffset, maxOffset } = answer.header;
  const status = STATUSES.get(answer.code) ?? 'NO_NEW_MSG';
  const isNoneLeft = status === 'FOUND' && messages.length === 0;
  return {
    status: isNoneLeft ? 'NO_MATCHED_MSG' : status,
    nextBeginOffset,
    minOffset,
    maxOffset,
    messages,
  };
};
