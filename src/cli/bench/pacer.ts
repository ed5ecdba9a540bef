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
  #endMs = Number.POSITIVE_INFINITY;

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

  /** No requests that are due later; those that are due already and could not go out yet still do. */
  stopAfter(endMs: number): void {
    if (this.#intervalMs === 0) this.#isStopped = true;
    else this.#endMs = Math.min(this.#endMs, endMs);
  }

  /** Requests that were due by `nowMs`, and by the end, and have not gone out. */
  overdue(nowMs: number): number {
    if (this.#intervalMs === 0) return 0;
    const lastMs = Math.min(nowMs, this.#endMs);
    if (this.dueMs() > lastMs) return 0;
    const due = Math.floor((lastMs - this.#startMs) / this.#intervalMs) + 1;
    return Math.max(0, Math.min(due, this.#requestsMax) - this.issued);
  }

  get isPaced(): boolean {
    return this.#intervalMs > 0;
  }

  /** All requests are made, or it was stopped. */
  get isDone(): boolean {
    if (this.#isStopped || this.issued >= this.#requestsMax) return true;
    return this.#intervalMs > 0 && this.dueMs() > this.#endMs;
  }

  /** Takes the next request: the time it counts from, or -1 where none may go out now. */
  take(nowMs: number): number {
    // hot path
    if (!this.isDue(nowMs)) return -1;
    const startMs = this.#intervalMs === 0 ? nowMs : this.dueMs();
    this.issued += 1;
    return startMs;
  }

  /** The next request may go out now. */
  isDue(nowMs: number): boolean {
    // hot path
    if (this.#isStopped || this.issued >= this.#requestsMax) return false;
    if (this.#intervalMs === 0) return true;
    const dueMs = this.dueMs();
    return dueMs <= nowMs && dueMs <= this.#endMs;
  }

  /** When the next request is due. */
  dueMs(): number {
    return this.#startMs + this.issued * this.#intervalMs;
  }
}
