import {
  type Clock,
  type Disk,
  errorCode,
  errorMessage,
  type Logger,
  type Scheduler,
  type Timer,
} from '../base/index.ts';
import type { CommitLog } from './commit-log.ts';
import type { ConsumeQueue } from './consume-queue.ts';
import type { StoreSettings } from './options.ts';
import type { StorePaths } from './paths.ts';
import { correctMinOffset } from './queue-recovery.ts';
import type { QueueTable } from './queue-table.ts';
import { UnitReader, unitCommitLogOffset } from './queue-unit.ts';

const FIRST_ROUND_MS = 60_000;
const SEGMENTS_PER_ROUND_MAX = 10;
const HOUR_MS = 3_600_000;
/** Use of the disk above which sends are refused, and above which segments go although they are not due. */
const FULL_PERCENT = 90;
const FORCED_PERCENT = 85;

export interface RetentionEnv {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

/**
 * Deletes what is old: commit-log segments by age, hour and disk use, then queue files whose records are gone.
 * @source rocketmq 4.9.2 store/DefaultMessageStore.java CleanCommitLogService, CleanConsumeQueueService
 */
export class Retention {
  /** Above 90 % disk use: sends are refused, reads go on. */
  isDiskFull = false;
  readonly #log: CommitLog;
  readonly #queues: QueueTable;
  readonly #env: RetentionEnv;
  readonly #settings: StoreSettings;
  readonly #paths: StorePaths;
  readonly #hours: ReadonlySet<number>;
  readonly #reader = new UnitReader();
  #cleanedMinimum = 0;
  #timer: Timer | undefined;

  constructor(
    log: CommitLog,
    queues: QueueTable,
    env: RetentionEnv,
    settings: StoreSettings,
    paths: StorePaths,
  ) {
    this.#log = log;
    this.#queues = queues;
    this.#env = env;
    this.#settings = settings;
    this.#paths = paths;
    this.#hours = new Set(settings.deleteWhen.split(';').filter(Boolean).map(Number));
  }

  start(): void {
    this.#cleanedMinimum = this.#log.positions.minimum;
    this.#arm(FIRST_ROUND_MS);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** One round. @returns segments deleted */
  clean(nowMs: number): number {
    const usedPercent = Math.max(
      this.#usedPercent(this.#paths.commitLog),
      this.#usedPercent(this.#paths.consumeQueue),
    );
    this.#setDiskFull(usedPercent);
    const deleted = this.#isDue(nowMs, usedPercent) ? this.#cleanLog(nowMs, usedPercent) : 0;
    const { minimum } = this.#log.positions;
    if (minimum > this.#cleanedMinimum) {
      for (const queue of this.#queues.queues()) this.#cleanQueue(queue, minimum);
      this.#cleanedMinimum = minimum;
    }
    return deleted;
  }

  #arm(delayMs: number): void {
    this.#timer = this.#env.scheduler.setTimer(
      delayMs,
      () => {
        this.#arm(this.#settings.cleanResourceInterval);
        this.#tryClean();
      },
      false,
    );
  }

  /** A file that cannot be deleted is tried again in the next round; it is no reason to stop serving. */
  #tryClean(): void {
    try {
      this.clean(this.#env.clock.now());
    } catch (error) {
      if (errorCode(error) === 'ASSERTION') throw error;
      this.#env.logger.error({ reason: errorMessage(error) }, 'a retention round failed');
    }
  }

  #isDue(nowMs: number, usedPercent: number): boolean {
    const limit = Math.min(95, Math.max(10, this.#settings.diskMaxUsedSpaceRatio));
    return this.#hours.has(new Date(nowMs).getHours()) || usedPercent > limit || usedPercent < 0;
  }

  #cleanLog(nowMs: number, usedPercent: number): number {
    const { cleanFileForciblyEnable, fileReservedTime } = this.#settings;
    const isForced = usedPercent > FORCED_PERCENT && cleanFileForciblyEnable;
    let deleted = 0;
    while (deleted < SEGMENTS_PER_ROUND_MAX) {
      const first = this.#log.segments.at(0);
      if (first === undefined || !this.#isSettled(first.base)) break;
      const modifiedMs = this.#env.disk.stat(first.file.path)?.modifiedMs ?? 0;
      if (!isForced && nowMs < modifiedMs + fileReservedTime * HOUR_MS) break;
      if (!this.#log.removeFirst()) break;
      deleted += 1;
      this.#env.logger.info({ file: first.file.path, isForced }, 'an expired segment was deleted');
    }
    return deleted;
  }

  /** Whether nothing in the segment waits to be flushed or indexed any more. */
  #isSettled(base: number): boolean {
    const { flushed, indexed } = this.#log.positions;
    return base + this.#log.segments.segmentBytes <= Math.min(flushed, indexed);
  }

  /** Deletes the files, but the last, whose records are all gone. */
  #cleanQueue(queue: ConsumeQueue, minimum: number): void {
    for (;;) {
      const next = queue.nextFileUnit(queue.firstUnit);
      if (next >= queue.writtenUnit || !queue.readFile(next - 1, 1, this.#reader)) break;
      if (unitCommitLogOffset(this.#reader.buffer, 0) >= minimum) break;
      queue.removeFiles(queue.firstUnit, next);
      queue.firstUnit = next;
    }
    if (queue.writtenUnit > queue.firstUnit) correctMinOffset(queue, minimum, this.#reader);
  }

  #setDiskFull(usedPercent: number): void {
    const isFull = usedPercent > FULL_PERCENT;
    if (isFull !== this.isDiskFull)
      this.#env.logger.warn(
        { usedPercent, path: this.#paths.root },
        isFull
          ? 'the disk is nearly full: sends are refused until it is not'
          : 'the disk has room again: sends are taken',
      );
    this.isDiskFull = isFull;
  }

  /** Percent of a path's disk in use, rounded up; -1 where it cannot be told, which RocketMQ takes for too much. */
  #usedPercent(path: string): number {
    try {
      const { totalBytes, freeBytes } = this.#env.disk.space(path);
      return totalBytes === 0 ? 0 : Math.ceil(((totalBytes - freeBytes) * 100) / totalBytes);
    } catch (error) {
      this.#env.logger.warn({ path, reason: errorMessage(error) }, 'disk use is unknown');
      return -1;
    }
  }
}
