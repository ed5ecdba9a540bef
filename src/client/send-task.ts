import { errorCode } from '../base/index.ts';
import type { RequestView } from '../protocol/index.ts';
import { transportFailure } from './call.ts';
import { ClientError } from './errors.ts';
import type { ChosenQueue, PublishRoute, PublishRoutes } from './publish-route.ts';
import type { Routes } from './routes.ts';
import {
  callSend,
  emptyContent,
  isSendRetryable,
  NO_BODY,
  readSendResult,
  type SendContent,
  type Sender,
  sendTo,
} from './send-call.ts';
import type { CallOptions, MessageQueue, OutgoingMessage, SendResult } from './types.ts';

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

/** What the sends of one producer share. */
export interface SendParts {
  readonly sender: Sender;
  readonly routes: Routes;
  readonly publish: PublishRoutes;
  /** Further attempts after a failure that allows it. */
  readonly retries: number;
  /** A send has settled. Its task may be used again where it is given. */
  readonly onEnd: (free?: SendTask) => void;
}

const NO_MESSAGE: OutgoingMessage = { topic: '', body: '' };
const NO_OPTIONS: SendOptions = {};
const settleNothing = (): void => undefined;

/**
 * One send on its way. Where the route is known and nothing fails it is one call and one promise; all else (routes to be
 * asked for, aborts, attempts on other queues) takes the slower way around.
 * S1: `resolve` or `reject` is called once, and `onEnd` with it.
 * S2: a task is given away for another send only after its one call was answered: nobody else knows of it then.
 */
export class SendTask {
  /** Filled in by whoever starts the task. */
  readonly content: SendContent = emptyContent();
  readonly #parts: SendParts;
  #message = NO_MESSAGE;
  #options = NO_OPTIONS;
  #resolve: (result: SendResult) => void = settleNothing;
  #reject: (error: unknown) => void = settleNothing;
  #deadlineMs = 0;
  #chosen: ChosenQueue | undefined;

  constructor(parts: SendParts) {
    this.#parts = parts;
  }

  /** Begins to send `content`; never throws. */
  start(
    message: OutgoingMessage,
    options: SendOptions,
    timeoutMs: number,
    resolve: (result: SendResult) => void,
    reject: (error: unknown) => void,
  ): void {
    // hot path
    this.#message = message;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    const { sender, routes, publish } = this.#parts;
    this.#deadlineMs = sender.clock.monotonicMs() + timeoutMs;
    const route = routes.known(this.content.topic);
    if (route === undefined || options.signal !== undefined) {
      this.#goAround(0, undefined);
      return;
    }
    try {
      const chosen = this.#choose(publish.of(route), undefined);
      this.#chosen = chosen;
      callSend(sender, chosen, this.content, timeoutMs, this.#onAnswer);
    } catch (error) {
      this.#fail(error);
    }
  }

  readonly #onAnswer = (error: Error | undefined, view?: RequestView): void => {
    // hot path
    const chosen = this.#chosen as ChosenQueue;
    let result: SendResult;
    try {
      if (view === undefined)
        throw transportFailure(error ?? new Error('no response'), chosen.address);
      result = readSendResult(chosen, this.content, view);
    } catch (failure) {
      this.#afterFailure(failure, chosen.queue.brokerName);
      return;
    }
    const resolve = this.#resolve;
    this.#forget();
    this.#parts.onEnd(this); // S1, S2
    resolve(result);
  };

  /** Holds nothing of the send any more. */
  #forget(): void {
    // hot path
    this.content.body = NO_BODY;
    this.content.propertiesText = '';
    this.content.uniqueKey = '';
    this.#message = NO_MESSAGE;
    this.#options = NO_OPTIONS;
    this.#resolve = settleNothing;
    this.#reject = settleNothing;
  }

  #afterFailure(error: unknown, brokerName: string): void {
    if (this.#mayRetry(error, 0)) this.#goAround(1, brokerName);
    else this.#fail(error);
  }

  #goAround(retried: number, avoided: string | undefined): void {
    this.#attempts(retried, avoided).then(
      (result) => {
        this.#parts.onEnd(); // S1
        this.#resolve(result);
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #fail(error: unknown): void {
    this.#parts.onEnd(); // S1
    this.#reject(error);
  }

  async #attempts(first: number, avoidedFirst: string | undefined): Promise<SendResult> {
    const { sender } = this.#parts;
    let avoided = avoidedFirst;
    for (let retried = first; ; retried++) {
      const chosen = await chooseQueue(this.#parts, this.#message, this.#options, {
        timeoutMs: this.#remainingMs,
        avoided,
      });
      try {
        const bounds = { timeoutMs: this.#remainingMs, signal: this.#options.signal };
        return await sendTo(sender, chosen, this.content, bounds);
      } catch (error) {
        if (!this.#mayRetry(error, retried)) throw error;
        avoided = chosen.queue.brokerName;
      }
    }
  }

  #mayRetry(error: unknown, retried: number): boolean {
    const { messageQueue, queueSelector } = this.#options;
    const isFixed = messageQueue !== undefined || queueSelector !== undefined;
    if (isFixed || retried >= this.#parts.retries) return false;
    const hasTime = this.#parts.sender.clock.monotonicMs() < this.#deadlineMs;
    return hasTime && isSendRetryable(error, errorCode(error));
  }

  get #remainingMs(): number {
    return Math.max(1, this.#deadlineMs - this.#parts.sender.clock.monotonicMs());
  }

  #choose(publish: PublishRoute, avoided: string | undefined): ChosenQueue {
    // hot path
    return chooseFrom(this.#parts, publish, this.#message, this.#options, avoided);
  }
}

/**
 * The queue a message goes to, and its master; asks for the route where it is not known.
 * @throws {ClientError} NO_QUEUE, BAD_ARGUMENT and what asking for a route throws
 */
export const chooseQueue = async (
  parts: Pick<SendParts, 'routes' | 'publish'>,
  message: OutgoingMessage,
  options: SendOptions,
  { timeoutMs, avoided }: { readonly timeoutMs: number; readonly avoided: string | undefined },
): Promise<ChosenQueue> => {
  const { routes, publish } = parts;
  const route = await routes.forSending(message.topic, { timeoutMs, signal: options.signal });
  return chooseFrom(parts, publish.of(route), message, options, avoided);
};

const chooseFrom = (
  { routes }: Pick<SendParts, 'routes'>,
  publish: PublishRoute,
  message: OutgoingMessage,
  { messageQueue, queueSelector }: SendOptions,
  avoided: string | undefined,
): ChosenQueue => {
  // hot path
  const { topic } = message;
  const named = messageQueue ?? queueSelector?.(publish.queues, message);
  if (named !== undefined && named.topic !== topic) {
    throw new ClientError('BAD_ARGUMENT', `the queue is not one of ${topic}`, { ...named });
  }
  const chosen = named === undefined ? publish.next(avoided) : publish.at(named);
  if (chosen !== undefined) return chosen;
  routes.forget(topic);
  throw new ClientError('NO_QUEUE', `${topic} has no queue that can be written`, { topic });
};
