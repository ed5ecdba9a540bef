/**
 * Says when the next request may go out, and from when on its response time counts. With a rate that is the time it was due,
 * however late it is: a stalled server cannot hide the requests that it kept from being made.
 */
export class Pacer {
  issued = 0;
  readonly #intervalMs: number;
  readonly #requestsMax: number;
  #startMs = 0;
  #isStopped = false;

  /**
   * @param rate requests a second, 0 for as fast as they are answered
   * @param requestsMax 0 for no limit
   */
  constructor(rate: number, requestsMax = 0) {
    this.#intervalMs = rate > 0 ? 1000 / rate : 0;
    this.#requestsMax = requestsMax > 0 ? requestsMax : Number.POSITIVE_INFINITY;
  }

  start(nowMs: number): void {
    this.#startMs = nowMs;
    this.issued = 0;
  }

  /** No further requests. */
  stop(): void {
    this.#isStopped = true;
  }

  get isPaced(): boolean {
    return this.#intervalMs > 0;
  }

  /** All requests are made, or it was stopped. */
  get isDone(): boolean {
    return this.#isStopped || this.issued >= this.#requestsMax;
  }

  /** Takes the next request: the time it counts from, or -1 where none may go out now. */
  take(nowMs: number): number {
    // hot path
    if (this.#isStopped || this.issued >= this.#requestsMax) return -1;
    if (this.#intervalMs === 0) {
      this.issued += 1;
      return nowMs;
    }
    const dueMs = this.dueMs();
    if (dueMs > nowMs) return -1;
    this.issued += 1;
    return dueMs;
  }

  /** When the next request is due. */
  dueMs(): number {
    return this.#startMs + this.issued * this.#intervalMs;
  }
}
