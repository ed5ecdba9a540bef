import type { ManualClock } from './clock.ts';

/** A pending timer. */
export interface Timer {
  /** Idempotent; a cancelled timer never fires. */
  cancel(): void;
}

/** Runs callbacks later. The only source of "later" in layers 1–4. */
export interface Scheduler {
  /**
   * Runs `callback` once after `delayMs` (≥ 0, rounded up to a millisecond); what is longer than 24 days may run after
   * 24 days.
   * @param keepAlive false lets the process end while the timer is pending (default true).
   */
  setTimer(delayMs: number, callback: () => void, keepAlive?: boolean): Timer;
  /** Runs `callback` after the current turn of the loop, before any timer. */
  defer(callback: () => void): void;
  /** Runs `callback` when the code at hand has returned, before the loop goes on. Who has none: `defer` will do. */
  soon?(callback: () => void): void;
}

/** `setTimeout` runs what is longer after 1 ms. */
const TIMEOUT_MS_MAX = 0x7fff_ffff;

/** The event loop of this thread. */
export const systemScheduler: Scheduler = {
  setTimer(delayMs, callback, keepAlive = true) {
    const handle = setTimeout(callback, Math.min(Math.ceil(delayMs), TIMEOUT_MS_MAX));
    if (!keepAlive) handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
  defer: (callback) => {
    setImmediate(callback);
  },
  soon: (callback) => queueMicrotask(callback),
};

interface ManualTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A scheduler on a manual clock: nothing runs until `runDeferred` or `advance` is called. Ties fire in the order they were set. */
export class ManualScheduler implements Scheduler {
  readonly #clock: ManualClock;
  readonly #timers = new Set<ManualTimer>();
  #deferred: (() => void)[] = [];
  #order = 0;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    this.#order += 1;
    const dueMs = this.#clock.monotonicMs() + Math.ceil(Math.max(0, delayMs));
    const timer = { dueMs, order: this.#order, callback };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  defer(callback: () => void): void {
    this.#deferred.push(callback);
  }

  /** Timers not yet fired. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /**
   * Runs deferred callbacks until none is left.
   * @throws {Error} after `turnsMax` rounds: a loop that feeds itself.
   */
  runDeferred(turnsMax = 100_000): void {
    for (let turn = 0; this.#deferred.length > 0; turn++) {
      if (turn === turnsMax)
        throw new Error(`deferred callbacks still feed themselves after ${turnsMax} turns`);
      const batch = this.#deferred;
      this.#deferred = [];
      for (const callback of batch) callback();
    }
  }

  /** Moves the clock forward by `ms`, firing each timer at its own time with deferred work run in between. */
  advance(ms: number): void {
    const endMs = this.#clock.monotonicMs() + ms;
    this.runDeferred();
    for (let due = this.#nextDue(endMs); due !== undefined; due = this.#nextDue(endMs)) {
      this.#clock.advance(Math.max(0, due.dueMs - this.#clock.monotonicMs()));
      this.#timers.delete(due);
      due.callback();
      this.runDeferred();
    }
    this.#clock.advance(Math.max(0, endMs - this.#clock.monotonicMs()));
  }

  #nextDue(endMs: number): ManualTimer | undefined {
    let first: ManualTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > endMs) continue;
      if (
        first === undefined ||
        timer.dueMs < first.dueMs ||
        (timer.dueMs === first.dueMs && timer.order < first.order)
      ) {
        first = timer;
      }
    }
    return first;
  }
}
