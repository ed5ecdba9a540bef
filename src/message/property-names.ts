/**
 * Reserved property names: what clients, brokers and the store agree on.
 * @source rocketmq 4.9.2 common/message/MessageConst.java
 */
export const PROPERTY = {
  /** Business keys, separated by one space. */
  KEYS: 'KEYS',
  TAGS: 'TAGS',
  /** `false`: answer before the flush. Dropped from what the broker stores. */
  WAIT: 'WAIT',
  /** Delay level, 1-based. */
  DELAY: 'DELAY',
  RETRY_TOPIC: 'RETRY_TOPIC',
  REAL_TOPIC: 'REAL_TOPIC',
  REAL_QUEUE_ID: 'REAL_QID',
  /** `true` on half messages. */
  TRANSACTION_PREPARED: 'TRAN_MSG',
  PRODUCER_GROUP: 'PGROUP',
  MIN_OFFSET: 'MIN_OFFSET',
  MAX_OFFSET: 'MAX_OFFSET',
  BUYER_ID: 'BUYER_ID',
  ORIGIN_MESSAGE_ID: 'ORIGIN_MESSAGE_ID',
  TRANSFER_FLAG: 'TRANSFER_FLAG',
  CORRECTION_FLAG: 'CORRECTION_FLAG',
  MQ2_FLAG: 'MQ2_FLAG',
  RECONSUME_TIME: 'RECONSUME_TIME',
  MSG_REGION: 'MSG_REGION',
  TRACE_ON: 'TRACE_ON',
  /** The id the client made. */
  UNIQUE_KEY: 'UNIQ_KEY',
  MAX_RECONSUME_TIMES: 'MAX_RECONSUME_TIMES',
  CONSUME_START_TIME: 'CONSUME_START_TIME',
  TRANSACTION_PREPARED_QUEUE_OFFSET: 'TRAN_PREPARED_QUEUE_OFFSET',
  TRANSACTION_CHECK_TIMES: 'TRANSACTION_CHECK_TIMES',
  CHECK_IMMUNITY_TIME_IN_SECONDS: 'CHECK_IMMUNITY_TIME_IN_SECONDS',
  INSTANCE_ID: 'INSTANCE_ID',
  CORRELATION_ID: 'CORRELATION_ID',
  REPLY_TO_CLIENT: 'REPLY_TO_CLIENT',
  TTL: 'TTL',
  ARRIVE_TIME: 'ARRIVE_TIME',
  PUSH_REPLY_TIME: 'PUSH_REPLY_TIME',
  /** Name of the broker's cluster; the broker adds it to each message sent to it. */
  CLUSTER: 'CLUSTER',
  MESSAGE_TYPE: 'MSG_TYPE',
} as const;

/** A reserved property's name. */
export type PropertyName = (typeof PROPERTY)[keyof typeof PROPERTY];

/** Names the broker may set although they are reserved for clients. */
const SETTABLE: ReadonlySet<string> = new Set([
  PROPERTY.TRANSACTION_PREPARED_QUEUE_OFFSET,
  PROPERTY.TRANSACTION_CHECK_TIMES,
  PROPERTY.CHECK_IMMUNITY_TIME_IN_SECONDS,
]);
const RESERVED: ReadonlySet<string> = new Set(
  Object.values(PROPERTY).filter((name) => !SETTABLE.has(name)),
);

/** Whether a user may not set `name` on a message of their own. */
export const isReservedProperty = (name: string): boolean => RESERVED.has(name);
