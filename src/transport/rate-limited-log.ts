import { type Clock, LOG_LINES_PER_PERIOD, LOG_PERIOD_MS, type Logger } from '../base/index.ts';

interface Allowance {
  periodStartMs: number;
  lines: number;
  suppressed: number;
}

/** Writes warnings of one kind at most `LOG_LINES_PER_PERIOD` times a period; the next line says how many were left out. */
export class RateLimitedLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  // Kinds are constants of the code, so the map stays small.
  readonly #allowances = new Map<string, Allowance>();

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /** `kind` names the sort of line whose number is limited; it must not be made of input. */
  warn(kind: string, facts: object, message: string): void {
    const allowance = this.#allowanceOf(kind);
    if (allowance.lines >= LOG_LINES_PER_PERIOD) {
      allowance.suppressed += 1;
      return;
    }
    allowance.lines += 1;
    const { suppressed } = allowance;
    allowance.suppressed = 0;
    this.#logger.warn(suppressed > 0 ? { ...facts, suppressed } : facts, message);
  }

  #allowanceOf(kind: string): Allowance {
    const nowMs = this.#clock.monotonicMs();
    let allowance = this.#allowances.get(kind);
    if (allowance === undefined) {
      allowance = { periodStartMs: nowMs, lines: 0, suppressed: 0 };
      this.#allowances.set(kind, allowance);
    }
    if (nowMs - allowance.periodStartMs >= LOG_PERIOD_MS) {
      allowance.periodStartMs = nowMs;
      allowance.lines = 0;
    }
    return allowance;
  }
}
