// Registration of brokers and routes of topics.

import { defineCommand } from '../schema.ts';

/** A broker says what it is and which topics it has. Every 30 s. */
export const RegisterBroker = defineCommand({
  name: 'REGISTER_BROKER',
  code: 103,
  to: 'namesrv',
  request: {
    brokerName: 'string',
    brokerAddr: 'string',
    clusterName: 'string',
    haServerAddr: 'string',
    brokerId: 'int64',
    compressed: 'boolean?',
    bodyCrc32: 'int32?',
  },
  response: { haServerAddr: 'string?', masterAddr: 'string?' },
});

/** A broker leaves. */
export const UnregisterBroker = defineCommand({
  name: 'UNREGISTER_BROKER',
  code: 104,
  to: 'namesrv',
  request: { brokerName: 'string', brokerAddr: 'string', clusterName: 'string', brokerId: 'int64' },
});

/** Asks whether a registration would change anything. */
export const QueryDataVersion = defineCommand({
  name: 'QUERY_DATA_VERSION',
  code: 322,
  to: 'namesrv',
  request: { brokerName: 'string', brokerAddr: 'string', clusterName: 'string', brokerId: 'int64' },
  response: { changed: 'boolean' },
});

/** Where a topic lives. */
export const GetRouteInfoByTopic = defineCommand({
  name: 'GET_ROUTEINFO_BY_TOPIC',
  code: 105,
  to: 'namesrv',
  request: { topic: 'string', acceptStandardJsonOnly: 'boolean?' },
});

/** All clusters and brokers. */
export const GetBrokerClusterInfo = defineCommand({
  name: 'GET_BROKER_CLUSTER_INFO',
  code: 106,
  to: 'namesrv',
});

/** Takes the write permission from a broker's topics. */
export const WipeWritePermOfBroker = defineCommand({
  name: 'WIPE_WRITE_PERM_OF_BROKER',
  code: 205,
  to: 'namesrv',
  request: { brokerName: 'string' },
  response: { wipeTopicCount: 'int32' },
});

/** Gives the write permission back to a broker's topics. */
export const AddWritePermOfBroker = defineCommand({
  name: 'ADD_WRITE_PERM_OF_BROKER',
  code: 327,
  to: 'namesrv',
  request: { brokerName: 'string' },
  response: { addTopicCount: 'int32' },
});

/** All topics. */
export const GetAllTopicListFromNameserver = defineCommand({
  name: 'GET_ALL_TOPIC_LIST_FROM_NAMESERVER',
  code: 206,
  to: 'namesrv',
});

/** Forgets a topic. */
export const DeleteTopicInNamesrv = defineCommand({
  name: 'DELETE_TOPIC_IN_NAMESRV',
  code: 216,
  to: 'namesrv',
  request: { topic: 'string' },
});

/** Topics of a cluster. */
export const GetTopicsByCluster = defineCommand({
  name: 'GET_TOPICS_BY_CLUSTER',
  code: 224,
  to: 'namesrv',
  request: { cluster: 'string' },
});

/** Names of clusters and brokers. */
export const GetSystemTopicListFromNs = defineCommand({
  name: 'GET_SYSTEM_TOPIC_LIST_FROM_NS',
  code: 304,
  to: 'namesrv',
});

/** Topics of a unit. */
export const GetUnitTopicList = defineCommand({
  name: 'GET_UNIT_TOPIC_LIST',
  code: 311,
  to: 'namesrv',
});

/** Topics with subscriptions of a unit. */
export const GetHasUnitSubTopicList = defineCommand({
  name: 'GET_HAS_UNIT_SUB_TOPIC_LIST',
  code: 312,
  to: 'namesrv',
});

/** Topics with subscriptions of a unit that are of no unit themselves. */
export const GetHasUnitSubUnunitTopicList = defineCommand({
  name: 'GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST',
  code: 313,
  to: 'namesrv',
});

/** Changes settings; the body is properties text. */
export const UpdateNamesrvConfig = defineCommand({
  name: 'UPDATE_NAMESRV_CONFIG',
  code: 318,
  to: 'namesrv',
});

/** All settings as properties text. */
export const GetNamesrvConfig = defineCommand({
  name: 'GET_NAMESRV_CONFIG',
  code: 319,
  to: 'namesrv',
});
