import type { Clock, Random } from '../base/index.ts';
import {
  deadLetterTopic,
  isRetryTopic,
  isSendableTopic,
  isWritable,
  RETRY_TOPIC_PREFIX,
  topicNameFault,
} from '../message/index.ts';
import { type RequestView, ResponseCode, SLOT, type TopicConfig } from '../protocol/index.ts';
import type { BrokerParts } from './broker-parts.ts';
import { FAQ_SUFFIX, Refusal } from './refusal.ts';

/** First client version that says itself how often its messages may be retried (V3_4_9). */
const VERSION_WITH_RECONSUME_LIMIT = 121;

/**
 * Decides whether a send is taken, and into which queue: checks in RocketMQ's order, topics created on the way.
 * @source rocketmq 4.9.2 broker/processor/AbstractSendMessageProcessor.java msgCheck
 */
export class SendAdmission {
  readonly #parts: BrokerParts;
  readonly #clock: Clock;
  readonly #random: Random;
  /** Outcome of `admit`. */
  topic: TopicConfig | undefined;
  queueId = 0;

  constructor(parts: BrokerParts) {
    this.#parts = parts;
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  /**
   * Leaves the topic and queue in `topic` and `queueId`.
   * @throws {Refusal}
   */
  admit(view: RequestView, remoteAddress: string): TopicConfig {
    // hot path
    const { settings } = this.#parts;
    const fromMs = settings.startAcceptSendRequestTimeStamp;
    if (fromMs > 0 && this.#clock.now() < fromMs) throw this.#tooEarly();
    const missing = view.missingSendField();
    if (missing !== undefined) {
      throw new Refusal(ResponseCode.SYSTEM_ERROR, `the custom field <${missing}> is null`);
    }
    const name = view.string(SLOT.topic) ?? '';
    let topic = this.#parts.topics.get(name) ?? this.#create(view, name);
    if (!isSendableTopic(name)) {
      throw new Refusal(
        ResponseCode.NO_PERMISSION,
        `Sending message to topic[${name}] is forbidden.`,
      );
    }
    if (topic.order && !isWritable(settings.brokerPermission)) {
      const broker = settings.brokerIP1;
      throw new Refusal(
        ResponseCode.NO_PERMISSION,
        `the broker[${broker}] sending message is forbidden`,
      );
    }
    this.queueId = this.#queueOf(view, topic, remoteAddress);
    if (isRetryTopic(name)) topic = this.#retry(view, topic);
    this.topic = topic;
    return topic;
  }

  #create(view: RequestView, topic: string): TopicConfig {
    const fault = topicNameFault(topic);
    if (fault !== undefined) throw new Refusal(ResponseCode.SYSTEM_ERROR, fault);
    const created = this.#parts.topics.getOrCreate({
      topic,
      defaultTopic: view.string(SLOT.defaultTopic) ?? '',
      defaultTopicQueueNums: view.int(SLOT.defaultTopicQueueNums, 0),
      isUnitMode: view.boolean(SLOT.unitMode),
    });
    if (created !== undefined) return created;
    if (isRetryTopic(topic)) return this.#parts.topics.getOrCreatePlain(topic, 1);
    throw new Refusal(
      ResponseCode.TOPIC_NOT_EXIST,
      `topic[${topic}] not exist, apply first please!${FAQ_SUFFIX}`,
    );
  }

  #queueOf(view: RequestView, topic: TopicConfig, remoteAddress: string): number {
    // hot path
    const queueId = view.int(SLOT.queueId, 0);
    if (queueId < 0 && topic.writeQueueNums > 0) return this.#random.below(topic.writeQueueNums);
    if (queueId >= 0 && (queueId < topic.writeQueueNums || queueId < topic.readQueueNums)) {
      return queueId;
    }
    throw new Refusal(
      ResponseCode.SYSTEM_ERROR,
      `request queueId[${queueId}] is illegal, ${topicText(topic)} Producer: ${remoteAddress}`,
    );
  }

  /** A message that a consumer sent back itself: past its last retry it goes to the dead-letter topic. */
  #retry(view: RequestView, topic: TopicConfig): TopicConfig {
    const groupName = topic.topicName.slice(RETRY_TOPIC_PREFIX.length);
    const group = this.#parts.groups.getOrCreate(groupName);
    if (group === undefined) {
      throw new Refusal(
        ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
        `subscription group not exist, ${groupName}${FAQ_SUFFIX}`,
      );
    }
    const limit =
      view.version >= VERSION_WITH_RECONSUME_LIMIT
        ? view.int(SLOT.maxReconsumeTimes, group.retryMaxTimes)
        : group.retryMaxTimes;
    if (view.int(SLOT.reconsumeTimes, 0) < limit) return topic;
    this.queueId = 0;
    return this.#parts.topics.getOrCreatePlain(deadLetterTopic(groupName), 1);
  }

  #tooEarly(): Refusal {
    const fromMs = this.#parts.settings.startAcceptSendRequestTimeStamp;
    return new Refusal(
      ResponseCode.SYSTEM_ERROR,
      `broker unable to service, until ${new Date(fromMs).toISOString()}`,
    );
  }
}

const topicText = (topic: TopicConfig): string =>
  `TopicConfig [topicName=${topic.topicName}, readQueueNums=${topic.readQueueNums}, ` +
  `writeQueueNums=${topic.writeQueueNums}, perm=${topic.perm}]`;
