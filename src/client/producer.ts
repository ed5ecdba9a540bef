import { errorCode } from '../base/index.ts';
import {
  createUniqueKeyMaker,
  encodeBatch,
  encodeProperties,
  hostBytes,
  PROPERTY,
} from '../message/index.ts';
import { ClientCore, checkGroup } from './core.ts';
import { ClientError } from './errors.ts';
import { type ClientOptions, type OptionRules, whereabouts } from './options.ts';
import {
  BODY_BYTES_MAX,
  bodyTooLarge,
  COMPRESS_BODY_BYTES_MIN,
  type PreparedMessage,
  prepareMessage,
} from './outgoing.ts';
import { QueuePicker } from './queue-picker.ts';
import {
  isSendRetryable,
  type SendContent,
  type Sender,
  sendOnewayTo,
  sendTo,
} from './send-call.ts';
import { masterAddress, type TopicRoute, writableQueues } from './topic-route.ts';
import type { CallOptions, MessageQueue, OutgoingMessage, SendResult } from './types.ts';

/** What a producer can be told besides where its servers are. */
export interface ProducerSettings {
  readonly producerGroup: string;
  /** Time for a whole send, retries included (default 3000). */
  readonly sendTimeoutMs?: number;
  /** Further attempts on other queues after a failure that allows it (default 2). */
  readonly retryTimesWhenSendFailed?: number;
  /** Sends under way at once; one more fails with TOO_MANY_IN_FLIGHT (default 10,000). */
  readonly sendsInFlightMax?: number;
  /** Bodies of at least so many bytes are compressed (default 4096; Infinity: none). */
  readonly compressBodyBytesMin?: number;
  /** Queues of a topic that its first message creates (default 4). */
  readonly defaultTopicQueueNums?: number;
}

/** Options of a producer. */
export type ProducerOptions = ClientOptions & ProducerSettings;

/** Settings of one send. */
export interface SendOptions extends CallOptions {
  /** Chooses the queue; the send is then not repeated on another one. */
  readonly queueSelector?: (
    queues: readonly MessageQueue[],
    message: OutgoingMessage,
  ) => MessageQueue;
  /** The queue to use; the send is then not repeated on another one. */
  readonly messageQueue?: MessageQueue;
}

/** Default of `sendTimeoutMs`. */
export const SEND_TIMEOUT_MS = 3000;
/** Default of `sendsInFlightMax`. */
export const SENDS_IN_FLIGHT_MAX = 10_000;
/** Default of `retryTimesWhenSendFailed`. */
export const SEND_RETRIES = 2;
/** Default of `defaultTopicQueueNums`. */
export const DEFAULT_TOPIC_QUEUE_NUMS = 4;

const RULES: OptionRules = {
  sendTimeoutMs: 'positive',
  retryTimesWhenSendFailed: 'count',
  sendsInFlightMax: 'positive',
  compressBodyBytesMin: 'positive',
  defaultTopicQueueNums: 'positive',
};

interface ChosenQueue {
  readonly queue: MessageQueue;
  readonly address: string;
}

/**
 * Sends messages. Sends may overlap; each settles by itself.
 * @example
 * const producer = new Producer({ namesrvAddr: '127.0.0.1:9876', producerGroup: 'orders' });
 * await producer.start();
 * const { msgId } = await producer.send({ topic: 'TopicTest', body: 'hello' });
 * await producer.close();
 */
export class Producer {
  readonly #core: ClientCore;
  readonly #options: ProducerOptions;
  readonly #sender: Sender;
  readonly #picker: QueuePicker;
  readonly #nextUniqueKey: () => string;
  /** Writable queues by route: a route is asked for its queues by every send and changes rarely. */
  readonly #writable = new WeakMap<TopicRoute, readonly MessageQueue[]>();
  readonly #idle: (() => void)[] = [];
  #inFlight = 0;
  #isClosing = false;

  /** @throws {ClientError} BAD_ARGUMENT */
  constructor(options: ProducerOptions) {
    whereabouts(options);
    checkGroup(options.producerGroup);
    const { producerGroup, defaultTopicQueueNums = DEFAULT_TOPIC_QUEUE_NUMS } = options;
    this.#options = options;
    this.#core = new ClientCore(options, {
      rules: RULES,
      defaultTopicQueueNums,
      heartbeat: () => ({
        producerDataSet: [{ groupName: producerGroup }],
        consumerDataSet: [],
      }),
    });
    const { clock, random, host, processId } = this.#core.environment;
    const { remote, instanceId } = this.#core;
    this.#sender = { remote, producerGroup, defaultTopicQueueNums, nowMs: () => clock.now() };
    this.#picker = new QueuePicker(random);
    this.#nextUniqueKey = createUniqueKeyMaker({
      clock,
      host: hostBytes(host),
      processId,
      instanceId,
    });
  }

  /** Id under which brokers know this client. */
  get clientId(): string {
    return this.#core.clientId;
  }

  /** Sends under way. */
  get sendsInFlight(): number {
    return this.#inFlight;
  }

  /** Begins; connections are made by the first send. */
  async start(): Promise<void> {
    this.#core.start();
  }

  /**
   * Sends one message; resolves when the broker has stored it.
   * @throws {ClientError} any code of its table
   */
  send(message: OutgoingMessage, options: SendOptions = {}): Promise<SendResult> {
    return this.#admitted(() => {
      const content = { ...this.#prepare(message), isBatch: false };
      return this.#sendContent(content, message, options);
    });
  }

  /**
   * Sends messages of one topic in one request, into one queue; all of them are stored, or none. They are not compressed
   * and may have 4 MiB together.
   * @throws {ClientError} any code of its table
   */
  sendBatch(messages: readonly OutgoingMessage[], options: SendOptions = {}): Promise<SendResult> {
    return this.#admitted(() => {
      const [first] = messages;
      if (first === undefined) throw new ClientError('BAD_ARGUMENT', 'the batch is empty');
      return this.#sendContent(this.#batchContent(first, messages), first, options);
    });
  }

  /** Sends one message without an answer; resolves when it is on its way, stored or not. */
  sendOneway(message: OutgoingMessage, options: SendOptions = {}): Promise<void> {
    return this.#admitted(async () => {
      const content = { ...this.#prepare(message), isBatch: false };
      const { timeoutMs = this.#sendTimeoutMs, signal } = options;
      const { queue, address } = await this.#choose(message, options, timeoutMs, undefined);
      await sendOnewayTo(this.#sender, queue, address, content, signal);
    });
  }

  /**
   * Queues of a topic that can be written, in order.
   * @throws {ClientError} TOPIC_NOT_FOUND, NAMESRV_UNREACHABLE, TIMEOUT, ABORTED
   */
  async fetchPublishQueues(topic: string, options: CallOptions = {}): Promise<MessageQueue[]> {
    this.#core.requireStarted();
    const { timeoutMs = this.#sendTimeoutMs, signal } = options;
    return writableQueues(await this.#core.routes.forSending(topic, { timeoutMs, signal }));
  }

  /** Refuses further sends, waits for those under way, leaves the group and closes connections. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    if (this.#core.isClosed) return;
    await this.#core.unregister({ producerGroup: this.#options.producerGroup });
    this.#core.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #sendTimeoutMs(): number {
    return this.#options.sendTimeoutMs ?? SEND_TIMEOUT_MS;
  }

  /** Runs a send as one of the bounded number under way. */
  async #admitted<T>(run: () => Promise<T>): Promise<T> {
    if (this.#isClosing) throw new ClientError('CLOSED', 'the producer is closed');
    this.#core.requireStarted();
    const limit = this.#options.sendsInFlightMax ?? SENDS_IN_FLIGHT_MAX;
    if (this.#inFlight >= limit) {
      const text = `${limit} sends are under way already`;
      throw new ClientError('TOO_MANY_IN_FLIGHT', text, { limit });
    }
    this.#inFlight += 1;
    try {
      return await run();
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  #prepare(message: OutgoingMessage, isBatchItem = false): PreparedMessage {
    const { compressBodyBytesMin = COMPRESS_BODY_BYTES_MIN } = this.#options;
    return prepareMessage(message, {
      uniqueKey: this.#nextUniqueKey(),
      compressBodyBytesMin: isBatchItem ? Number.POSITIVE_INFINITY : compressBodyBytesMin,
    });
  }

  #batchContent(first: OutgoingMessage, messages: readonly OutgoingMessage[]): SendContent {
    const { topic, waitStoreMsgOk = true } = first;
    const items = messages.map((message) => {
      if (message.topic !== topic || (message.waitStoreMsgOk ?? true) !== waitStoreMsgOk) {
        const text = 'messages of a batch must agree in topic and waitStoreMsgOk';
        throw new ClientError('BAD_ARGUMENT', text, { topic });
      }
      return this.#prepare(message, true);
    });
    const body = encodeBatch(items);
    if (body.length > BODY_BYTES_MAX) throw bodyTooLarge(body.length);
    return {
      topic,
      flag: 0,
      sysFlag: 0,
      body,
      propertiesText: encodeProperties([[PROPERTY.WAIT, String(waitStoreMsgOk)]]),
      uniqueKey: items.map(({ uniqueKey }) => uniqueKey).join(','),
      isBatch: true,
    };
  }

  async #sendContent(
    content: SendContent,
    message: OutgoingMessage,
    options: SendOptions,
  ): Promise<SendResult> {
    const { clock } = this.#core.environment;
    const { timeoutMs = this.#sendTimeoutMs, signal } = options;
    const isFixed = options.messageQueue !== undefined || options.queueSelector !== undefined;
    const retries = isFixed ? 0 : (this.#options.retryTimesWhenSendFailed ?? SEND_RETRIES);
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    const remainingMs = (): number => Math.max(1, deadlineMs - clock.monotonicMs());
    let avoided: string | undefined;
    for (let retried = 0; ; retried++) {
      const { queue, address } = await this.#choose(message, options, remainingMs(), avoided);
      try {
        const bounds = { timeoutMs: remainingMs(), signal };
        return await sendTo(this.#sender, queue, address, content, bounds);
      } catch (error) {
        const hasTime = clock.monotonicMs() < deadlineMs;
        if (retried >= retries || !hasTime || !isSendRetryable(error, errorCode(error)))
          throw error;
        avoided = queue.brokerName;
      }
    }
  }

  async #choose(
    message: OutgoingMessage,
    { messageQueue, queueSelector, signal }: SendOptions,
    timeoutMs: number,
    avoided: string | undefined,
  ): Promise<ChosenQueue> {
    const { topic } = message;
    const route = await this.#core.routes.forSending(topic, { timeoutMs, signal });
    const queues = this.#queuesOf(route);
    const queue =
      messageQueue ??
      (queueSelector ? queueSelector(queues, message) : this.#picker.pick(queues, avoided));
    if (queue !== undefined && queue.topic !== topic) {
      throw new ClientError('BAD_ARGUMENT', `the queue is not one of ${topic}`, { ...queue });
    }
    const address = queue && masterAddress(route, queue.brokerName);
    if (queue === undefined || address === undefined) {
      this.#core.routes.forget(topic);
      throw new ClientError('NO_QUEUE', `${topic} has no queue that can be written`, { topic });
    }
    return { queue, address };
  }

  #queuesOf(route: TopicRoute): readonly MessageQueue[] {
    const known = this.#writable.get(route);
    if (known !== undefined) return known;
    const queues = writableQueues(route);
    this.#writable.set(route, queues);
    return queues;
  }
}
