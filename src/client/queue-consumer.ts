import { errorMessage, type Logger, type Scheduler } from '../base/index.ts';
import { delay } from './call.ts';
import { StoredMessage } from './stored-message.ts';
import type { MessageQueue, PullResult, ReceivedMessage } from './types.ts';

/** Pause after a pull that failed. */
export const PULL_RETRY_MS = 3000;
/** Pause after a pull that neither waited nor got anywhere, so that a confused broker is not asked without end. */
export const NO_PROGRESS_MS = 1000;

/** What one queue's consumption is made of. */
export interface QueueConsumerParts {
  readonly queue: MessageQueue;
  readonly startOffset: number;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Messages, and bytes of their bodies as they are stored, that may wait for the handler; nothing is pulled beyond. */
  readonly messagesMax: number;
  readonly bytesMax: number;
  /** Reads the queue; may wait for messages. */
  pull(queueOffset: number, consumedOffset: number, signal: AbortSignal): Promise<PullResult>;
  /** Handles a message until that has succeeded, at once or later; rejects only when `signal` was triggered. */
  consume(message: ReceivedMessage, signal: AbortSignal): Promise<void> | undefined;
}

/**
 * Consumes one queue: pulls ahead of the handler, hands messages over one by one, and knows how far it got.
 * Q1: `consumedOffset` never passes a message that was not handled.
 */
export class QueueConsumer {
  readonly queue: MessageQueue;
  readonly #parts: QueueConsumerParts;
  readonly #stopping = new AbortController();
  /** Messages from `#first` on. */
  #waiting: ReceivedMessage[] = [];
  #first = 0;
  #waitingBytes = 0;
  #pullOffset: number;
  #consumedOffset: number;
  #isDraining = false;
  #drained: Promise<void> = Promise.resolve();
  #onRoom: (() => void) | undefined;

  constructor(parts: QueueConsumerParts) {
    this.#parts = parts;
    this.queue = parts.queue;
    this.#pullOffset = parts.startOffset;
    this.#consumedOffset = parts.startOffset;
  }

  /** The next message to be handled: what may be stored as the group's offset. */
  get consumedOffset(): number {
    return this.#consumedOffset;
  }

  /** Messages pulled and not yet handled. */
  get waitingMessages(): number {
    return this.#waiting.length - this.#first;
  }

  start(): void {
    void this.#pullLoop();
  }

  /** Pulls and hands over no more; resolves when the handler that runs, if any, has returned. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#onRoom?.();
    await this.#drained;
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #pullLoop(): Promise<void> {
    let pulling = this.#pull();
    while (!this.#isStopped) {
      try {
        const from = this.#pullOffset;
        const result = await pulling;
        if (this.#isStopped) return;
        this.#accept(result);
        const isStuck = result.status !== 'NO_NEW_MSG' && this.#pullOffset === from;
        const isNextAtOnce = !isStuck && !this.#isFull;
        // The broker looks for the next messages while these are handled.
        if (isNextAtOnce) pulling = this.#pull();
        this.#drainOn();
        if (isNextAtOnce) continue;
        if (this.#isFull && !this.#isStopped) await this.#room();
        if (isStuck) await delay(this.#parts.scheduler, NO_PROGRESS_MS, this.#stopping.signal);
      } catch (error) {
        if (this.#isStopped) return;
        const { logger, scheduler } = this.#parts;
        logger.warn({ ...this.queue, error: errorMessage(error) }, 'a pull failed');
        await delay(scheduler, PULL_RETRY_MS, this.#stopping.signal).catch(() => undefined);
      }
      if (this.#isStopped) return;
      pulling = this.#pull();
    }
  }

  #pull(): Promise<PullResult> {
    const pulling = this.#parts.pull(this.#pullOffset, this.#consumedOffset, this.#stopping.signal);
    // It may fail while messages are handled; the loop hears of it when it waits.
    pulling.catch(() => undefined);
    return pulling;
  }

  #accept({ nextBeginOffset, messages }: PullResult): void {
    // hot path
    this.#pullOffset = nextBeginOffset;
    if (this.#first > this.#parts.messagesMax) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    for (const message of messages) {
      this.#waiting.push(message);
      this.#waitingBytes += bytesOf(message);
    }
  }

  #drainOn(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#drained = this.#drain();
  }

  async #drain(): Promise<void> {
    const { signal } = this.#stopping;
    try {
      while (this.#first < this.#waiting.length) {
        if (signal.aborted) return;
        const message = this.#waiting[this.#first] as ReceivedMessage;
        const work = this.#parts.consume(message, signal);
        if (work !== undefined) await work;
        this.#settle(message);
      }
      this.#waiting = [];
      this.#first = 0;
      // What was left out between the last message and here is done as well.
      this.#consumedOffset = this.#pullOffset; // Q1
    } catch (error) {
      if (!this.#isStopped) {
        this.#parts.logger.error({ ...this.queue, error: errorMessage(error) }, 'a queue stands');
      }
    } finally {
      this.#isDraining = false;
    }
  }

  #settle(message: ReceivedMessage): void {
    // hot path
    this.#consumedOffset = message.queueOffset + 1; // Q1
    this.#first += 1;
    this.#waitingBytes -= bytesOf(message);
    if (this.#onRoom !== undefined && !this.#isFull) this.#onRoom();
  }

  get #isFull(): boolean {
    const { messagesMax, bytesMax } = this.#parts;
    return this.waitingMessages >= messagesMax || this.#waitingBytes >= bytesMax;
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRoom = () => {
        this.#onRoom = undefined;
        resolve();
      };
    });
  }
}

/** What a message counts for: its body as it is stored. */
const bytesOf = (message: ReceivedMessage): number =>
  message instanceof StoredMessage ? message.storedBodyBytes : message.body.length;
