// Clients: what they say of themselves, and what a broker asks them.

import { defineCommand } from '../schema.ts';

/** What a client is: its groups and subscriptions. Every 30 s. */
export const HeartBeat = defineCommand({
  name: 'HEART_BEAT',
  code: 34,
  to: 'broker',
});

/** A client leaves a group. */
export const UnregisterClient = defineCommand({
  name: 'UNREGISTER_CLIENT',
  code: 35,
  to: 'broker',
  request: { clientID: 'string', producerGroup: 'string?', consumerGroup: 'string?' },
});

/** Tells a consumer that its group has changed. */
export const NotifyConsumerIdsChanged = defineCommand({
  name: 'NOTIFY_CONSUMER_IDS_CHANGED',
  code: 40,
  to: 'client',
  request: { consumerGroup: 'string' },
});

/** Checks a subscription before it is used. */
export const CheckClientConfig = defineCommand({
  name: 'CHECK_CLIENT_CONFIG',
  code: 46,
  to: 'broker',
});

/** A group's connected clients. */
export const GetConsumerConnectionList = defineCommand({
  name: 'GET_CONSUMER_CONNECTION_LIST',
  code: 203,
  to: 'broker',
  request: { consumerGroup: 'string' },
});

/** A producer group's connected clients. */
export const GetProducerConnectionList = defineCommand({
  name: 'GET_PRODUCER_CONNECTION_LIST',
  code: 204,
  to: 'broker',
  request: { producerGroup: 'string' },
});

/** Asks a consumer for its inner state. */
export const GetConsumerRunningInfo = defineCommand({
  name: 'GET_CONSUMER_RUNNING_INFO',
  code: 307,
  to: 'relay',
  request: { consumerGroup: 'string', clientId: 'string', jstackEnable: 'boolean?' },
});

/** Lets a consumer process one message now. */
export const ConsumeMessageDirectly = defineCommand({
  name: 'CONSUME_MESSAGE_DIRECTLY',
  code: 309,
  to: 'relay',
  request: {
    consumerGroup: 'string',
    clientId: 'string?',
    msgId: 'string?',
    brokerName: 'string?',
  },
});

/** Never built in RocketMQ. */
export const SuspendConsumer = defineCommand({
  name: 'SUSPEND_CONSUMER',
  code: 209,
  to: 'broker',
});

/** Never built in RocketMQ. */
export const ResumeConsumer = defineCommand({
  name: 'RESUME_CONSUMER',
  code: 210,
  to: 'broker',
});

/** Never built in RocketMQ. */
export const ResetConsumerOffsetInConsumer = defineCommand({
  name: 'RESET_CONSUMER_OFFSET_IN_CONSUMER',
  code: 211,
  to: 'client',
});

/** Never built in RocketMQ. */
export const ResetConsumerOffsetInBroker = defineCommand({
  name: 'RESET_CONSUMER_OFFSET_IN_BROKER',
  code: 212,
  to: 'broker',
});

/** Never built in RocketMQ. */
export const AdjustConsumerThreadPool = defineCommand({
  name: 'ADJUST_CONSUMER_THREAD_POOL',
  code: 213,
  to: 'broker',
});

/** Never built in RocketMQ. */
export const WhoConsumeTheMessage = defineCommand({
  name: 'WHO_CONSUME_THE_MESSAGE',
  code: 214,
  to: 'broker',
});
