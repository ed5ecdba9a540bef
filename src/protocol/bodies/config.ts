import {
  boolean,
  decodeAs,
  encodeAs,
  formatAs,
  integer,
  integerMap,
  object,
  oneOf,
  PRETTY_JSON,
  parseAs,
  type Shape,
  text,
  textMap,
  type ValueOf,
} from '../json-shape.ts';

/** @source rocketmq 4.9.2 common/DataVersion.java */
export const DATA_VERSION = object({ counter: integer(), timestamp: integer() });
export type DataVersion = ValueOf<typeof DATA_VERSION>;

export const TOPIC_FILTER_TYPES = ['SINGLE_TAG', 'MULTI_TAG'] as const;

/** @source rocketmq 4.9.2 common/TopicConfig.java */
const TOPIC_CONFIG = object({
  order: boolean(),
  perm: integer(6),
  readQueueNums: integer(16),
  topicFilterType: oneOf(TOPIC_FILTER_TYPES, 'SINGLE_TAG'),
  topicName: text(''),
  topicSysFlag: integer(),
  writeQueueNums: integer(16),
});
export type TopicConfig = ValueOf<typeof TOPIC_CONFIG>;

/** @source rocketmq 4.9.2 common/protocol/body/TopicConfigSerializeWrapper.java */
export const TOPIC_CONFIG_TABLE = object({
  dataVersion: DATA_VERSION,
  topicConfigTable: textMap(TOPIC_CONFIG),
});
export type TopicConfigTable = ValueOf<typeof TOPIC_CONFIG_TABLE>;

/** @source rocketmq 4.9.2 common/subscription/SubscriptionGroupConfig.java */
const SUBSCRIPTION_GROUP = object({
  brokerId: integer(),
  consumeBroadcastEnable: boolean(true),
  consumeEnable: boolean(true),
  consumeFromMinEnable: boolean(true),
  groupName: text(''),
  notifyConsumerIdsChangedEnable: boolean(true),
  retryMaxTimes: integer(16),
  retryQueueNums: integer(1),
  whichBrokerWhenConsumeSlowly: integer(1),
});
export type SubscriptionGroupConfig = ValueOf<typeof SUBSCRIPTION_GROUP>;

/** @source rocketmq 4.9.2 common/protocol/body/SubscriptionGroupWrapper.java */
const SUBSCRIPTION_GROUP_TABLE = object({
  dataVersion: DATA_VERSION,
  subscriptionGroupTable: textMap(SUBSCRIPTION_GROUP),
});
export type SubscriptionGroupTableBody = ValueOf<typeof SUBSCRIPTION_GROUP_TABLE>;

/** @source rocketmq 4.9.2 common/protocol/body/ConsumerOffsetSerializeWrapper.java */
const CONSUMER_OFFSETS = object({ offsetTable: textMap(integerMap(integer())) });

export const encodeDataVersion = (version: DataVersion): Buffer => encodeAs(DATA_VERSION, version);
export const decodeDataVersion = (body: Buffer | undefined): DataVersion =>
  decodeAs(DATA_VERSION, body);
export const encodeTopicConfigTable = (table: TopicConfigTable): Buffer =>
  encodeAs(TOPIC_CONFIG_TABLE, table);
export const decodeTopicConfigTable = (body: Buffer | undefined): TopicConfigTable =>
  decodeAs(TOPIC_CONFIG_TABLE, body);
export const encodeSubscriptionGroupConfig = (group: SubscriptionGroupConfig): Buffer =>
  encodeAs(SUBSCRIPTION_GROUP, group);
export const decodeSubscriptionGroupConfig = (body: Buffer | undefined): SubscriptionGroupConfig =>
  decodeAs(SUBSCRIPTION_GROUP, body);
export const encodeSubscriptionGroupTable = (table: SubscriptionGroupTableBody): Buffer =>
  encodeAs(SUBSCRIPTION_GROUP_TABLE, table);
export const decodeSubscriptionGroupTable = (
  body: Buffer | undefined,
): SubscriptionGroupTableBody => decodeAs(SUBSCRIPTION_GROUP_TABLE, body);
export const encodeConsumerOffsets = (offsets: ValueOf<typeof CONSUMER_OFFSETS>): Buffer =>
  encodeAs(CONSUMER_OFFSETS, offsets);
export const decodeConsumerOffsets = (body: Buffer | undefined): ValueOf<typeof CONSUMER_OFFSETS> =>
  decodeAs(CONSUMER_OFFSETS, body);

const fileOf = <T>(shape: Shape<T>) => ({
  parse: (document: string): T => parseAs(shape, document),
  format: (value: T): string => formatAs(shape, value, PRETTY_JSON),
});

/** Text forms of a store's `config/*.json`. */
export const TOPICS_FILE = fileOf(TOPIC_CONFIG_TABLE);
export const SUBSCRIPTION_GROUPS_FILE = fileOf(SUBSCRIPTION_GROUP_TABLE);
export const CONSUMER_OFFSETS_FILE = fileOf(CONSUMER_OFFSETS);
