import { type Clock, errorCode, errorMessage, LOG_PERIOD_MS, type Logger } from '../base/index.ts';

/** Logs a repeating failure once a period, with the number of times it happened since. */
export class Alarm {
  readonly #clock: Clock;
  readonly #logger: Logger;
  #nextMs = Number.NEGATIVE_INFINITY;
  #times = 0;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  raise(error: unknown, message: string): void {
    this.#times += 1;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs < this.#nextMs) return;
    this.#logger.error(
      { code: errorCode(error), reason: errorMessage(error), times: this.#times },
      message,
    );
    this.#nextMs = nowMs + LOG_PERIOD_MS;
    this.#times = 0;
  }
}
