import { isRetryTopic } from '../message/index.ts';
import type { RequestBounds } from './call.ts';
import type { OffsetCalls } from './offset-calls.ts';
import type { MessageQueue } from './types.ts';

/** Where a group begins in a queue of which it has stored no offset. */
export type ConsumeFromWhere =
  | 'CONSUME_FROM_LAST_OFFSET'
  | 'CONSUME_FROM_FIRST_OFFSET'
  | 'CONSUME_FROM_TIMESTAMP';

/**
 * The offset of a queue without a stored one. Retry queues are read from the beginning, so that nothing that failed is
 * left out.
 * @source rocketmq 4.9.2 client/impl/consumer/RebalancePushImpl.java computePullFromWhere
 */
export const startOffset = async (
  offsets: OffsetCalls,
  queue: MessageQueue,
  where: ConsumeFromWhere,
  timestampMs: number,
  bounds: RequestBounds,
): Promise<number> => {
  const isRetry = isRetryTopic(queue.topic);
  switch (where) {
    case 'CONSUME_FROM_FIRST_OFFSET':
      return 0;
    case 'CONSUME_FROM_TIMESTAMP':
      return isRetry ? offsets.max(queue, bounds) : offsets.byTime(queue, timestampMs, bounds);
    default:
      return isRetry ? 0 : offsets.max(queue, bounds);
  }
};
