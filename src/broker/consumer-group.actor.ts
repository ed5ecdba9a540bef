import { defineActor } from '../actors/index.ts';
import { type Clock, type Logger, unreachable } from '../base/index.ts';
import { parseTagExpression, type TagFilter } from '../filter/index.ts';
import {
  type ConsumerData,
  NotifyConsumerIdsChanged,
  ResponseCode,
  requestCommand,
  type SubscriptionData,
} from '../protocol/index.ts';
import type { Peer } from '../transport/index.ts';
import { CLIENT_EXPIRY_MS } from './broker-limits.ts';
import type {
  AdmitWork,
  ClientFacts,
  ConsumerGroupMessage,
  GroupView,
  OffsetWork,
} from './consumer-group-messages.ts';
import type { ConsumerOffsetTable, QueueOffsets } from './consumer-offset-table.ts';

/** What a group actor is given. */
export interface ConsumerGroupConfig {
  readonly consumerGroup: string;
  readonly offsets: ConsumerOffsetTable;
  /** Called when a client is no longer a member, so that its queue leases end. */
  readonly onLeave: (clientId: string) => void;
}

interface Member extends ClientFacts {
  seenMs: number;
}

interface Subscription {
  readonly data: SubscriptionData;
  readonly filter: TagFilter | undefined;
}

const TAG = 'TAG';
const BROADCASTING = 'BROADCASTING';

/**
 * One consumer group: its members, what they subscribe to, and how far they have consumed.
 *
 * G1: offsets live in the offset table, whose part for this group only this actor writes; a restart finds them there.
 * G2: members are told of every change of membership (unless notification is off), and of nothing else.
 * @source rocketmq 4.9.2 broker/client/ConsumerGroupInfo.java, ConsumerManager.java
 */
class ConsumerGroup {
  readonly #config: ConsumerGroupConfig;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #offsets: Map<string, QueueOffsets>;
  readonly #members = new Map<Peer, Member>();
  readonly #subscriptions = new Map<string, Subscription>();
  #consumeType: ConsumerData['consumeType'] = 'CONSUME_PASSIVELY';
  #messageModel: ConsumerData['messageModel'] = 'CLUSTERING';
  #consumeFromWhere: ConsumerData['consumeFromWhere'] = 'CONSUME_FROM_LAST_OFFSET';

  constructor(config: ConsumerGroupConfig, clock: Clock, logger: Logger) {
    this.#config = config;
    this.#clock = clock;
    this.#logger = logger;
    this.#offsets = config.offsets.group(config.consumerGroup); // G1
  }

  receive(message: ConsumerGroupMessage): void {
    // hot path
    switch (message.kind) {
      case 'admit':
        this.#admit(message);
        return;
      case 'offset':
        this.#offset(message);
        return;
      case 'view':
        message.view = this.#view();
        return;
      case 'heartbeat':
        this.#heartbeat(message.client, message.data, message.isNotified);
        return;
      case 'leave':
        this.#leave(message.peer, message.isNotified);
        return;
      case 'expire':
        this.#expire();
        return;
      default:
        unreachable(message);
    }
  }

  inspect(): object {
    return { members: this.#members.size, topics: this.#subscriptions.size };
  }

  #admit(work: AdmitWork): void {
    // hot path
    work.code = ResponseCode.SUCCESS;
    if (!work.hasSubscription) this.#checkSubscription(work);
    if (work.code === ResponseCode.SUCCESS && work.commitOffset >= 0) {
      this.#commit(work.topic, work.queueId, work.commitOffset);
    }
  }

  #checkSubscription(work: AdmitWork): void {
    if (this.#members.size === 0) {
      work.code = ResponseCode.SUBSCRIPTION_NOT_EXIST;
      work.remark = 'the consumer group info is not exist';
      return;
    }
    if (!work.isBroadcastAllowed && this.#messageModel === BROADCASTING) {
      work.code = ResponseCode.NO_PERMISSION;
      work.remark = `the consumer group[${this.#config.consumerGroup}] can not consume by broadcast way`;
      return;
    }
    const subscription = this.#subscriptions.get(work.topic);
    if (subscription === undefined) {
      work.code = ResponseCode.SUBSCRIPTION_NOT_EXIST;
      work.remark = 'the consumer does not subscribe this topic';
      return;
    }
    if (subscription.data.subVersion < work.subVersion) {
      work.code = ResponseCode.SUBSCRIPTION_NOT_LATEST;
      work.remark = "the consumer's subscription is not the latest one";
      return;
    }
    work.filter = subscription.filter;
  }

  #offset(work: OffsetWork): void {
    if (work.commitOffset >= 0) this.#commit(work.topic, work.queueId, work.commitOffset);
    else work.queueOffset = this.#offsets.get(work.topic)?.get(work.queueId) ?? -1;
  }

  #commit(topic: string, queueId: number, queueOffset: number): void {
    let queues = this.#offsets.get(topic);
    if (queues === undefined) {
      queues = new Map();
      this.#offsets.set(topic, queues);
    }
    if (queues.get(queueId) === queueOffset) return;
    queues.set(queueId, queueOffset); // RocketMQ accepts a smaller one too: that is how tools reset a group.
    this.#config.offsets.touch();
  }

  #view(): GroupView {
    return {
      members: [...this.#members.values()],
      consumeType: this.#consumeType,
      messageModel: this.#messageModel,
      consumeFromWhere: this.#consumeFromWhere,
      subscriptions: new Map([...this.#subscriptions].map(([topic, { data }]) => [topic, data])),
    };
  }

  #heartbeat(client: ClientFacts, data: ConsumerData, isNotified: boolean): void {
    this.#consumeType = data.consumeType;
    this.#messageModel = data.messageModel;
    this.#consumeFromWhere = data.consumeFromWhere;
    const isNew = this.#register(client);
    const isChanged = this.#subscribe(data.subscriptionDataSet);
    if (isNotified && (isNew || isChanged)) this.#notify(); // G2
  }

  #register(client: ClientFacts): boolean {
    const seenMs = this.#clock.monotonicMs();
    const known = this.#members.get(client.peer);
    if (known?.clientId === client.clientId) {
      known.seenMs = seenMs;
      return false;
    }
    this.#members.set(client.peer, { ...client, seenMs });
    return true;
  }

  #subscribe(subscriptions: readonly SubscriptionData[]): boolean {
    let isChanged = false;
    const topics = new Set(subscriptions.map((data) => data.topic));
    for (const data of subscriptions) {
      const known = this.#subscriptions.get(data.topic);
      if (known !== undefined && known.data.subVersion >= data.subVersion) continue;
      // A change of the text alone is no change of membership: only a new topic is told to the members.
      isChanged ||= known === undefined;
      this.#subscriptions.set(data.topic, { data, filter: filterOf(data) });
    }
    for (const topic of this.#subscriptions.keys()) {
      if (topics.has(topic)) continue;
      this.#subscriptions.delete(topic);
      isChanged = true;
    }
    return isChanged;
  }

  #leave(peer: Peer, isNotified: boolean): void {
    const member = this.#members.get(peer);
    if (member === undefined) return;
    this.#members.delete(peer);
    if (this.#members.size === 0) this.#subscriptions.clear();
    this.#config.onLeave(member.clientId);
    if (isNotified) this.#notify(); // G2
  }

  #expire(): void {
    const oldestMs = this.#clock.monotonicMs() - CLIENT_EXPIRY_MS;
    for (const member of this.#members.values()) {
      if (member.seenMs >= oldestMs) continue;
      this.#logger.warn(
        { consumerGroup: this.#config.consumerGroup, clientId: member.clientId },
        'consumer was silent for too long; its connection is closed',
      );
      member.peer.close(); // Its `onClose` makes it leave every group.
    }
  }

  #notify(): void {
    const { consumerGroup } = this.#config;
    for (const { peer } of this.#members.values()) {
      peer.oneway(requestCommand(NotifyConsumerIdsChanged, { consumerGroup }));
    }
  }
}

const filterOf = (data: SubscriptionData): TagFilter | undefined =>
  data.expressionType === TAG ? (parseTagExpression(data.subString) ?? undefined) : undefined;

/** Owns one consumer group. */
export const consumerGroupActor = defineActor<ConsumerGroupConfig, ConsumerGroupMessage>({
  name: 'consumer-group',
  start(config, context) {
    const group = new ConsumerGroup(config, context.clock, context.logger);
    return {
      receive: (message) => group.receive(message),
      inspect: () => group.inspect(),
    };
  },
});
