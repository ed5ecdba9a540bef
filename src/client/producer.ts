import {
  batchItemBytesMax,
  createUniqueKeyMaker,
  encodeProperties,
  hostBytes,
  PROPERTY,
  SYS_FLAG,
  writeBatchItem,
} from '../message/index.ts';
import { ClientCore, checkGroup } from './core.ts';
import { ClientError } from './errors.ts';
import { type ClientOptions, type OptionRules, whereabouts } from './options.ts';
import {
  BODY_BYTES_MAX,
  bodyOf,
  bodyTooLarge,
  COMPRESS_BODY_BYTES_MIN,
  checkTopic,
  compressBody,
  propertiesTextOf,
} from './outgoing.ts';
import { PublishRoutes } from './publish-route.ts';
import { emptyContent, type SendContent, Sender, sendOnewayTo } from './send-call.ts';
import { chooseQueue, type SendOptions, type SendParts, SendTask } from './send-task.ts';
import { writableQueues } from './topic-route.ts';
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
  sendsInFlightMax: 'limit',
  compressBodyBytesMin: 'limit',
  defaultTopicQueueNums: 'size',
};

const NO_OPTIONS: SendOptions = {};
/** Tasks kept for later sends. */
const FREE_TASKS_MAX = 1024;
const BATCH_WAITS = encodeProperties([[PROPERTY.WAIT, 'true']]);
const BATCH_DOES_NOT_WAIT = encodeProperties([[PROPERTY.WAIT, 'false']]);

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
  readonly #producerGroup: string;
  readonly #parts: SendParts;
  readonly #nextUniqueKey: (nowMs?: number) => string;
  readonly #sendTimeoutMs: number;
  readonly #inFlightMax: number;
  readonly #compressBytesMin: number;
  readonly #idle: (() => void)[] = [];
  /** Of sends that have settled: a send allocates neither a task nor a content. */
  readonly #freeTasks: SendTask[] = [];
  /** What the promise made last gave its executor, which is one function for all: a send allocates no closure for it. */
  #resolve: (result: SendResult) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #inFlight = 0;
  #isClosing = false;

  /** @throws {ClientError} BAD_ARGUMENT */
  constructor(options: ProducerOptions) {
    whereabouts(options);
    checkGroup(options.producerGroup);
    const { producerGroup, defaultTopicQueueNums = DEFAULT_TOPIC_QUEUE_NUMS } = options;
    this.#producerGroup = producerGroup;
    this.#sendTimeoutMs = options.sendTimeoutMs ?? SEND_TIMEOUT_MS;
    this.#inFlightMax = options.sendsInFlightMax ?? SENDS_IN_FLIGHT_MAX;
    this.#compressBytesMin = options.compressBodyBytesMin ?? COMPRESS_BODY_BYTES_MIN;
    this.#core = new ClientCore(options, {
      rules: RULES,
      defaultTopicQueueNums,
      heartbeat: () => ({
        producerDataSet: [{ groupName: producerGroup }],
        consumerDataSet: [],
      }),
    });
    const { clock, random, host, processId } = this.#core.environment;
    const { remote, routes, instanceId } = this.#core;
    this.#parts = {
      sender: new Sender(remote.channel, producerGroup, defaultTopicQueueNums, clock),
      routes,
      publish: new PublishRoutes(random),
      retries: options.retryTimesWhenSendFailed ?? SEND_RETRIES,
      onEnd: (free) => this.#onEnd(free),
    };
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
   * Sends one message; resolves when the broker has stored it. The body must not be changed until then.
   * @throws {ClientError} any code of its table
   */
  send(message: OutgoingMessage, options: SendOptions = NO_OPTIONS): Promise<SendResult> {
    // hot path
    return this.#send(message, undefined, options);
  }

  /**
   * Sends messages of one topic in one request, into one queue; all of them are stored, or none. They are not compressed
   * and may have 4 MiB together.
   * @throws {ClientError} any code of its table
   */
  sendBatch(
    messages: readonly OutgoingMessage[],
    options: SendOptions = NO_OPTIONS,
  ): Promise<SendResult> {
    return this.#send(undefined, messages, options);
  }

  /** Sends one message without an answer; resolves when it is on its way, stored or not. */
  async sendOneway(message: OutgoingMessage, options: SendOptions = NO_OPTIONS): Promise<void> {
    this.#requireRoom();
    const content = emptyContent();
    this.#fill(content, message);
    const { timeoutMs = this.#sendTimeoutMs, signal } = options;
    this.#inFlight += 1;
    try {
      const bounds = { timeoutMs, avoided: undefined };
      const chosen = await chooseQueue(this.#parts, message, options, bounds);
      await sendOnewayTo(this.#parts.sender, chosen, content, signal);
    } finally {
      this.#onEnd();
    }
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
    await this.#core.unregister({ producerGroup: this.#producerGroup });
    this.#core.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  readonly #keepSettlers = (
    resolve: (result: SendResult) => void,
    reject: (error: unknown) => void,
  ): void => {
    this.#resolve = resolve;
    this.#reject = reject;
  };

  /** Sends `message`, or the messages of `batch`. */
  #send(
    message: OutgoingMessage | undefined,
    batch: readonly OutgoingMessage[] | undefined,
    options: SendOptions,
  ): Promise<SendResult> {
    // hot path
    const result = new Promise(this.#keepSettlers);
    const resolve = this.#resolve;
    const reject = this.#reject;
    try {
      this.#requireRoom();
      const { timeoutMs = this.#sendTimeoutMs } = options;
      const first = (batch === undefined ? message : batch[0]) as OutgoingMessage;
      const task = this.#freeTasks.pop() ?? new SendTask(this.#parts);
      if (batch === undefined) this.#fill(task.content, first);
      else this.#fillWithBatch(task.content, first, batch);
      this.#inFlight += 1;
      task.start(first, options, timeoutMs, resolve, reject);
    } catch (error) {
      reject(error);
    }
    return result;
  }

  /** Refuses what is more than the bounded number of sends under way. */
  #requireRoom(): void {
    // hot path
    if (this.#isClosing) throw new ClientError('CLOSED', 'the producer is closed');
    this.#core.requireStarted();
    if (this.#inFlight < this.#inFlightMax) return;
    const limit = this.#inFlightMax;
    throw new ClientError('TOO_MANY_IN_FLIGHT', `${limit} sends are under way already`, { limit });
  }

  #onEnd(free?: SendTask): void {
    // hot path
    if (free !== undefined && this.#freeTasks.length < FREE_TASKS_MAX) this.#freeTasks.push(free);
    this.#inFlight -= 1;
    if (this.#inFlight === 0 && this.#isClosing) {
      for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  #fill(content: SendContent, message: OutgoingMessage): void {
    // hot path
    const { topic, flag = 0 } = message;
    // A topic that has a route has a legal name.
    if (this.#parts.routes.known(topic) === undefined) checkTopic(topic);
    const raw = bodyOf(message);
    const nowMs = this.#parts.sender.clock.now();
    const uniqueKey = this.#nextUniqueKey(nowMs);
    content.propertiesText = propertiesTextOf(message, uniqueKey);
    content.topic = topic;
    content.flag = flag;
    content.uniqueKey = uniqueKey;
    content.bornTimestampMs = nowMs;
    content.isBatch = false;
    const isPlain = raw.length < this.#compressBytesMin;
    content.body = isPlain ? raw : compressBody(raw);
    content.sysFlag = isPlain ? 0 : SYS_FLAG.COMPRESSED;
  }

  #fillWithBatch(
    content: SendContent,
    first: OutgoingMessage | undefined,
    messages: readonly OutgoingMessage[],
  ): void {
    // hot path
    if (first === undefined) throw new ClientError('BAD_ARGUMENT', 'the batch is empty');
    const { topic, waitStoreMsgOk = true } = first;
    checkTopic(topic);
    const nowMs = this.#parts.sender.clock.now();
    const bodies: Buffer[] = [];
    const texts: string[] = [];
    let uniqueKeys = '';
    let bytesMax = 0;
    let bodyBytes = 0;
    for (const message of messages) {
      if (message.topic !== topic || (message.waitStoreMsgOk ?? true) !== waitStoreMsgOk) {
        const text = 'messages of a batch must agree in topic and waitStoreMsgOk';
        throw new ClientError('BAD_ARGUMENT', text, { topic });
      }
      const body = bodyOf(message);
      bodyBytes += body.length;
      if (bodyBytes > BODY_BYTES_MAX) throw bodyTooLarge(bodyBytes);
      const uniqueKey = this.#nextUniqueKey(nowMs);
      const text = propertiesTextOf(message, uniqueKey);
      bodies.push(body);
      texts.push(text);
      uniqueKeys += uniqueKeys === '' ? uniqueKey : `,${uniqueKey}`;
      bytesMax += batchItemBytesMax(body.length, text);
    }
    content.topic = topic;
    content.flag = 0;
    content.sysFlag = 0;
    content.body = batchBody(messages, bodies, texts, bytesMax);
    content.propertiesText = waitStoreMsgOk ? BATCH_WAITS : BATCH_DOES_NOT_WAIT;
    content.uniqueKey = uniqueKeys;
    content.bornTimestampMs = nowMs;
    content.isBatch = true;
  }
}

const batchBody = (
  messages: readonly OutgoingMessage[],
  bodies: readonly Buffer[],
  texts: readonly string[],
  bytesMax: number,
): Buffer => {
  // hot path
  const target = Buffer.allocUnsafe(bytesMax);
  let at = 0;
  for (let index = 0; index < bodies.length; index++) {
    const flag = messages[index]?.flag ?? 0;
    at = writeBatchItem(target, at, flag, bodies[index] as Buffer, texts[index] as string);
  }
  if (at > BODY_BYTES_MAX) throw bodyTooLarge(at);
  return target.subarray(0, at);
};
