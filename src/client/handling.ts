import { errorMessage } from '../base/index.ts';
import { isRetryTopic, PROPERTY } from '../message/index.ts';
import { ConsumerSendMsgBack } from '../protocol/index.ts';
import { delay } from './call.ts';
import { CALL_TIMEOUT_MS, type ClientCore } from './core.ts';
import { ClientError } from './errors.ts';
import type { Permits } from './permits.ts';
import { StoredMessage } from './stored-message.ts';
import type { ReceivedMessage } from './types.ts';

/** What a handler is told besides the message. */
export interface HandlerContext {
  /** Triggered when the queue is given to another consumer or this one is closed: the message will be delivered again. */
  readonly signal: AbortSignal;
}

/** Handles one message; a throw or rejection means that it must be delivered again. */
export type MessageHandler = (
  message: ReceivedMessage,
  context: HandlerContext,
) => void | Promise<void>;

/** Pause before a message that failed, and could not be sent back, is handled again; doubles with each failure. */
export const LOCAL_RETRY_MS_MIN = 1000;
/** Longest such pause. There is no limit to the number: a message is never skipped. */
export const LOCAL_RETRY_MS_MAX = 30_000;
/** Deliveries after which a broker gives a message up to the dead letter topic. */
const RECONSUME_TIMES_MAX = 16;

/** What handling is made of. */
export interface HandlingParts {
  readonly core: ClientCore;
  readonly consumerGroup: string;
  /** Whether a broker may deliver a failed message again; otherwise it is retried here. */
  readonly isSendBackAllowed: boolean;
  readonly permits: Permits;
  readonly handlerOf: (topic: string) => MessageHandler | undefined;
}

/** Hands messages to the application until each is handled or back at its broker. */
export class Handling {
  readonly #parts: HandlingParts;
  /** Of the last call: most follow one of the same queue. */
  #context: HandlerContext | undefined;

  constructor(parts: HandlingParts) {
    this.#parts = parts;
  }

  /**
   * Handles a message: returns nothing where the handler has done it when it returned; otherwise resolves when the message
   * is done, and rejects only when `signal` was triggered.
   */
  consume(stored: ReceivedMessage, signal: AbortSignal): Promise<void> | undefined {
    // hot path
    const message = withRealTopic(stored);
    const { permits } = this.#parts;
    if (signal.aborted || !permits.tryTake()) return this.#persist(stored, message, signal);
    let work: unknown;
    try {
      work = this.#call(message, signal);
    } catch (error) {
      permits.give();
      return this.#persist(stored, message, signal, reasonOf(error));
    }
    if (isThenable(work)) return this.#await(stored, message, signal, work);
    permits.give();
    return undefined;
  }

  /** Waits for a handler that runs and holds a permit. */
  async #await(
    stored: ReceivedMessage,
    message: ReceivedMessage,
    signal: AbortSignal,
    work: PromiseLike<unknown>,
  ): Promise<void> {
    let failure: unknown;
    try {
      await work;
      return;
    } catch (error) {
      failure = reasonOf(error);
    } finally {
      this.#parts.permits.give();
    }
    await this.#persist(stored, message, signal, failure);
  }

  /** Calls the handler until it succeeds or the broker takes the message back; the first failure may be known. */
  async #persist(
    stored: ReceivedMessage,
    message: ReceivedMessage,
    signal: AbortSignal,
    failure?: unknown,
  ): Promise<void> {
    const { scheduler, logger } = this.#parts.core.environment;
    let known = failure;
    for (let pauseMs = LOCAL_RETRY_MS_MIN; ; pauseMs = Math.min(pauseMs * 2, LOCAL_RETRY_MS_MAX)) {
      const error = known ?? (await this.#attempt(message, signal));
      known = undefined;
      if (error === undefined) return;
      const { topic, msgId, reconsumeTimes } = message;
      const facts = { topic, msgId, reconsumeTimes, error: errorMessage(error) };
      logger.warn(facts, 'a message was not handled');
      if (signal.aborted) throw error;
      if (this.#parts.isSendBackAllowed && (await this.#sendBack(stored, topic))) return;
      await delay(scheduler, pauseMs, signal);
    }
  }

  async #attempt(message: ReceivedMessage, signal: AbortSignal): Promise<unknown> {
    try {
      await this.#parts.permits.run(() => {
        if (signal.aborted) throw new ClientError('ABORTED', 'the queue was given away');
        return this.#call(message, signal);
      });
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }

  #call(message: ReceivedMessage, signal: AbortSignal): void | Promise<void> {
    // hot path
    const handler = this.#parts.handlerOf(message.topic);
    if (handler !== undefined) return handler(message, this.#contextOf(signal));
    throw new ClientError('BAD_ARGUMENT', `no handler for ${message.topic}`);
  }

  #contextOf(signal: AbortSignal): HandlerContext {
    // hot path
    if (this.#context?.signal !== signal) this.#context = { signal };
    return this.#context;
  }

  /** True when the broker took the message back: it delivers it again, after a while. */
  async #sendBack(message: ReceivedMessage, originTopic: string): Promise<boolean> {
    const { core, consumerGroup } = this.#parts;
    const bounds = { timeoutMs: CALL_TIMEOUT_MS };
    try {
      const address = await core.routes.addressOf(message, bounds);
      const header = {
        offset: message.commitLogOffset,
        group: consumerGroup,
        delayLevel: 0,
        originMsgId: message.msgId,
        originTopic,
        unitMode: false,
        maxReconsumeTimes: RECONSUME_TIMES_MAX,
      };
      await core.remote.call(ConsumerSendMsgBack, address, header, bounds);
      return true;
    } catch (error) {
      const facts = { msgId: message.msgId, error: errorMessage(error) };
      core.environment.logger.debug(facts, 'a message cannot be sent back; it is retried here');
      return false;
    }
  }
}

const reasonOf = (error: unknown): unknown =>
  error ?? new Error('the handler rejected without a reason');

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  'then' in value &&
  typeof value.then === 'function';

/** A message of the group's retry topic is shown under the topic it was sent to. */
const withRealTopic = (message: ReceivedMessage): ReceivedMessage => {
  // hot path
  if (!isRetryTopic(message.topic)) return message;
  const topic = message.properties.get(PROPERTY.RETRY_TOPIC);
  if (topic === undefined) return message;
  return message instanceof StoredMessage ? message.withTopic(topic) : { ...message, topic };
};
