import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { assert, type Clock } from '../base/index.ts';
import { DOORBELL_BYTES, PARKED_WORD } from './layout.ts';

/** What the consumer's side of a doorbell needs; a producer's side needs nothing. */
export interface DoorbellConsumer {
  /** Looks at everything a producer may have published, in shared memory (`!reader.isEmpty`). Called often. */
  readonly hasWork: () => boolean;
  readonly clock: Clock;
  /**
   * How long to look before sleeping, microseconds; default 2. Zero on a thread that runs an application, more only on
   * a thread that owns its core.
   */
  readonly spinUs?: number;
  /** False lets the thread end while it is parked (default true). */
  readonly keepAlive?: boolean;
}

/** How long a consumer looks for work before it parks, where it does not say. */
export const DOORBELL_SPIN_US = 2;
/** Looks between two readings of the clock, which costs more than a look. */
const LOOKS_PER_CLOCK = 16;
/** Ends a spin on a clock that stands still: more readings than fit in a microsecond. */
const CLOCK_READINGS_PER_US = 64;

// TypeScript's ES2023 library does not know waitAsync yet; Node 20 has it.
interface AsyncAtomics {
  waitAsync(
    words: Int32Array,
    word: number,
    value: number,
  ): { readonly async: false } | { readonly async: true; readonly value: Promise<string> };
}
const { waitAsync } = Atomics as unknown as AsyncAtomics;

/**
 * Wakes one consumer thread that sleeps because all its rings are empty. There is one doorbell for each consumer thread,
 * shared by all its producers. A producer publishes and then calls `ring`; a consumer drains its rings and then parks.
 * R6 and R7 in `layout.ts` say why no wake-up is lost and why a running consumer costs its producers one load.
 *
 * @thread any: one consumer, many producers
 */
export class Doorbell {
  private readonly words: Int32Array;
  private readonly consumer: DoorbellConsumer | undefined;
  private readonly spinUs: number;
  private onWake: (() => void) | undefined;
  /** True while a waitAsync promise is pending. There is never a second one: each would stay until the next wake-up. */
  private isWaiting = false;
  private isClosed = false;
  private handle: MessagePort | undefined;
  private readonly woken = (): void => {
    this.isWaiting = false;
    const onWake = this.onWake;
    this.onWake = undefined;
    onWake?.();
  };

  constructor(memory: SharedArrayBuffer, consumer?: DoorbellConsumer) {
    assert(memory.byteLength === DOORBELL_BYTES, 'the memory is that of a doorbell');
    this.words = new Int32Array(memory);
    this.consumer = consumer;
    this.spinUs = consumer?.spinUs ?? DOORBELL_SPIN_US;
  }

  /**
   * Makes the memory of a doorbell.
   * @thread any
   */
  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(DOORBELL_BYTES);
  }

  /**
   * Wakes the consumer if it is parked. Call it after publishing, once for each read event or batch. Returns true when
   * there was somebody to wake.
   * @thread producer
   */
  ring(): boolean {
    // hot path
    if (Atomics.load(this.words, PARKED_WORD) === 0) return false; // R6: after the tail was stored
    return this.wake();
  }

  /**
   * Looks for work for `spinUs`, then parks: `onWake` runs in a later turn, once, when a producer rings. Returns false,
   * and does not keep `onWake`, when there is work: go on draining. A thread that is parked may run other events; if
   * one of them parks again, the newer `onWake` replaces the older. A wake-up without work is possible.
   * @thread consumer, with an event loop
   */
  park(onWake: () => void): boolean {
    assert(!this.isClosed, 'a closed doorbell is not parked on');
    this.holdThread();
    if (this.spin() || !this.lieDown()) return false;
    if (!this.isWaiting) {
      const waiting = waitAsync(this.words, PARKED_WORD, 1); // R6: sleeps only while parked is 1
      if (!waiting.async) return false;
      this.isWaiting = true;
      void waiting.value.then(this.woken);
    }
    this.onWake = onWake;
    return true;
  }

  /**
   * Tells the producers that the consumer runs, though nobody rang: another event woke it, and it will drain its rings
   * and park again before it rests. `onWake` of the last `park` is forgotten.
   * @thread consumer
   */
  unpark(): void {
    this.onWake = undefined;
    Atomics.store(this.words, PARKED_WORD, 0); // R7
  }

  /**
   * Looks for work for `spinUs`, then blocks the thread until a producer rings or `timeoutMs` have passed. Returns true
   * when there is work, or somebody rang.
   * @thread consumer, without an event loop
   */
  waitSync(timeoutMs: number): boolean {
    if (this.spin() || !this.lieDown()) return true;
    const outcome = Atomics.wait(this.words, PARKED_WORD, 1, timeoutMs); // R6: sleeps only while parked is 1
    if (outcome !== 'timed-out') return true;
    // Who turned parked to 0 at the last moment has published before: that is work.
    return Atomics.exchange(this.words, PARKED_WORD, 0) === 0; // R7
  }

  /**
   * Ends the consumer's side: no `onWake` runs any more, and the thread is no longer kept alive by it.
   * @thread consumer
   */
  close(): void {
    this.isClosed = true;
    this.unpark();
    this.handle?.close();
    this.handle = undefined;
    // Resolves the promise that may be pending; nothing else could take it back.
    Atomics.notify(this.words, PARKED_WORD);
  }

  private wake(): boolean {
    if (Atomics.exchange(this.words, PARKED_WORD, 0) === 0) return false; // R7: another producer did it
    // All of them: besides the consumer only the unfinished wait of a dead one can be in the list.
    Atomics.notify(this.words, PARKED_WORD);
    return true;
  }

  /** Stores parked and looks for the last time; false when there is work after all. */
  private lieDown(): boolean {
    Atomics.store(this.words, PARKED_WORD, 1); // R6: before the last look
    if (!this.hasWork()) return true;
    Atomics.store(this.words, PARKED_WORD, 0); // R7
    return false;
  }

  private spin(): boolean {
    if (this.hasWork()) return true;
    if (this.spinUs === 0 || this.consumer === undefined) return false;
    const { clock, hasWork } = this.consumer;
    const endMs = clock.monotonicMs() + this.spinUs / 1000;
    for (let reading = 0; reading < this.spinUs * CLOCK_READINGS_PER_US; reading++) {
      for (let look = 0; look < LOOKS_PER_CLOCK; look++) if (hasWork()) return true;
      if (clock.monotonicMs() >= endMs) return false;
    }
    return false;
  }

  private hasWork(): boolean {
    assert(this.consumer !== undefined, 'only the consumer parks');
    return this.consumer.hasWork();
  }

  /** A pending waitAsync does not keep a thread alive; an open port does. */
  private holdThread(): void {
    if (this.handle !== undefined || this.consumer?.keepAlive === false) return;
    this.handle = new MessageChannel().port1;
    this.handle.ref();
  }
}
