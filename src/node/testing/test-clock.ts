import type { Clock, Scheduler, Timer } from '../../base/index.ts';

/** Whether time passes by itself, or only by `advance`. */
export type ClockMode = 'running' | 'manual';

/** Rounds of the event loop that work gets which a timer has set off, before the next timer fires. */
const ROUNDS_AFTER_TIMER = 2;

interface TestTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
  readonly keepAlive: boolean;
  handle: NodeJS.Timeout | undefined;
}

/**
 * Time of a broker under test: it can be moved forward, and in the meantime runs or stands still. Timers fire when this time
 * has come, each at its own, in order; what is not a timer (sockets, files) goes on as ever.
 */
export class TestClock implements Clock, Scheduler {
  readonly #isRunning: boolean;
  readonly #startMs: number;
  readonly #machineStartMs = performance.now();
  readonly #timers = new Set<TestTimer>();
  #skippedMs = 0;
  #order = 0;
  #isEnded = false;
  #advancing: Promise<void> = Promise.resolve();

  constructor(mode: ClockMode, startMs = Date.now()) {
    this.#isRunning = mode === 'running';
    this.#startMs = startMs;
  }

  now(): number {
    return Math.floor(this.#startMs + this.#elapsedMs());
  }

  monotonicMs(): number {
    return this.#elapsedMs();
  }

  setTimer(delayMs: number, callback: () => void, keepAlive = true): Timer {
    this.#order += 1;
    const dueMs = this.#elapsedMs() + Math.ceil(Math.max(0, delayMs));
    const timer = { dueMs, order: this.#order, callback, keepAlive, handle: undefined };
    this.#timers.add(timer);
    this.#arm(timer);
    return { cancel: () => this.#drop(timer) };
  }

  defer(callback: () => void): void {
    setImmediate(callback);
  }

  soon(callback: () => void): void {
    queueMicrotask(callback);
  }

  /** Timers that have not fired yet. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /**
   * Moves time forward. Resolves once everything that was due has run; one call waits for the one before it.
   * @throws {RangeError} where `ms` is negative or no number
   */
  advance(ms: number): Promise<void> {
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY))
      throw new RangeError(`time moves forward by a number of milliseconds, not by ${ms}`);
    const advanced = this.#advancing.then(() => this.#advance(ms));
    this.#advancing = advanced.catch(() => undefined);
    return advanced;
  }

  /** Forgets all timers; none fires any more. */
  end(): void {
    this.#isEnded = true;
    for (const timer of this.#timers) this.#drop(timer);
  }

  async #advance(ms: number): Promise<void> {
    const endMs = this.#elapsedMs() + ms;
    for (let due = this.#nextDue(endMs); due !== undefined; due = this.#nextDue(endMs)) {
      this.#skipTo(due.dueMs);
      this.#fire(due);
      for (let round = 0; round < ROUNDS_AFTER_TIMER; round++) await eventLoopRound();
    }
    this.#skipTo(endMs);
    for (const timer of this.#timers) this.#arm(timer);
  }

  #elapsedMs(): number {
    const passedMs = this.#isRunning ? performance.now() - this.#machineStartMs : 0;
    return passedMs + this.#skippedMs;
  }

  #skipTo(ms: number): void {
    this.#skippedMs += Math.max(0, ms - this.#elapsedMs());
  }

  #fire(timer: TestTimer): void {
    this.#drop(timer);
    timer.callback();
  }

  #drop(timer: TestTimer): void {
    this.#timers.delete(timer);
    clearTimeout(timer.handle);
  }

  #arm(timer: TestTimer): void {
    if (this.#isEnded) this.#timers.delete(timer);
    if (!this.#isRunning || this.#isEnded) return;
    clearTimeout(timer.handle);
    const delayMs = Math.max(0, Math.ceil(timer.dueMs - this.#elapsedMs()));
    timer.handle = setTimeout(() => this.#fire(timer), delayMs);
    if (!timer.keepAlive) timer.handle.unref();
  }

  #nextDue(endMs: number): TestTimer | undefined {
    let first: TestTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > endMs) continue;
      const isEarlier = first === undefined || timer.dueMs < first.dueMs;
      if (isEarlier || (timer.dueMs === first?.dueMs && timer.order < first.order)) first = timer;
    }
    return first;
  }
}

const eventLoopRound = (): Promise<void> => new Promise((done) => setImmediate(done));
