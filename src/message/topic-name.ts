/** Longest topic name; a V1 record stores its length in a signed byte. */
export const TOPIC_BYTES_MAX = 127;
/** Longest group name. */
export const GROUP_BYTES_MAX = 255;

/**
 * Topics RocketMQ itself uses.
 * @source rocketmq 4.9.2 common/topic/TopicValidator.java
 */
export const SYSTEM_TOPIC = {
  /** Template of topics that are created by their first message. */
  AUTO_CREATE_TEMPLATE: 'TBW102',
  SCHEDULE: 'SCHEDULE_TOPIC_XXXX',
  BENCHMARK: 'BenchmarkTest',
  TRANSACTION_HALF: 'RMQ_SYS_TRANS_HALF_TOPIC',
  TRANSACTION_OPERATION: 'RMQ_SYS_TRANS_OP_HALF_TOPIC',
  TRANSACTION_CHECK_MAX_TIME: 'TRANS_CHECK_MAX_TIME_TOPIC',
  TRACE: 'RMQ_SYS_TRACE_TOPIC',
  SELF_TEST: 'SELF_TEST_TOPIC',
  OFFSET_MOVED_EVENT: 'OFFSET_MOVED_EVENT',
} as const;

/** Every topic whose name begins so is a system topic. */
export const SYSTEM_TOPIC_PREFIX = 'rmq_sys_';
/** What retry topics begin with; the group follows. */
export const RETRY_TOPIC_PREFIX = '%RETRY%';
/** What dead-letter topics begin with; the group follows. */
export const DEAD_LETTER_TOPIC_PREFIX = '%DLQ%';
const REPLY_TOPIC_SUFFIX = '_REPLY_TOPIC';

const SYSTEM_TOPICS: ReadonlySet<string> = new Set(Object.values(SYSTEM_TOPIC));
/** A client may send to every other topic. */
const NOT_SENDABLE: ReadonlySet<string> = new Set([SYSTEM_TOPIC.SCHEDULE]);
/** Groups that exist on each broker. */
export const SYSTEM_GROUPS = [
  'TOOLS_CONSUMER',
  'FILTERSRV_CONSUMER',
  'SELF_TEST_C_GROUP',
  'CID_ONS-HTTP-PROXY',
  'CID_ONSAPI_PULL',
  'CID_ONSAPI_PERMISSION',
  'CID_ONSAPI_OWNER',
] as const;
/** Groups whose name begins so are created without being asked for. */
export const SYSTEM_GROUP_PREFIX = 'CID_RMQ_SYS_';

const LEGAL_NAME = /^[%|a-zA-Z0-9_-]+$/;
const LEGAL_TEXT = '^[%|a-zA-Z0-9_-]+$';

/** Topic of a group's messages that are to be delivered again. */
export const retryTopic = (group: string): string => RETRY_TOPIC_PREFIX + group;
/** Topic of a group's messages that were given up. */
export const deadLetterTopic = (group: string): string => DEAD_LETTER_TOPIC_PREFIX + group;
/** Topic of replies in a cluster. */
export const replyTopic = (cluster: string): string => cluster + REPLY_TOPIC_SUFFIX;
/** Whether `topic` is some group's retry topic. */
export const isRetryTopic = (topic: string): boolean => topic.startsWith(RETRY_TOPIC_PREFIX);
/** Whether `topic` is some group's dead-letter topic. */
export const isDeadLetterTopic = (topic: string): boolean =>
  topic.startsWith(DEAD_LETTER_TOPIC_PREFIX);

/** Fixed system topics only: a broker adds its cluster's, its own, its reply and its trace topic's name. */
export const isSystemTopic = (topic: string): boolean =>
  SYSTEM_TOPICS.has(topic) || topic.startsWith(SYSTEM_TOPIC_PREFIX);

/** Whether clients may send to `topic`. */
export const isSendableTopic = (topic: string): boolean => !NOT_SENDABLE.has(topic);

/**
 * What is wrong with a topic name, in RocketMQ's words; `undefined` for a legal one. A legal name is a safe folder name.
 * @source rocketmq 4.9.2 common/topic/TopicValidator.java validateTopic
 */
export function topicNameFault(topic: string | undefined): string | undefined {
  if (topic === undefined || topic.trim() === '') return 'The specified topic is blank.';
  if (!LEGAL_NAME.test(topic)) {
    return `The specified topic contains illegal characters, allowing only ${LEGAL_TEXT}`;
  }
  if (topic.length > TOPIC_BYTES_MAX) {
    return 'The specified topic is longer than topic max length.';
  }
  return undefined;
}

/**
 * What is wrong with a group name, in RocketMQ's words; `undefined` for a legal one.
 * @source rocketmq 4.9.2 client/Validators.java checkGroup
 */
export function groupNameFault(group: string | undefined): string | undefined {
  if (group === undefined || group.trim() === '') return 'the specified group is blank';
  if (group.length > GROUP_BYTES_MAX) {
    return `the specified group is longer than group max length ${GROUP_BYTES_MAX}.`;
  }
  if (!LEGAL_NAME.test(group)) {
    return `the specified group[${group}] contains illegal characters, allowing only ${LEGAL_TEXT}`;
  }
  return undefined;
}
