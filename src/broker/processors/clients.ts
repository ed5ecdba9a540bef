import { groupNameFault, retryTopic, topicNameFault } from '../../message/index.ts';
import {
  CheckClientConfig,
  type ConsumerData,
  decodeCheckClientRequest,
  decodeHeartbeatData,
  encodeConsumerConnection,
  encodeGetConsumerListByGroupResponse,
  encodeProducerConnection,
  GetConsumerConnectionList,
  GetConsumerListByGroup,
  GetProducerConnectionList,
  HeartBeat,
  type RemotingCommand,
  ResponseCode,
  UnregisterClient,
} from '../../protocol/index.ts';
import type { Peer } from '../../transport/index.ts';
import type { BrokerParts } from '../broker-parts.ts';
import { type CodeAndHandler, handle } from '../cold-handler.ts';
import { type ClientFacts, type GroupView, ViewWork } from '../consumer-group-messages.ts';
import { Refusal } from '../refusal.ts';

const TAG = 'TAG';
const NO_BODY = Buffer.alloc(0);

/**
 * Handlers of what clients say about themselves, and of who asks for them.
 * @source rocketmq 4.9.2 broker/processor/ClientManageProcessor.java, ConsumerManageProcessor.java
 */
export const clientHandlers = (parts: BrokerParts): CodeAndHandler[] => [
  handle(HeartBeat, (_header, request, peer) => {
    const heartbeat = decodeHeartbeatData(request.body ?? NO_BODY);
    const client = clientFacts(heartbeat.clientID, request, peer);
    for (const data of heartbeat.consumerDataSet) registerConsumer(parts, client, data);
    for (const { groupName } of heartbeat.producerDataSet)
      parts.producers.register(groupName, client);
    return undefined;
  }),
  handle(UnregisterClient, ({ producerGroup, consumerGroup }, _request, peer) => {
    if (producerGroup !== undefined) parts.producers.unregister(producerGroup, peer);
    if (consumerGroup !== undefined) leave(parts, consumerGroup, peer);
    return undefined;
  }),
  handle(GetConsumerListByGroup, ({ consumerGroup }) => {
    const members = viewOf(parts, consumerGroup)?.members ?? [];
    if (members.length === 0) {
      throw new Refusal(ResponseCode.SYSTEM_ERROR, `no consumer for this group, ${consumerGroup}`);
    }
    const consumerIdList = members.map(({ clientId }) => clientId);
    return { body: encodeGetConsumerListByGroupResponse({ consumerIdList }) };
  }),
  handle(CheckClientConfig, (_header, request) => {
    const { subscriptionData } = decodeCheckClientRequest(request.body ?? NO_BODY);
    const { expressionType } = subscriptionData;
    if (expressionType !== TAG) {
      throw new Refusal(
        ResponseCode.SYSTEM_ERROR,
        `The broker does not support consumer to filter message by ${expressionType}`,
      );
    }
    return undefined;
  }),
  ...connectionHandlers(parts),
];

const connectionHandlers = (parts: BrokerParts): CodeAndHandler[] => [
  handle(GetConsumerConnectionList, ({ consumerGroup }) => {
    const view = viewOf(parts, consumerGroup);
    if (view === undefined || view.members.length === 0) {
      throw new Refusal(
        ResponseCode.CONSUMER_NOT_ONLINE,
        `the consumer group[${consumerGroup}] not online`,
      );
    }
    const { consumeFromWhere, consumeType, messageModel } = view;
    return {
      body: encodeConsumerConnection({
        connectionSet: view.members.map(connection),
        consumeFromWhere,
        consumeType,
        messageModel,
        subscriptionTable: view.subscriptions,
      }),
    };
  }),
  handle(GetProducerConnectionList, ({ producerGroup }) => {
    const members = parts.producers.members(producerGroup);
    if (members.length === 0) {
      throw new Refusal(
        ResponseCode.SYSTEM_ERROR,
        `the producer group[${producerGroup}] not exist`,
      );
    }
    return { body: encodeProducerConnection({ connectionSet: members.map(connection) }) };
  }),
];

/** Takes a client out of a group, and tells the others. */
export const leave = (parts: BrokerParts, consumerGroup: string, peer: Peer): void => {
  const isNotified = isNotifiedOf(parts, consumerGroup);
  parts.consumerGroups.find(consumerGroup)?.tell({ kind: 'leave', peer, isNotified });
};

const registerConsumer = (parts: BrokerParts, client: ClientFacts, data: ConsumerData): void => {
  const { groupName } = data;
  const fault = groupNameFault(groupName);
  if (fault !== undefined) throw new Refusal(ResponseCode.SYSTEM_ERROR, fault);
  const group = parts.groups.getOrCreate(groupName);
  const isNotified = isNotifiedOf(parts, groupName);
  const topic = retryTopic(groupName);
  // A group's name may be longer than a topic's: such a group consumes, but nothing can be sent back to it.
  if (group !== undefined && topicNameFault(topic) === undefined) {
    parts.topics.getOrCreatePlain(topic, Math.max(1, group.retryQueueNums));
  }
  parts.consumerGroups.get(groupName).tell({ kind: 'heartbeat', client, data, isNotified });
};

const isNotifiedOf = (parts: BrokerParts, groupName: string): boolean =>
  parts.settings.notifyConsumerIdsChangedEnable &&
  (parts.groups.get(groupName)?.notifyConsumerIdsChangedEnable ?? true);

const clientFacts = (clientId: string, request: RemotingCommand, peer: Peer): ClientFacts => ({
  peer,
  clientId,
  language: request.language,
  version: request.version,
});

const connection = ({ peer, clientId, language, version }: ClientFacts) => ({
  clientAddr: peer.remoteAddress,
  clientId,
  language,
  version,
});

const viewOf = (parts: BrokerParts, consumerGroup: string): GroupView | undefined => {
  const work = new ViewWork();
  parts.consumerGroups.find(consumerGroup)?.run(work);
  return work.view;
};
