import { errorMessage, type Timer } from '../base/index.ts';
import { retryTopic } from '../message/index.ts';
import {
  type HeartbeatData,
  NotifyConsumerIdsChanged,
  type RemotingCommand,
  ResponseCode,
  responseOf,
  type SubscriptionData,
} from '../protocol/index.ts';
import { Assignment, type MessageModel } from './assignment.ts';
import { delay, within } from './call.ts';
import { CALL_TIMEOUT_MS, ClientCore, checkGroup } from './core.ts';
import { ClientError } from './errors.ts';
import { Handling, type MessageHandler } from './handling.ts';
import { OffsetCalls } from './offset-calls.ts';
import { type ClientOptions, type OptionRules, whereabouts } from './options.ts';
import { checkTopic } from './outgoing.ts';
import { Permits } from './permits.ts';
import { pullFrom } from './pull-call.ts';
import { QueueConsumer } from './queue-consumer.ts';
import { type ConsumeFromWhere, startOffset } from './start-offset.ts';
import { parseSubscription } from './subscription.ts';
import { queueKey } from './topic-route.ts';
import type { MessageQueue, PullResult } from './types.ts';

/** What a push consumer can be told besides where its servers are. */
export interface PushConsumerSettings {
  readonly consumerGroup: string;
  /** Share the queues with the other members, or consume all of them (default CLUSTERING). */
  readonly messageModel?: MessageModel;
  /** Where a group that has stored no offset begins (default CONSUME_FROM_LAST_OFFSET). */
  readonly consumeFromWhere?: ConsumeFromWhere;
  /** For CONSUME_FROM_TIMESTAMP, milliseconds since the epoch (default 30 minutes before the start). */
  readonly consumeTimestampMs?: number;
  /** Most messages of one pull (default 32, of a node in this process 1024; brokers have limits of their own). */
  readonly pullBatchSize?: number;
  /** Messages of one queue that may wait for the handler (default 1000, of a node in this process 4096). */
  readonly queueMessagesMax?: number;
  /** Body bytes of one queue, as they are stored, that may wait for the handler (default 100 MiB). */
  readonly queueBytesMax?: number;
  /** Handlers that run at once, each for another queue (default 20). */
  readonly handlersMax?: number;
  /** How long `close` waits for handlers that run (default 30,000). */
  readonly closeTimeoutMs?: number;
}

/** Options of a push consumer. */
export type PushConsumerOptions = ClientOptions & PushConsumerSettings;

/** Queues are shared out again this often, and whenever the group changes. */
export const REBALANCE_MS = 20_000;
/** While a topic or queue could not be taken over, it is tried again after this time; doubles up to REBALANCE_MS. */
export const REBALANCE_RETRY_MS = 1000;
/** Offsets are stored this often. */
export const COMMIT_MS = 5000;
/** How long a broker may hold a pull until a message arrives. */
export const SUSPEND_MS = 15_000;
/** Time for a pull, the broker's hold included. */
export const LONG_PULL_TIMEOUT_MS = 30_000;
/** How long a queue that is given away waits for its running handler before its offset is stored. */
const HAND_OVER_MS = 1000;
const QUEUE_MESSAGES_MAX = 1000;
const QUEUE_BYTES_MAX = 100 * 1024 * 1024;
const HANDLERS_MAX = 20;
const PULL_BATCH_SIZE = 32;
/** What goes with pulls that are answered with addresses: four of them may wait. */
const ADDRESSED_BATCH_SIZE = 1024;
const ADDRESSED_MESSAGES_MAX = 4 * ADDRESSED_BATCH_SIZE;
const CLOSE_TIMEOUT_MS = 30_000;
const TIMESTAMP_BACK_MS = 30 * 60_000;

const RULES: OptionRules = {
  messageModel: ['CLUSTERING', 'BROADCASTING'],
  consumeFromWhere: [
    'CONSUME_FROM_LAST_OFFSET',
    'CONSUME_FROM_FIRST_OFFSET',
    'CONSUME_FROM_TIMESTAMP',
  ],
  consumeTimestampMs: 'count',
  pullBatchSize: 'size',
  queueMessagesMax: 'limit',
  queueBytesMax: 'limit',
  handlersMax: 'limit',
  closeTimeoutMs: 'positive',
};

interface Subscribed {
  readonly data: SubscriptionData;
  readonly handler: MessageHandler | undefined;
}

/**
 * Receives messages: shares the queues of its topics with the other members of its group, reads them and calls handlers,
 * one message of a queue at a time. Brokers keep the group's offsets; in BROADCASTING mode offsets live as long as this object.
 * @example
 * const consumer = new PushConsumer({ namesrvAddr: '127.0.0.1:9876', consumerGroup: 'billing' });
 * consumer.subscribe('TopicTest', 'TagA || TagB', async (message) => console.log(message.body.toString()));
 * await consumer.start();
 */
export class PushConsumer {
  readonly #options: PushConsumerOptions;
  readonly #messageModel: MessageModel;
  readonly #core: ClientCore;
  readonly #offsets: OffsetCalls;
  readonly #assignment: Assignment;
  readonly #handling: Handling;
  readonly #subscriptions = new Map<string, Subscribed>();
  readonly #queues = new Map<string, QueueConsumer>();
  /** Where queues of a broadcasting consumer were left. */
  readonly #localOffsets = new Map<string, number>();
  readonly #timestampMs: number;
  #rebalancing: Promise<void> | undefined;
  #isRebalanceWanted = false;
  #retryMs = REBALANCE_RETRY_MS;
  #rebalanceTimer: Timer | undefined;
  #commitTimer: Timer | undefined;
  #isRunning = false;
  #closing: Promise<void> | undefined;

  /** @throws {ClientError} BAD_ARGUMENT */
  constructor(options: PushConsumerOptions) {
    whereabouts(options);
    const { consumerGroup, messageModel = 'CLUSTERING' } = options;
    checkGroup(consumerGroup);
    this.#options = options;
    this.#messageModel = messageModel;
    this.#core = new ClientCore(options, {
      rules: RULES,
      heartbeat: () => this.#heartbeat(),
      onRequest: (command) => this.#onRequest(command),
      onRouteChange: () => this.#rebalanceSoon(),
    });
    this.#offsets = new OffsetCalls(this.#core);
    this.#assignment = new Assignment(this.#core, consumerGroup, messageModel);
    this.#handling = new Handling({
      core: this.#core,
      consumerGroup,
      isSendBackAllowed: messageModel === 'CLUSTERING',
      permits: new Permits(options.handlersMax ?? HANDLERS_MAX),
      handlerOf: (topic) => this.#subscriptions.get(topic)?.handler,
    });
    const nowMs = this.#core.environment.clock.now();
    this.#timestampMs = options.consumeTimestampMs ?? nowMs - TIMESTAMP_BACK_MS;
    if (messageModel === 'CLUSTERING') this.#subscribe(retryTopic(consumerGroup), '*', undefined);
  }

  /** Id under which brokers know this client. */
  get clientId(): string {
    return this.#core.clientId;
  }

  /** Queues this member consumes now. */
  get messageQueues(): MessageQueue[] {
    return [...this.#queues.values()].map(({ queue }) => queue);
  }

  /**
   * Adds a topic, or replaces its tags and handler; also while running.
   * @param tags `*` for all, or tags joined by `||`
   * @throws {ClientError} BAD_ARGUMENT
   */
  subscribe(topic: string, tags: string, handler: MessageHandler): void {
    checkTopic(topic);
    this.#subscribe(topic, tags, handler);
    if (this.#isRunning) void this.#core.heartbeat().then(() => this.#rebalanceSoon());
  }

  /** Begins to consume; resolves when the queues have been shared out for the first time. */
  async start(): Promise<void> {
    this.#core.start();
    const bounds = { timeoutMs: CALL_TIMEOUT_MS };
    const topics = [...this.#subscriptions.keys()];
    await Promise.all(
      topics.map((topic) => this.#core.routes.existing(topic, bounds).catch(() => undefined)),
    );
    await this.#core.heartbeat();
    if (this.#closing !== undefined) return;
    this.#isRunning = true;
    this.#armCommit();
    this.#rebalanceSoon();
    await this.#rebalancing;
  }

  /** Takes no more messages, waits for handlers that run, stores offsets, leaves the group and closes connections. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #subscribe(topic: string, tags: string, handler: MessageHandler | undefined): void {
    const before = this.#subscriptions.get(topic)?.data.subVersion ?? 0;
    const version = Math.max(this.#core.environment.clock.now(), before + 1);
    this.#subscriptions.set(topic, { data: parseSubscription(topic, tags, version), handler });
  }

  #heartbeat(): Omit<HeartbeatData, 'clientID'> {
    const { consumerGroup, consumeFromWhere = 'CONSUME_FROM_LAST_OFFSET' } = this.#options;
    return {
      producerDataSet: [],
      consumerDataSet: [
        {
          groupName: consumerGroup,
          consumeType: 'CONSUME_PASSIVELY',
          messageModel: this.#messageModel,
          consumeFromWhere,
          subscriptionDataSet: [...this.#subscriptions.values()].map(({ data }) => data),
          unitMode: false,
        },
      ],
    };
  }

  #onRequest(command: RemotingCommand): RemotingCommand | undefined {
    if (command.code !== NotifyConsumerIdsChanged.code) return undefined;
    this.#rebalanceSoon();
    return responseOf(ResponseCode.SUCCESS);
  }

  /** Shares out again; a wish during a run leads to one more run. */
  #rebalanceSoon(): void {
    this.#isRebalanceWanted = true;
    if (this.#rebalancing !== undefined || !this.#isRunning) return;
    this.#rebalancing = this.#rebalance();
  }

  async #rebalance(): Promise<void> {
    this.#rebalanceTimer?.cancel();
    let isComplete = true;
    while (this.#isRebalanceWanted && this.#isRunning) {
      this.#isRebalanceWanted = false;
      const topics = [...this.#subscriptions.keys()];
      const results = await Promise.all(topics.map((topic) => this.#rebalanceTopic(topic)));
      isComplete = results.every((result) => result);
    }
    this.#rebalancing = undefined;
    if (!this.#isRunning) return;
    const delayMs = isComplete ? REBALANCE_MS : this.#retryMs;
    this.#retryMs = isComplete ? REBALANCE_RETRY_MS : Math.min(delayMs * 2, REBALANCE_MS);
    const again = (): void => this.#rebalanceSoon();
    this.#rebalanceTimer = this.#core.environment.scheduler.setTimer(delayMs, again, false);
  }

  /** True when every queue of the topic that is this member's is consumed. */
  async #rebalanceTopic(topic: string): Promise<boolean> {
    const queues = await this.#assignment.queuesOf(topic);
    if (queues === undefined) return false;
    const wanted = new Set(queues.map(queueKey));
    const dropped = [...this.#queues].filter(
      ([key, { queue }]) => queue.topic === topic && !wanted.has(key),
    );
    await Promise.all(dropped.map(([key, consumer]) => this.#drop(key, consumer)));
    const added = queues.filter((queue) => !this.#queues.has(queueKey(queue)));
    const results = await Promise.all(added.map((queue) => this.#add(queue)));
    return results.every((result) => result);
  }

  async #add(queue: MessageQueue): Promise<boolean> {
    try {
      const offset = await this.#offsetOf(queue);
      if (!this.#isRunning) return false;
      const { scheduler, logger } = this.#core.environment;
      const { queueMessagesMax, queueBytesMax } = this.#options;
      const consumer = new QueueConsumer({
        queue,
        startOffset: offset,
        scheduler,
        logger,
        messagesMax:
          queueMessagesMax ?? (this.#isAddressed ? ADDRESSED_MESSAGES_MAX : QUEUE_MESSAGES_MAX),
        bytesMax: queueBytesMax ?? QUEUE_BYTES_MAX,
        pull: (from, consumed, signal) => this.#pull(queue, from, consumed, signal),
        consume: (message, signal) => this.#handling.consume(message, signal),
      });
      this.#queues.set(queueKey(queue), consumer);
      consumer.start();
      return true;
    } catch (error) {
      const facts = { ...queue, error: errorMessage(error) };
      this.#core.environment.logger.warn(facts, 'a queue cannot be taken over now');
      return false;
    }
  }

  get #isAddressed(): boolean {
    return this.#core.remote.channel.bodiesOf !== undefined;
  }

  get #batchSize(): number {
    return this.#isAddressed ? ADDRESSED_BATCH_SIZE : PULL_BATCH_SIZE;
  }

  async #offsetOf(queue: MessageQueue): Promise<number> {
    const { consumerGroup, consumeFromWhere = 'CONSUME_FROM_LAST_OFFSET' } = this.#options;
    const bounds = { timeoutMs: CALL_TIMEOUT_MS };
    const stored =
      this.#messageModel === 'BROADCASTING'
        ? this.#localOffsets.get(queueKey(queue))
        : await this.#offsets.committed(consumerGroup, queue, bounds);
    if (stored !== undefined) return stored;
    return startOffset(this.#offsets, queue, consumeFromWhere, this.#timestampMs, bounds);
  }

  async #pull(
    queue: MessageQueue,
    queueOffset: number,
    consumedOffset: number,
    signal: AbortSignal,
  ): Promise<PullResult> {
    const { remote, routes, environment } = this.#core;
    const subscription = this.#subscriptions.get(queue.topic)?.data;
    if (subscription === undefined) throw new ClientError('CLOSED', 'the topic was left');
    const bounds = { timeoutMs: LONG_PULL_TIMEOUT_MS, signal };
    const address = await routes.addressOf(queue, bounds);
    const call = {
      consumerGroup: this.#options.consumerGroup,
      queue,
      queueOffset,
      maxMessages: this.#options.pullBatchSize ?? this.#batchSize,
      subscription,
      suspendMs: SUSPEND_MS,
      commitOffset: this.#messageModel === 'CLUSTERING' ? consumedOffset : undefined,
    };
    return pullFrom(remote, address, call, bounds, environment.logger);
  }

  /** Gives a queue away. A handler that runs gets a moment, so that its message need not be delivered twice. */
  async #drop(key: string, consumer: QueueConsumer): Promise<void> {
    this.#queues.delete(key);
    const { scheduler } = this.#core.environment;
    await Promise.race([consumer.stop(), delay(scheduler, HAND_OVER_MS)]);
    await this.#store(consumer);
  }

  /** Stores a queue's offset and waits for it. */
  async #store({ queue, consumedOffset }: QueueConsumer): Promise<void> {
    if (this.#messageModel === 'BROADCASTING') {
      this.#localOffsets.set(queueKey(queue), consumedOffset);
      return;
    }
    const bounds = { timeoutMs: CALL_TIMEOUT_MS };
    const { consumerGroup } = this.#options;
    await this.#offsets
      .commit(consumerGroup, queue, consumedOffset, bounds)
      .catch((error: unknown) => this.#warnNotStored(queue, error));
  }

  #armCommit(): void {
    if (this.#messageModel === 'BROADCASTING') return;
    const run = (): void => {
      for (const { queue, consumedOffset } of this.#queues.values()) {
        const bounds = { timeoutMs: CALL_TIMEOUT_MS };
        this.#offsets
          .tellCommit(this.#options.consumerGroup, queue, consumedOffset, bounds)
          .catch((error: unknown) => this.#warnNotStored(queue, error));
      }
      if (this.#isRunning) this.#armCommit();
    };
    this.#commitTimer = this.#core.environment.scheduler.setTimer(COMMIT_MS, run, false);
  }

  #warnNotStored(queue: MessageQueue, error: unknown): void {
    const facts = { ...queue, error: errorMessage(error) };
    this.#core.environment.logger.warn(facts, 'an offset was not stored');
  }

  async #close(): Promise<void> {
    this.#isRunning = false;
    this.#rebalanceTimer?.cancel();
    this.#commitTimer?.cancel();
    await this.#rebalancing;
    const consumers = [...this.#queues.values()];
    const { consumerGroup, closeTimeoutMs = CLOSE_TIMEOUT_MS } = this.#options;
    const stopped = Promise.all(consumers.map((consumer) => consumer.stop()));
    const bounds = { timeoutMs: closeTimeoutMs };
    await within(this.#core.environment.scheduler, stopped, bounds).catch(() => undefined);
    await Promise.all(consumers.map((consumer) => this.#store(consumer)));
    if (!this.#core.isClosed) await this.#core.unregister({ consumerGroup });
    this.#core.close();
  }
}
