import { errorCode, type Scheduler, type Timer } from '../base/index.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { LogPositions } from './positions.ts';
import type { QueueFileHandle } from './queue-files.ts';
import type { QueueTable } from './queue-table.ts';

/** Milliseconds after which units leave this process at the latest. */
const WRITE_MS = 100;
/** Syncs of queue files at a time. */
const SYNCS_MAX = 4;
/** A round of syncs is followed by a pause of this many times its length, so that it leaves the disk to the log. */
const PAUSE_FACTOR = 4;

export interface QueueFlusherHooks {
  /** Store time of the last record that is in its queue. */
  dispatchedStoreTimestamp(): number;
  /** Store time of the last durable record of the log. */
  flushedStoreTimestamp(): number;
  monotonicMs(): number;
  onFailed(error: Error): void;
}

/**
 * Writes the queues' units to their files and makes them durable, then the checkpoint.
 *
 * K1: the checkpoint's logics time is that of a record whose unit, with all before it, was synced.
 * K2: its physic time is that of a flushed record.
 * @thread owner
 * @source rocketmq 4.9.2 store/DefaultMessageStore.java FlushConsumeQueueService
 */
export class QueueFlusher {
  readonly #queues: QueueTable;
  readonly #positions: LogPositions;
  readonly #checkpoint: Checkpoint;
  readonly #scheduler: Scheduler;
  readonly #hooks: QueueFlusherHooks;
  #writeTimer: Timer | undefined;
  #syncTimer: Timer | undefined;
  #isSyncing = false;
  #isStopped = false;
  #waiters: ((error?: Error) => void)[] = [];

  constructor(
    queues: QueueTable,
    positions: LogPositions,
    checkpoint: Checkpoint,
    scheduler: Scheduler,
    hooks: QueueFlusherHooks,
  ) {
    this.#queues = queues;
    this.#positions = positions;
    this.#checkpoint = checkpoint;
    this.#scheduler = scheduler;
    this.#hooks = hooks;
  }

  startTimers(syncMs: number): void {
    this.#armWrite();
    this.#armSync(syncMs, syncMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#writeTimer?.cancel();
    this.#syncTimer?.cancel();
  }

  /** Writes all units; false where some could not be written. */
  write(): boolean {
    const { dispatched } = this.#positions;
    if (!this.#queues.writeAll()) return false;
    this.#positions.setIndexed(dispatched);
    return true;
  }

  /** Writes and syncs everything and saves the checkpoint. */
  flush(done: (error?: Error) => void): void {
    if (this.#isSyncing) {
      // What runs may have begun before the caller's units were written: one more round covers them.
      this.#waiters.push((error) => (error === undefined ? this.flush(done) : done(error)));
      return;
    }
    this.#isSyncing = true;
    const storeTimestamp = this.#hooks.dispatchedStoreTimestamp();
    const isComplete = this.write();
    this.#syncFiles(this.#queues.files.takeDirty(), (error) => {
      if (error === undefined && isComplete) this.#saveCheckpoint(storeTimestamp, done);
      else this.#finish(error, done);
    });
  }

  #armWrite(): void {
    this.#writeTimer = this.#scheduler.setTimer(
      WRITE_MS,
      () => {
        this.write();
        this.#positions.publish();
        this.#armWrite();
      },
      false,
    );
  }

  #armSync(delayMs: number, syncMs: number): void {
    this.#syncTimer = this.#scheduler.setTimer(
      delayMs,
      () => {
        const startMs = this.#hooks.monotonicMs();
        this.flush((error) => {
          if (this.#isStopped) return;
          if (error !== undefined) {
            this.#hooks.onFailed(error);
            return;
          }
          const roundMs = this.#hooks.monotonicMs() - startMs;
          this.#armSync(Math.max(syncMs, roundMs * PAUSE_FACTOR), syncMs);
        });
      },
      false,
    );
  }

  #syncFiles(handles: QueueFileHandle[], done: (error?: Error) => void): void {
    let next = 0;
    let running = 0;
    let failure: Error | undefined;
    let isDone = false;
    const step = (): void => {
      while (running < SYNCS_MAX && next < handles.length && failure === undefined) {
        running += 1;
        const handle = handles[next] as QueueFileHandle;
        next += 1;
        this.#syncOne(handle, (error) => {
          running -= 1;
          failure ??= error;
          step();
        });
      }
      const isOver = next === handles.length || failure !== undefined;
      if (running > 0 || !isOver || isDone) return;
      isDone = true;
      done(failure);
    };
    step();
  }

  #syncOne(handle: QueueFileHandle, done: (error?: Error) => void): void {
    try {
      this.#queues.files.sync(handle, done);
    } catch (error) {
      if (errorCode(error) === 'ASSERTION') throw error;
      done(asError(error));
    }
  }

  #saveCheckpoint(storeTimestamp: number, done: (error?: Error) => void): void {
    const { times } = this.#checkpoint;
    const before = `${times.physicMsgTimestamp} ${times.logicsMsgTimestamp}`;
    times.logicsMsgTimestamp = Math.max(times.logicsMsgTimestamp, storeTimestamp); // K1
    times.physicMsgTimestamp = Math.max(
      times.physicMsgTimestamp,
      this.#hooks.flushedStoreTimestamp(), // K2
    );
    if (before === `${times.physicMsgTimestamp} ${times.logicsMsgTimestamp}`) {
      this.#finish(undefined, done);
      return;
    }
    try {
      this.#checkpoint.save((error) => this.#finish(error, done));
    } catch (error) {
      // A full disk only keeps the old checkpoint: recovery then begins earlier.
      const failure = errorCode(error) === 'DISK_FULL' ? undefined : asError(error);
      this.#finish(failure, done);
    }
  }

  #finish(error: Error | undefined, done: (error?: Error) => void): void {
    this.#isSyncing = false;
    done(error);
    for (const waiter of this.#waiters.splice(0)) waiter(error);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
