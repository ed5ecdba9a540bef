import { errorMessage } from '../base/index.ts';
import { addressText, parseOffsetMessageId } from '../message/index.ts';
import { ViewMessageById } from '../protocol/index.ts';
import type { RequestBounds } from './call.ts';
import { CALL_TIMEOUT_MS, ClientCore, checkGroup } from './core.ts';
import { ClientError } from './errors.ts';
import { receivedMessages } from './incoming.ts';
import { OffsetCalls } from './offset-calls.ts';
import { type ClientOptions, whereabouts } from './options.ts';
import { pullFrom } from './pull-call.ts';
import { parseSubscription } from './subscription.ts';
import { readableQueues } from './topic-route.ts';
import type { CallOptions, MessageQueue, PullResult, ReceivedMessage } from './types.ts';

/** What a pull consumer can be told besides where its servers are. */
export interface PullConsumerSettings {
  readonly consumerGroup: string;
}

/** Options of a pull consumer. */
export type PullConsumerOptions = ClientOptions & PullConsumerSettings;

/** Settings of one pull. */
export interface PullOptions extends CallOptions {
  /** Most messages to return (default 32; brokers have limits of their own). */
  readonly maxMessages?: number;
  /** Tag expression such as `TagA || TagB` (default all). */
  readonly tags?: string;
  /** How long the broker may wait for a message to arrive; 0: it answers at once (default 0). */
  readonly suspendMs?: number;
}

/** Time for a pull the broker answers at once. */
export const PULL_TIMEOUT_MS = 10_000;
const MAX_MESSAGES = 32;

/**
 * Reads queues where the application says, and leaves the rest to it: which queues, from where, how often. It joins no
 * group: `consumerGroup` names the offsets it reads and stores.
 */
export class PullConsumer {
  readonly #core: ClientCore;
  readonly #consumerGroup: string;
  readonly #offsets: OffsetCalls;

  /** @throws {ClientError} BAD_ARGUMENT */
  constructor(options: PullConsumerOptions) {
    whereabouts(options);
    checkGroup(options.consumerGroup);
    this.#consumerGroup = options.consumerGroup;
    // No heartbeat: it would make this client a member of the group, and members are given queues.
    this.#core = new ClientCore(options, {});
    this.#offsets = new OffsetCalls(this.#core);
  }

  /** Id under which brokers know this client. */
  get clientId(): string {
    return this.#core.clientId;
  }

  /** Begins; connections are made by the first call. */
  async start(): Promise<void> {
    this.#core.start();
  }

  /** Queues of a topic that can be read, in order. */
  async fetchMessageQueues(topic: string, options: CallOptions = {}): Promise<MessageQueue[]> {
    return readableQueues(await this.#core.routes.existing(topic, this.#bounds(options)));
  }

  /** Reads a queue from `queueOffset` on. */
  async pull(
    messageQueue: MessageQueue,
    queueOffset: number,
    options: PullOptions = {},
  ): Promise<PullResult> {
    const { maxMessages = MAX_MESSAGES, tags = '*', suspendMs = 0 } = options;
    const bounds = this.#bounds(options, PULL_TIMEOUT_MS + suspendMs);
    const { clock, logger } = this.#core.environment;
    const subscription = parseSubscription(messageQueue.topic, tags, clock.now());
    const address = await this.#core.routes.addressOf(messageQueue, bounds);
    const call = {
      consumerGroup: this.#consumerGroup,
      queue: messageQueue,
      queueOffset,
      maxMessages,
      subscription,
      suspendMs,
    };
    return pullFrom(this.#core.remote, address, call, bounds, logger);
  }

  /** The oldest offset that can be read. */
  async minOffset(messageQueue: MessageQueue, options: CallOptions = {}): Promise<number> {
    return this.#offsets.min(messageQueue, this.#bounds(options));
  }

  /** The offset the next message will get. */
  async maxOffset(messageQueue: MessageQueue, options: CallOptions = {}): Promise<number> {
    return this.#offsets.max(messageQueue, this.#bounds(options));
  }

  /** The offset of the first message stored at or after `timestampMs`. */
  async searchOffset(
    messageQueue: MessageQueue,
    timestampMs: number,
    options: CallOptions = {},
  ): Promise<number> {
    return this.#offsets.byTime(messageQueue, timestampMs, this.#bounds(options));
  }

  /** What this group has stored for a queue; `undefined` where the broker knows nothing. */
  async committedOffset(
    messageQueue: MessageQueue,
    options: CallOptions = {},
  ): Promise<number | undefined> {
    return this.#offsets.committed(this.#consumerGroup, messageQueue, this.#bounds(options));
  }

  /** Stores this group's offset of a queue on its broker: the next message to read. */
  async commitOffset(
    messageQueue: MessageQueue,
    queueOffset: number,
    options: CallOptions = {},
  ): Promise<void> {
    const bounds = this.#bounds(options);
    return this.#offsets.commit(this.#consumerGroup, messageQueue, queueOffset, bounds);
  }

  /**
   * The message an offset message id (`SendResult.offsetMsgId`) names.
   * @throws {ClientError} BAD_ARGUMENT for an id of another kind; REFUSED where the broker has no such message
   */
  async viewMessage(offsetMsgId: string, options: CallOptions = {}): Promise<ReceivedMessage> {
    const bounds = this.#bounds(options);
    const { address, commitLogOffset } = locate(offsetMsgId);
    const header = { offset: commitLogOffset };
    const { body } = await this.#core.remote.call(ViewMessageById, address, header, bounds);
    const [message] = receivedMessages(body, { brokerName: '' }, this.#core.environment.logger);
    if (message !== undefined) return message;
    throw new ClientError('BAD_RESPONSE', `${address} answered without a message`, { address });
  }

  /** Closes connections; calls under way fail with CLOSED. */
  async close(): Promise<void> {
    this.#core.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #bounds({ timeoutMs, signal }: CallOptions, fallbackMs = CALL_TIMEOUT_MS): RequestBounds {
    this.#core.requireStarted();
    return { timeoutMs: timeoutMs ?? fallbackMs, signal };
  }
}

const locate = (offsetMsgId: string): { address: string; commitLogOffset: number } => {
  try {
    const { host, port, commitLogOffset } = parseOffsetMessageId(offsetMsgId);
    return { address: addressText(host, port), commitLogOffset };
  } catch (error) {
    throw new ClientError('BAD_ARGUMENT', errorMessage(error), { offsetMsgId }, error);
  }
};
