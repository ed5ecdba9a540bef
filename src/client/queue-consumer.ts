import { errorMessage, type Logger, type Scheduler } from '../base/index.ts';
import { delay } from './call.ts';
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
  /** Messages and body bytes of the queue that may wait for the handler; nothing is pulled beyond. */
  readonly messagesMax: number;
  readonly bytesMax: number;
  /** Reads the queue; may wait for messages. */
  pull(queueOffset: number, consumedOffset: number, signal: AbortSignal): Promise<PullResult>;
  /** Handles a message until that has succeeded; rejects only when `signal` was triggered. */
  consume(message: ReceivedMessage, signal: AbortSignal): Promise<void>;
}

/**
 * Consumes one queue: pulls ahead of the handler, hands messages over one by one, and knows how far it got.
 * Q1: `consumedOffset` never passes a message that was not handled.
 */
export class QueueConsumer {
  readonly queue: MessageQueue;
  readonly #parts: QueueConsumerParts;
  readonly #stopping = new AbortController();
  readonly #waiting: ReceivedMessage[] = [];
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
    return this.#waiting.length;
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
    const { signal } = this.#stopping;
    while (!this.#isStopped) {
      try {
        const from = this.#pullOffset;
        const result = await this.#parts.pull(from, this.#consumedOffset, signal);
        if (!this.#isStopped) this.#accept(result);
        if (this.#isFull && !this.#isStopped) await this.#room();
        const isStuck = result.status !== 'NO_NEW_MSG' && this.#pullOffset === from;
        if (isStuck) await delay(this.#parts.scheduler, NO_PROGRESS_MS, signal);
      } catch (error) {
        if (this.#isStopped) return;
        const { logger, scheduler } = this.#parts;
        logger.warn({ ...this.queue, error: errorMessage(error) }, 'a pull failed');
        await delay(scheduler, PULL_RETRY_MS, signal).catch(() => undefined);
      }
    }
  }

  #accept({ nextBeginOffset, messages }: PullResult): void {
    this.#pullOffset = nextBeginOffset;
    for (const message of messages) {
      this.#waiting.push(message);
      this.#waitingBytes += message.body.length;
    }
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#drained = this.#drain();
  }

  async #drain(): Promise<void> {
    try {
      for (let message = this.#waiting[0]; message !== undefined; message = this.#waiting[0]) {
        if (this.#isStopped) return;
        await this.#parts.consume(message, this.#stopping.signal);
        this.#consumedOffset = message.queueOffset + 1; // Q1
        this.#waiting.shift();
        this.#waitingBytes -= message.body.length;
        if (!this.#isFull) this.#onRoom?.();
      }
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

  get #isFull(): boolean {
    const { messagesMax, bytesMax } = this.#parts;
    return this.#waiting.length >= messagesMax || this.#waitingBytes >= bytesMax;
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
