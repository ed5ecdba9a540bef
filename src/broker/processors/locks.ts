import {
  decodeLockBatchRequest,
  encodeLockBatchResponse,
  LockBatchMq,
  type MessageQueue,
  UnlockBatchMq,
} from '../../protocol/index.ts';
import type { BrokerParts } from '../broker-parts.ts';
import { type CodeAndHandler, handle } from '../cold-handler.ts';
import { LockWork } from '../queue-messages.ts';

const NO_BODY = Buffer.alloc(0);

/**
 * Handlers of the leases that ordered consumers hold on their queues.
 * @source rocketmq 4.9.2 broker/processor/AdminBrokerProcessor.java lockBatchMQ, unlockBatchMQ
 */
export const lockHandlers = (parts: BrokerParts): CodeAndHandler[] => [
  handle(LockBatchMq, (_header, request) => {
    const { consumerGroup, clientId, mqSet } = decodeLockBatchRequest(request.body ?? NO_BODY);
    const lockOKMQSet = mqSet.filter((queue) =>
      isHeld(parts, queue, consumerGroup, clientId, false),
    );
    return { body: encodeLockBatchResponse({ lockOKMQSet }) };
  }),
  handle(UnlockBatchMq, (_header, request) => {
    const { consumerGroup, clientId, mqSet } = decodeLockBatchRequest(request.body ?? NO_BODY);
    for (const queue of mqSet) isHeld(parts, queue, consumerGroup, clientId, true);
    return undefined;
  }),
];

const isHeld = (
  parts: BrokerParts,
  { topic, queueId }: MessageQueue,
  consumerGroup: string,
  clientId: string,
  isUnlock: boolean,
): boolean => {
  const queues = parts.topics.get(topic)?.readQueueNums ?? 0;
  if (queueId < 0 || queueId >= queues) return false;
  const work = Object.assign(new LockWork(), { consumerGroup, clientId, isUnlock });
  return parts.queues.get(topic, queueId).run(work) && work.isHeld;
};
