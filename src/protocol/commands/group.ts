// Consumer groups of a broker.

import { defineCommand } from '../schema.ts';

/** Creates or changes a consumer group. */
export const UpdateAndCreateSubscriptionGroup = defineCommand({
  name: 'UPDATE_AND_CREATE_SUBSCRIPTIONGROUP',
  code: 200,
  to: 'broker',
});

/** All consumer groups of a broker. */
export const GetAllSubscriptionGroupConfig = defineCommand({
  name: 'GET_ALL_SUBSCRIPTIONGROUP_CONFIG',
  code: 201,
  to: 'broker',
});

/** Deletes a consumer group. */
export const DeleteSubscriptionGroup = defineCommand({
  name: 'DELETE_SUBSCRIPTIONGROUP',
  code: 207,
  to: 'broker',
  request: { groupName: 'string', removeOffset: 'boolean?' },
});

/** How far a group is behind. */
export const GetConsumeStats = defineCommand({
  name: 'GET_CONSUME_STATS',
  code: 208,
  to: 'broker',
  request: { consumerGroup: 'string', topic: 'string?' },
});

/** Times between which a group's unread messages were stored. */
export const QueryConsumeTimeSpan = defineCommand({
  name: 'QUERY_CONSUME_TIME_SPAN',
  code: 303,
  to: 'broker',
  request: { topic: 'string', group: 'string' },
});

/** How far all groups of a broker are behind. */
export const GetBrokerConsumeStats = defineCommand({
  name: 'GET_BROKER_CONSUME_STATS',
  code: 317,
  to: 'broker',
  request: { isOrder: 'boolean' },
});

/** Ids of a group's clients. */
export const GetConsumerListByGroup = defineCommand({
  name: 'GET_CONSUMER_LIST_BY_GROUP',
  code: 38,
  to: 'broker',
  request: { consumerGroup: 'string' },
});

/** Leases queues to a client that consumes in order. */
export const LockBatchMq = defineCommand({
  name: 'LOCK_BATCH_MQ',
  code: 41,
  to: 'broker',
});

/** Gives leased queues back. */
export const UnlockBatchMq = defineCommand({
  name: 'UNLOCK_BATCH_MQ',
  code: 42,
  to: 'broker',
});
