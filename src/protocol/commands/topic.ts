// Topics of a broker.

import { defineCommand } from '../schema.ts';

/** Creates or changes a topic. */
export const UpdateAndCreateTopic = defineCommand({
  name: 'UPDATE_AND_CREATE_TOPIC',
  code: 17,
  to: 'broker',
  request: {
    topic: 'string',
    defaultTopic: 'string',
    readQueueNums: 'int32',
    writeQueueNums: 'int32',
    perm: 'int32',
    topicFilterType: 'topicFilterType',
    topicSysFlag: 'int32?',
    order: 'boolean',
  },
});

/** All topics of a broker. */
export const GetAllTopicConfig = defineCommand({
  name: 'GET_ALL_TOPIC_CONFIG',
  code: 21,
  to: 'broker',
});

/** Never built in RocketMQ. */
export const GetTopicConfigList = defineCommand({
  name: 'GET_TOPIC_CONFIG_LIST',
  code: 22,
  to: 'broker',
});

/** Never built in RocketMQ. */
export const GetTopicNameList = defineCommand({
  name: 'GET_TOPIC_NAME_LIST',
  code: 23,
  to: 'broker',
});

/** Offsets and last changes of a topic's queues. */
export const GetTopicStatsInfo = defineCommand({
  name: 'GET_TOPIC_STATS_INFO',
  code: 202,
  to: 'broker',
  request: { topic: 'string' },
});

/** Deletes a topic from a broker. */
export const DeleteTopicInBroker = defineCommand({
  name: 'DELETE_TOPIC_IN_BROKER',
  code: 215,
  to: 'broker',
  request: { topic: 'string' },
});

/** The groups that consume a topic. */
export const QueryTopicConsumeByWho = defineCommand({
  name: 'QUERY_TOPIC_CONSUME_BY_WHO',
  code: 300,
  to: 'broker',
  request: { topic: 'string' },
});

/** System topics of a broker. */
export const GetSystemTopicListFromBroker = defineCommand({
  name: 'GET_SYSTEM_TOPIC_LIST_FROM_BROKER',
  code: 305,
  to: 'broker',
});

/** Removes consume queues without messages. */
export const CleanExpiredConsumeQueue = defineCommand({
  name: 'CLEAN_EXPIRED_CONSUMEQUEUE',
  code: 306,
  to: 'broker',
});

/** Removes consume queues of topics that are gone. */
export const CleanUnusedTopic = defineCommand({
  name: 'CLEAN_UNUSED_TOPIC',
  code: 316,
  to: 'broker',
});
