/**
 * Says when the next request may go out, and from when on its response time counts. With a rate that is the time it was due,
 * however late it is: a stalled server cannot hide the requests that it kept from being made.
 */
export class Pacer {
  issued = 0;
  readonly #intervalMs: number;
  readonly #requestsMax: number;
  /** `issued` ends here; in a warm-up it does not. */
  #issuedMax: number;
  #startMs = 0;
  #isStopped = false;
  #endMs = Number.POSITIVE_INFINITY;

  /**
   * @param rate requests a second, 0 for as fast as they are answered
   * @param requestsMax 0 for no limit; those of a warm-up do not count
   */
  constructor(rate: number, requestsMax = 0) {
    this.#intervalMs = rate > 0 ? 1000 / rate : 0;
    this.#requestsMax = requestsMax > 0 ? requestsMax : Number.POSITIVE_INFINITY;
    this.#issuedMax = this.#requestsMax;
  }

  start(nowMs: number, hasWarmUp = false): void {
    this.#startMs = nowMs;
    this.issued = 0;
    this.#issuedMax = hasWarmUp ? Number.POSITIVE_INFINITY : this.#requestsMax;
  }

  /** The requests that are due from now on are those that were asked for. */
  endWarmUp(nowMs: number): void {
    const elapsedMs = nowMs - this.#startMs;
    const due = this.#intervalMs === 0 ? 0 : Math.ceil(elapsedMs / this.#intervalMs);
    this.#issuedMax = Math.max(this.issued, due) + this.#requestsMax;
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
    return Math.max(0, Math.min(due, this.#issuedMax) - this.issued);
  }

  get isPaced(): boolean {
    return this.#intervalMs > 0;
  }

  /** All requests are made, or it was stopped. */
  get isDone(): boolean {
    if (this.#isStopped || this.issued >= this.#issuedMax) return true;
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
    if (this.#isStopped || this.issued >= this.#issuedMax) return false;
    if (this.#intervalMs === 0) return true;
    const dueMs = this.dueMs();
    return dueMs <= nowMs && dueMs <= this.#endMs;
  }

  /** When the next request is due. */
  dueMs(): number {
    return this.#startMs + this.issued * this.#intervalMs;
  }
}
