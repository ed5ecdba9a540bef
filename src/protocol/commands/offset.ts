// Positions of queues and consumers.

import { defineCommand } from '../schema.ts';

/** Never built in RocketMQ. */
export const QueryBrokerOffset = defineCommand({
  name: 'QUERY_BROKER_OFFSET',
  code: 13,
  to: 'broker',
});

/** Reads a group's offset of a queue. */
export const QueryConsumerOffset = defineCommand({
  name: 'QUERY_CONSUMER_OFFSET',
  code: 14,
  to: 'broker',
  request: { consumerGroup: 'string', topic: 'string', queueId: 'int32' },
  response: { offset: 'int64' },
});

/** Stores a group's offset of a queue; mostly one-way. */
export const UpdateConsumerOffset = defineCommand({
  name: 'UPDATE_CONSUMER_OFFSET',
  code: 15,
  to: 'broker',
  request: { consumerGroup: 'string', topic: 'string', queueId: 'int32', commitOffset: 'int64' },
});

/** Finds the queue offset of a point in time. */
export const SearchOffsetByTimestamp = defineCommand({
  name: 'SEARCH_OFFSET_BY_TIMESTAMP',
  code: 29,
  to: 'broker',
  request: { topic: 'string', queueId: 'int32', timestamp: 'int64' },
  response: { offset: 'int64' },
});

/** The offset the next message will get. */
export const GetMaxOffset = defineCommand({
  name: 'GET_MAX_OFFSET',
  code: 30,
  to: 'broker',
  request: { topic: 'string', queueId: 'int32' },
  response: { offset: 'int64' },
});

/** The oldest offset that can be read. */
export const GetMinOffset = defineCommand({
  name: 'GET_MIN_OFFSET',
  code: 31,
  to: 'broker',
  request: { topic: 'string', queueId: 'int32' },
  response: { offset: 'int64' },
});

/** When the oldest message of a queue was stored. */
export const GetEarliestMsgStoreTime = defineCommand({
  name: 'GET_EARLIEST_MSG_STORETIME',
  code: 32,
  to: 'broker',
  request: { topic: 'string', queueId: 'int32' },
  response: { timestamp: 'int64' },
});

/** All consumer offsets of a broker. */
export const GetAllConsumerOffset = defineCommand({
  name: 'GET_ALL_CONSUMER_OFFSET',
  code: 43,
  to: 'broker',
});

/** Progress of all delay levels of a broker. */
export const GetAllDelayOffset = defineCommand({
  name: 'GET_ALL_DELAY_OFFSET',
  code: 45,
  to: 'broker',
});

/** Compares offsets of groups. */
export const QueryCorrectionOffset = defineCommand({
  name: 'QUERY_CORRECTION_OFFSET',
  code: 308,
  to: 'broker',
  request: { filterGroups: 'string?', compareGroup: 'string', topic: 'string' },
});

/** Tells a consumer to move its offsets. */
export const ResetConsumerClientOffset = defineCommand({
  name: 'RESET_CONSUMER_CLIENT_OFFSET',
  code: 220,
  to: 'client',
  request: { topic: 'string', group: 'string', timestamp: 'int64', isForce: 'boolean' },
});

/** Asks a broker to move a group's offsets to a time. */
export const InvokeBrokerToResetOffset = defineCommand({
  name: 'INVOKE_BROKER_TO_RESET_OFFSET',
  code: 222,
  to: 'broker',
  request: { topic: 'string', group: 'string', timestamp: 'int64', isForce: 'boolean' },
});

/** Asks a consumer for its offsets. */
export const GetConsumerStatusFromClient = defineCommand({
  name: 'GET_CONSUMER_STATUS_FROM_CLIENT',
  code: 221,
  to: 'client',
  request: { topic: 'string', group: 'string', clientAddr: 'string?' },
});

/** Asks a broker for what its consumers say of their offsets. */
export const InvokeBrokerToGetConsumerStatus = defineCommand({
  name: 'INVOKE_BROKER_TO_GET_CONSUMER_STATUS',
  code: 223,
  to: 'broker',
  request: { topic: 'string', group: 'string', clientAddr: 'string?' },
});

/** Copies a group's offsets to another. */
export const CloneGroupOffset = defineCommand({
  name: 'CLONE_GROUP_OFFSET',
  code: 314,
  to: 'broker',
  request: { srcGroup: 'string', destGroup: 'string', topic: 'string?', offline: 'boolean?' },
});
