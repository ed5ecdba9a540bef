import { groupNameFault, topicNameFault } from '../../message/index.ts';
import {
  GetEarliestMsgStoreTime,
  GetMaxOffset,
  GetMinOffset,
  QueryConsumerOffset,
  ResponseCode,
  SearchOffsetByTimestamp,
  UpdateConsumerOffset,
} from '../../protocol/index.ts';
import type { ConsumeQueue } from '../../storage/index.ts';
import type { BrokerParts } from '../broker-parts.ts';
import { type CodeAndHandler, handle } from '../cold-handler.ts';
import { OffsetWork } from '../consumer-group-messages.ts';
import { busy, Refusal } from '../refusal.ts';

/**
 * Handlers of queue offsets and of how far groups have consumed.
 * @source rocketmq 4.9.2 broker/processor/ConsumerManageProcessor.java, AdminBrokerProcessor.java
 */
export const offsetHandlers = (parts: BrokerParts): CodeAndHandler[] => [
  handle(QueryConsumerOffset, ({ consumerGroup, topic, queueId }) => {
    const committed = readOffset(parts, consumerGroup, topic, queueId);
    if (committed >= 0) return { header: { offset: committed } };
    const queue = queueOf(parts, topic, queueId);
    // A young queue is consumed from its start, whatever the group's consumeFromWhere says.
    const isYoung =
      queue === undefined || (queue.minOffset <= 0 && !parts.store.isInDisk(queue, 0));
    if (isYoung) return { header: { offset: 0 } };
    throw new Refusal(
      ResponseCode.QUERY_NOT_FOUND,
      'Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first',
    );
  }),
  handle(UpdateConsumerOffset, ({ consumerGroup, topic, queueId, commitOffset }) => {
    refuseFault(topicNameFault(topic));
    runOffset(parts, consumerGroup, offsetWork(topic, queueId, Math.max(0, commitOffset)));
    return undefined;
  }),
  handle(GetMaxOffset, ({ topic, queueId }) => ({
    header: { offset: queueOf(parts, topic, queueId)?.maxOffset ?? 0 },
  })),
  handle(GetMinOffset, ({ topic, queueId }) => ({
    header: { offset: queueOf(parts, topic, queueId)?.minOffset ?? 0 },
  })),
  handle(SearchOffsetByTimestamp, ({ topic, queueId, timestamp }) => {
    const queue = queueOf(parts, topic, queueId);
    const offset = queue === undefined ? 0 : parts.store.queueOffsetByTime(queue, timestamp);
    return { header: { offset } };
  }),
  handle(GetEarliestMsgStoreTime, ({ topic, queueId }) => {
    const queue = queueOf(parts, topic, queueId);
    const timestamp = queue === undefined ? -1 : parts.store.earliestStoreTimestamp(queue);
    return { header: { timestamp } };
  }),
];

const offsetWork = (topic: string, queueId: number, commitOffset: number): OffsetWork =>
  Object.assign(new OffsetWork(), { topic, queueId, commitOffset });

const readOffset = (
  parts: BrokerParts,
  consumerGroup: string,
  topic: string,
  queueId: number,
): number => {
  const work = offsetWork(topic, queueId, -1);
  runOffset(parts, consumerGroup, work);
  return work.queueOffset;
};

/** Names become actors and keys of the offset file: a new one must be legal. */
const runOffset = (parts: BrokerParts, consumerGroup: string, work: OffsetWork): void => {
  const known = parts.consumerGroups.find(consumerGroup);
  if (known === undefined) refuseFault(groupNameFault(consumerGroup));
  if (!(known ?? parts.consumerGroups.get(consumerGroup)).run(work)) throw busy();
};

const refuseFault = (fault: string | undefined): void => {
  if (fault !== undefined) throw new Refusal(ResponseCode.SYSTEM_ERROR, fault);
};

/** A query makes no queue: names from the network touch no path unless their topic is configured. */
const queueOf = (parts: BrokerParts, topic: string, queueId: number): ConsumeQueue | undefined =>
  parts.store.findQueue(topic, queueId);
