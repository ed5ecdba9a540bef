import { assert, type Scheduler, type Timer } from '../base/index.ts';
import type { CommitLog } from './commit-log.ts';

export interface LogFlusherHooks {
  /** Everything before the position is durable. Once per completed flush. */
  onFlushed(position: number): void;
  /** A flush failed, for the first and last time. */
  onFailed(error: Error): void;
  /** Store time of the last record of the log, now. */
  lastStoreTimestamp(): number;
}

interface FlushWaiter {
  readonly position: number;
  readonly done: (error?: Error) => void;
}

/**
 * Makes the log durable: one sync at a time, for everyone who waits for it.
 *
 * F1: a segment's sync completes before a byte of the next segment counts as flushed.
 * F2: bytes appended while a sync runs are covered by the next one, never by the running one.
 * F3: after the first failure nothing is flushed and nothing counts as flushed any more.
 * @thread owner
 * @source rocketmq 4.9.2 store/CommitLog.java GroupCommitService, FlushRealTimeService
 */
export class LogFlusher {
  /** Store time of the last durable record. */
  flushedStoreTimestamp = 0;
  readonly #log: CommitLog;
  readonly #scheduler: Scheduler;
  readonly #hooks: LogFlusherHooks;
  readonly #waiters: FlushWaiter[] = [];
  #timer: Timer | undefined;
  #isRunning = false;
  #isScheduled = false;
  #isWanted = false;
  #isHeld = false;
  /** The segment was changed behind the appended position. */
  #isTailDirty = false;
  #isStopped = false;
  #failure: Error | undefined;

  constructor(log: CommitLog, scheduler: Scheduler, hooks: LogFlusherHooks) {
    this.#log = log;
    this.#scheduler = scheduler;
    this.#hooks = hooks;
  }

  /** Flushes every `intervalMs` what was appended since. */
  startTimer(intervalMs: number): void {
    this.#timer = this.#scheduler.setTimer(
      intervalMs,
      () => {
        this.request();
        this.startTimer(intervalMs);
      },
      false,
    );
  }

  /** The next flush covers the bytes behind the log's end as well: recovery has cleared them. */
  markTailDirty(): void {
    this.#isTailDirty = true;
  }

  /** Holds every flush back until `release`: a marker that must be durable first is on its way. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    if (this.#isWanted) this.request();
  }

  /**
   * Asks for a flush of everything appended so far. Requests of one turn share one flush; while one runs, the next
   * begins when it ends.
   */
  request(): void {
    if (this.#failure !== undefined || this.#isStopped || this.#isClean()) return;
    if (this.#isRunning || this.#isHeld) {
      this.#isWanted = true;
      return;
    }
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#scheduler.defer(() => {
      this.#isScheduled = false;
      if (!this.#isRunning && !this.#isStopped) this.#run();
    });
  }

  /** Calls `done` once everything appended so far is durable, or has failed to become so. */
  wait(done: (error?: Error) => void): void {
    const { appended } = this.#log.positions;
    if (this.#failure !== undefined || this.#isClean()) {
      const failure = this.#failure;
      this.#scheduler.defer(() => done(failure));
      return;
    }
    this.#waiters.push({ position: appended, done });
    this.request();
  }

  /** No sync begins any more; one that runs may still end. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** Ends all flushing because of a failure somewhere else in the store. */
  fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error; // F3
    this.#timer?.cancel();
    for (const waiter of this.#waiters.splice(0)) waiter.done(error);
    this.#hooks.onFailed(error);
  }

  #isClean(): boolean {
    const { appended, flushed } = this.#log.positions;
    return appended === flushed && !this.#isTailDirty;
  }

  #run(): void {
    if (this.#isHeld) {
      this.#isWanted = true;
      return;
    }
    const { positions, segments } = this.#log;
    const segment = segments.of(positions.flushed);
    if (this.#isClean() || this.#failure !== undefined) return;
    assert(segment !== undefined, `no segment holds the flushed position ${positions.flushed}`);
    this.#isRunning = true;
    this.#isWanted = false;
    if (positions.appended < segment.base + segments.segmentBytes) this.#isTailDirty = false;
    try {
      this.#log.writeOut();
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    const target = Math.min(positions.appended, segment.base + segments.segmentBytes); // F1, F2
    // Where more is appended behind this segment, the last record's time is not that of a flushed one.
    const storeTimestamp =
      target === positions.appended ? this.#hooks.lastStoreTimestamp() : this.flushedStoreTimestamp;
    segment.file.sync((error) => this.#finish(target, storeTimestamp, error));
  }

  #finish(target: number, storeTimestamp: number, error?: Error): void {
    this.#isRunning = false;
    if (error !== undefined) {
      this.fail(error);
      return;
    }
    if (this.#failure !== undefined) return;
    const { positions } = this.#log;
    positions.setFlushed(target);
    this.flushedStoreTimestamp = storeTimestamp;
    this.#hooks.onFlushed(target);
    while (this.#waiters[0] !== undefined && this.#waiters[0].position <= target)
      this.#waiters.shift()?.done();
    const isSegmentEnd = target % this.#log.segments.segmentBytes === 0;
    const isMore = this.#isWanted || isSegmentEnd || this.#waiters.length > 0;
    if (isMore && !this.#isStopped) this.#run();
  }
}
