import {
  boolean,
  decodeAs,
  encodeAs,
  integer,
  list,
  object,
  objectMap,
  oneOf,
  text,
  textMap,
  type ValueOf,
} from '../json-shape.ts';

export const CONSUME_FROM_WHERE = [
  'CONSUME_FROM_LAST_OFFSET',
  'CONSUME_FROM_LAST_OFFSET_AND_FROM_MIN_WHEN_BOOT_FIRST',
  'CONSUME_FROM_MIN_OFFSET',
  'CONSUME_FROM_MAX_OFFSET',
  'CONSUME_FROM_FIRST_OFFSET',
  'CONSUME_FROM_TIMESTAMP',
] as const;
export const CONSUME_TYPES = ['CONSUME_ACTIVELY', 'CONSUME_PASSIVELY'] as const;
export const MESSAGE_MODELS = ['BROADCASTING', 'CLUSTERING'] as const;

/** @source rocketmq 4.9.2 common/message/MessageQueue.java */
const MESSAGE_QUEUE = object({ brokerName: text(''), queueId: integer(), topic: text('') });
export type MessageQueue = ValueOf<typeof MESSAGE_QUEUE>;

/** @source rocketmq 4.9.2 common/protocol/heartbeat/SubscriptionData.java */
const SUBSCRIPTION_DATA = object({
  classFilterMode: boolean(),
  codeSet: list(integer()),
  expressionType: text('TAG'),
  subString: text('*'),
  subVersion: integer(),
  tagsSet: list(text()),
  topic: text(),
});
export type SubscriptionData = ValueOf<typeof SUBSCRIPTION_DATA>;

const CONSUME_FROM = oneOf(CONSUME_FROM_WHERE, 'CONSUME_FROM_LAST_OFFSET');
const CONSUME_TYPE = oneOf(CONSUME_TYPES, 'CONSUME_PASSIVELY');
const MESSAGE_MODEL = oneOf(MESSAGE_MODELS, 'CLUSTERING');

/** @source rocketmq 4.9.2 common/protocol/heartbeat/ConsumerData.java */
const CONSUMER_DATA = object({
  consumeFromWhere: CONSUME_FROM,
  consumeType: CONSUME_TYPE,
  groupName: text(),
  messageModel: MESSAGE_MODEL,
  subscriptionDataSet: list(SUBSCRIPTION_DATA),
  unitMode: boolean(),
});
export type ConsumerData = ValueOf<typeof CONSUMER_DATA>;

/** @source rocketmq 4.9.2 common/protocol/heartbeat/HeartbeatData.java */
const HEARTBEAT_DATA = object({
  clientID: text(),
  consumerDataSet: list(CONSUMER_DATA),
  producerDataSet: list(object({ groupName: text() })),
});
export type HeartbeatData = ValueOf<typeof HEARTBEAT_DATA>;

/** @source rocketmq 4.9.2 common/protocol/body/CheckClientRequestBody.java */
const CHECK_CLIENT_REQUEST = object({
  clientId: text(''),
  group: text(''),
  subscriptionData: SUBSCRIPTION_DATA,
});

/** @source rocketmq 4.9.2 common/protocol/body/GetConsumerListByGroupResponseBody.java */
const CONSUMER_LIST = object({ consumerIdList: list(text()) });

/** @source rocketmq 4.9.2 common/protocol/body/LockBatchRequestBody.java, UnlockBatchRequestBody.java */
const LOCK_BATCH_REQUEST = object({
  clientId: text(),
  consumerGroup: text(),
  mqSet: list(MESSAGE_QUEUE),
});
const LOCK_BATCH_RESPONSE = object({ lockOKMQSet: list(MESSAGE_QUEUE) });

/** @source rocketmq 4.9.2 common/protocol/body/Connection.java */
const CONNECTION = object({
  clientAddr: text(''),
  clientId: text(''),
  language: text('JAVA'),
  version: integer(),
});

/** @source rocketmq 4.9.2 common/protocol/body/ConsumerConnection.java */
const CONSUMER_CONNECTION = object({
  connectionSet: list(CONNECTION),
  consumeFromWhere: CONSUME_FROM,
  consumeType: CONSUME_TYPE,
  messageModel: MESSAGE_MODEL,
  subscriptionTable: textMap(SUBSCRIPTION_DATA),
});
const PRODUCER_CONNECTION = object({ connectionSet: list(CONNECTION) });

const GROUP_LIST = object({ groupList: list(text()) });

/** @source rocketmq 4.9.2 common/admin/TopicStatsTable.java */
const TOPIC_STATS_TABLE = object({
  offsetTable: objectMap(
    MESSAGE_QUEUE,
    object({ lastUpdateTimestamp: integer(), maxOffset: integer(), minOffset: integer() }),
  ),
});

type Body = Buffer | undefined;

export const encodeHeartbeatData = (data: HeartbeatData): Buffer => encodeAs(HEARTBEAT_DATA, data);
export const decodeHeartbeatData = (body: Body): HeartbeatData => decodeAs(HEARTBEAT_DATA, body);
export const encodeCheckClientRequest = (request: ValueOf<typeof CHECK_CLIENT_REQUEST>): Buffer =>
  encodeAs(CHECK_CLIENT_REQUEST, request);
export const decodeCheckClientRequest = (body: Body): ValueOf<typeof CHECK_CLIENT_REQUEST> =>
  decodeAs(CHECK_CLIENT_REQUEST, body);
export const encodeGetConsumerListByGroupResponse = (
  response: ValueOf<typeof CONSUMER_LIST>,
): Buffer => encodeAs(CONSUMER_LIST, response);
export const decodeGetConsumerListByGroupResponse = (body: Body): ValueOf<typeof CONSUMER_LIST> =>
  decodeAs(CONSUMER_LIST, body);
export const encodeLockBatchRequest = (request: ValueOf<typeof LOCK_BATCH_REQUEST>): Buffer =>
  encodeAs(LOCK_BATCH_REQUEST, request);
export const decodeLockBatchRequest = (body: Body): ValueOf<typeof LOCK_BATCH_REQUEST> =>
  decodeAs(LOCK_BATCH_REQUEST, body);
export const encodeLockBatchResponse = (response: ValueOf<typeof LOCK_BATCH_RESPONSE>): Buffer =>
  encodeAs(LOCK_BATCH_RESPONSE, response);
export const decodeLockBatchResponse = (body: Body): ValueOf<typeof LOCK_BATCH_RESPONSE> =>
  decodeAs(LOCK_BATCH_RESPONSE, body);
export const encodeConsumerConnection = (connection: ValueOf<typeof CONSUMER_CONNECTION>): Buffer =>
  encodeAs(CONSUMER_CONNECTION, connection);
export const decodeConsumerConnection = (body: Body): ValueOf<typeof CONSUMER_CONNECTION> =>
  decodeAs(CONSUMER_CONNECTION, body);
export const encodeProducerConnection = (connection: ValueOf<typeof PRODUCER_CONNECTION>): Buffer =>
  encodeAs(PRODUCER_CONNECTION, connection);
export const decodeProducerConnection = (body: Body): ValueOf<typeof PRODUCER_CONNECTION> =>
  decodeAs(PRODUCER_CONNECTION, body);
export const encodeGroupList = (groups: ValueOf<typeof GROUP_LIST>): Buffer =>
  encodeAs(GROUP_LIST, groups);
export const decodeGroupList = (body: Body): ValueOf<typeof GROUP_LIST> =>
  decodeAs(GROUP_LIST, body);
export const encodeTopicStatsTable = (table: ValueOf<typeof TOPIC_STATS_TABLE>): Buffer =>
  encodeAs(TOPIC_STATS_TABLE, table);
export const decodeTopicStatsTable = (body: Body): ValueOf<typeof TOPIC_STATS_TABLE> =>
  decodeAs(TOPIC_STATS_TABLE, body);
