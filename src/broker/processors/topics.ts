import { topicNameFault } from '../../message/index.ts';
import {
  DeleteTopicInBroker,
  decodeHeader,
  encodeTopicConfigTable,
  encodeTopicStatsTable,
  GetAllTopicConfig,
  GetTopicStatsInfo,
  isOneway,
  type RemotingCommand,
  ResponseCode,
  responseOf,
  type TopicConfig,
  UpdateAndCreateTopic,
} from '../../protocol/index.ts';
import type { Peer } from '../../transport/index.ts';
import type { BrokerParts } from '../broker-parts.ts';
import { type CodeAndHandler, handle } from '../cold-handler.ts';
import { FAQ_SUFFIX, Refusal } from '../refusal.ts';

const QUEUES_MAX = 65_535;

/**
 * Handlers of topics: created, changed, deleted, listed, measured.
 * @source rocketmq 4.9.2 broker/processor/AdminBrokerProcessor.java
 */
export const topicHandlers = (parts: BrokerParts): CodeAndHandler[] => [
  [UpdateAndCreateTopic.code, (request, peer) => updateTopic(parts, request, peer)],
  handle(DeleteTopicInBroker, ({ topic }) => {
    checkChangeable(parts, topic);
    parts.topics.delete(topic);
    parts.queues.delete(topic);
    parts.store.deleteTopic(topic);
    return undefined;
  }),
  handle(GetAllTopicConfig, () => ({ body: encodeTopicConfigTable(parts.topics.table()) })),
  handle(GetTopicStatsInfo, ({ topic }) => ({
    body: encodeTopicStatsTable(statsOf(parts, topic)),
  })),
];

/** Answers once the name servers know: who created a topic asks for its route next. */
const updateTopic = (parts: BrokerParts, request: RemotingCommand, peer: Peer): undefined => {
  const header = decodeHeader(UpdateAndCreateTopic.request, request.extFields);
  checkChangeable(parts, header.topic);
  const { readQueueNums, writeQueueNums, perm, topicFilterType } = header;
  checkQueues(readQueueNums);
  checkQueues(writeQueueNums);
  const topic: TopicConfig = {
    order: parts.topics.get(header.topic)?.order ?? false,
    perm,
    readQueueNums,
    topicFilterType,
    topicName: header.topic,
    topicSysFlag: header.topicSysFlag ?? 0,
    writeQueueNums,
  };
  parts.topics.put(topic);
  const to = { opaque: request.opaque, headerType: peer.headerType };
  parts.announce(topic, () => {
    if (!isOneway(request) && !peer.isClosed) peer.reply(responseOf(ResponseCode.SUCCESS), to);
  });
};

const statsOf = (parts: BrokerParts, topicName: string) => {
  const topic = parts.topics.get(topicName);
  if (topic === undefined) {
    throw new Refusal(ResponseCode.TOPIC_NOT_EXIST, `topic[${topicName}] not exist${FAQ_SUFFIX}`);
  }
  const { brokerName } = parts.settings;
  const offsetTable = Array.from({ length: topic.writeQueueNums }, (_, queueId) => {
    const queue = parts.store.findQueue(topicName, queueId);
    const maxOffset = queue?.maxOffset ?? 0;
    const lastUpdateTimestamp =
      queue === undefined || maxOffset === 0
        ? 0
        : Math.max(0, parts.store.storeTimestampAt(queue, maxOffset - 1));
    const minOffset = queue?.minOffset ?? 0;
    const messageQueue = { brokerName, queueId, topic: topicName };
    return [messageQueue, { lastUpdateTimestamp, maxOffset, minOffset }] as const;
  });
  return { offsetTable };
};

const checkChangeable = (parts: BrokerParts, topic: string): void => {
  const fault = topicNameFault(topic);
  if (fault !== undefined) throw new Refusal(ResponseCode.SYSTEM_ERROR, fault);
  if (parts.topics.isSystem(topic)) {
    throw new Refusal(
      ResponseCode.SYSTEM_ERROR,
      `The topic[${topic}] is conflict with system topic.`,
    );
  }
};

const checkQueues = (queues: number): void => {
  if (queues >= 0 && queues <= QUEUES_MAX) return;
  throw new Refusal(
    ResponseCode.SYSTEM_ERROR,
    `a topic has 0 to ${QUEUES_MAX} queues, not ${queues}`,
  );
};
