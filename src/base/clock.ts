/** Reads time. Everything outside `base` gets its clock passed in, so a whole broker can run on manual time. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch, integer. */
  now(): number;
  /** Milliseconds that only grow, with fractions; meaningful only as a difference. */
  monotonicMs(): number;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** A clock that moves only when told to. Wall and monotonic time advance together. */
export class ManualClock implements Clock {
  #nowMs: number;

  constructor(startMs = 1_700_000_000_000) {
    this.#nowMs = startMs;
  }

  now(): number {
    return Math.floor(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** Moves time forward by `ms` (≥ 0). Timers due by then are the scheduler's business. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`a clock does not run backwards: ${ms}`);
    this.#nowMs += ms;
  }
}
