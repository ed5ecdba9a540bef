import { isReadable, PULL_FLAG } from '../../message/index.ts';
import {
  type RequestView,
  ResponseCode,
  SLOT,
  type TopicConfig,
  wireName,
} from '../../protocol/index.ts';
import type { Peer } from '../../transport/index.ts';
import { PULL_WAIT_MS_MAX } from '../broker-limits.ts';
import type { BrokerParts } from '../broker-parts.ts';
import { AdmitWork } from '../consumer-group-messages.ts';
import { ExpressionCache } from '../expression-cache.ts';
import type { OffsetMovedEvents } from '../offset-moved-events.ts';
import type { PullAnswer } from '../pull-answer.ts';
import { PullWork } from '../pull-work.ts';
import { busy, FAQ_SUFFIX, Refusal } from '../refusal.ts';

const TAG = 'TAG';
/** Fields each pull must have, in the order in which their absence is reported. */
const REQUIRED_SLOTS = [
  SLOT.consumerGroup,
  SLOT.topic,
  SLOT.queueId,
  SLOT.queueOffset,
  SLOT.maxMsgNums,
  SLOT.sysFlag,
  SLOT.commitOffset,
  SLOT.suspendTimeoutMillis,
  SLOT.subVersion,
];
const REQUIRED_MASK = REQUIRED_SLOTS.reduce((mask, slot) => mask | (1 << slot), 0);

/**
 * Serves pulls: codes 11 and 361.
 * @source rocketmq 4.9.2 broker/processor/PullMessageProcessor.java
 */
export class PullProcessor {
  readonly #parts: BrokerParts;
  readonly #answer: PullAnswer;
  readonly #moved: OffsetMovedEvents;
  readonly #admit = new AdmitWork();
  readonly #pull = new PullWork();
  readonly #expressions = new ExpressionCache();

  constructor(parts: BrokerParts, answer: PullAnswer, moved: OffsetMovedEvents) {
    this.#parts = parts;
    this.#answer = answer;
    this.#moved = moved;
  }

  /** @throws {Refusal} */
  process(view: RequestView, peer: Peer): void {
    // hot path
    if ((view.present & REQUIRED_MASK) !== REQUIRED_MASK) throw fieldMissing(view);
    const consumerGroup = view.string(SLOT.consumerGroup) ?? '';
    const topicName = view.string(SLOT.topic) ?? '';
    const queueId = view.int(SLOT.queueId, 0);
    this.#check(consumerGroup, topicName, queueId, peer);
    const sysFlag = view.int(SLOT.sysFlag, 0);
    const filter = this.#subscribe(view, consumerGroup, topicName, queueId, sysFlag);
    const pull = this.#pull;
    pull.peer = peer;
    pull.opaque = view.opaque;
    pull.headerType = view.headerType;
    pull.queueOffset = view.int64(SLOT.queueOffset, 0);
    pull.maxMessages = view.int(SLOT.maxMsgNums, 0);
    pull.filter = filter;
    pull.waitUntilMs = (sysFlag & PULL_FLAG.SUSPEND) === 0 ? 0 : this.#waitUntil(view);
    if (!this.#parts.queues.get(topicName, queueId).run(pull)) throw busy();
    if (this.#answer.code === ResponseCode.PULL_OFFSET_MOVED) {
      const { nextBeginOffset } = this.#answer.result;
      this.#moved.publish(consumerGroup, topicName, queueId, pull.queueOffset, nextBeginOffset);
    }
  }

  #check(consumerGroup: string, topicName: string, queueId: number, peer: Peer): void {
    // hot path
    const { settings, groups, topics } = this.#parts;
    if (!isReadable(settings.brokerPermission)) {
      throw new Refusal(
        ResponseCode.NO_PERMISSION,
        `the broker[${settings.brokerIP1}] pulling message is forbidden`,
      );
    }
    const group = groups.getOrCreate(consumerGroup);
    if (group === undefined) {
      throw new Refusal(
        ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
        `subscription group [${consumerGroup}] does not exist, ${FAQ_SUFFIX}`,
      );
    }
    if (!group.consumeEnable) {
      throw new Refusal(
        ResponseCode.NO_PERMISSION,
        `subscription group no permission, ${consumerGroup}`,
      );
    }
    this.#admit.isBroadcastAllowed = group.consumeBroadcastEnable;
    const topic = topics.get(topicName);
    if (topic === undefined) {
      throw new Refusal(
        ResponseCode.TOPIC_NOT_EXIST,
        `topic[${topicName}] not exist, apply first please!${FAQ_SUFFIX}`,
      );
    }
    checkReadable(topic, queueId, peer);
  }

  #subscribe(
    view: RequestView,
    consumerGroup: string,
    topic: string,
    queueId: number,
    sysFlag: number,
  ): PullWork['filter'] {
    // hot path
    const admit = this.#admit;
    admit.topic = topic;
    admit.queueId = queueId;
    admit.hasSubscription = (sysFlag & PULL_FLAG.SUBSCRIPTION) !== 0;
    admit.subVersion = view.int64(SLOT.subVersion, 0);
    admit.commitOffset =
      (sysFlag & PULL_FLAG.COMMIT_OFFSET) === 0 ? -1 : view.int64(SLOT.commitOffset, -1);
    admit.filter = undefined;
    const type = view.string(SLOT.expressionType);
    if (type !== undefined && type !== TAG && type.trim() !== '') throw sqlRefused(type);
    if (admit.hasSubscription) {
      const filter = this.#expressions.get(view.string(SLOT.subscription) ?? '');
      if (filter === null) throw badSubscription();
      admit.filter = filter;
    }
    if (!this.#parts.consumerGroups.get(consumerGroup).run(admit)) throw busy();
    if (admit.code !== ResponseCode.SUCCESS) throw new Refusal(admit.code, admit.remark);
    return admit.filter;
  }

  #waitUntil(view: RequestView): number {
    const { settings, clock } = this.#parts;
    const asked = settings.longPollingEnable
      ? view.int64(SLOT.suspendTimeoutMillis, 0)
      : settings.shortPollingTimeMills;
    return clock.monotonicMs() + Math.min(Math.max(asked, 1), PULL_WAIT_MS_MAX);
  }
}

const fieldMissing = (view: RequestView): Refusal => {
  const slot = REQUIRED_SLOTS.find((required) => !view.has(required)) ?? SLOT.consumerGroup;
  const remark = `the custom field <${wireName(slot, view.code)}> is null`;
  return new Refusal(ResponseCode.SYSTEM_ERROR, remark);
};

const checkReadable = (topic: TopicConfig, queueId: number, peer: Peer): void => {
  // hot path
  if (!isReadable(topic.perm)) {
    throw new Refusal(
      ResponseCode.NO_PERMISSION,
      `the topic[${topic.topicName}] pulling message is forbidden`,
    );
  }
  if (queueId < 0 || queueId >= topic.readQueueNums) {
    throw new Refusal(
      ResponseCode.SYSTEM_ERROR,
      `queueId[${queueId}] is illegal, topic:[${topic.topicName}] topicConfig.readQueueNums:[${topic.readQueueNums}] consumer:[${peer.remoteAddress}]`,
    );
  }
};

const sqlRefused = (type: string): Refusal =>
  new Refusal(
    ResponseCode.SYSTEM_ERROR,
    `The broker does not support consumer to filter message by ${type}`,
  );

const badSubscription = (): Refusal =>
  new Refusal(ResponseCode.SUBSCRIPTION_PARSE_FAILED, "parse the consumer's subscription failed");
