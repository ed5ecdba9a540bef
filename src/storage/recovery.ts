import { assert, type Disk, type Logger } from '../base/index.ts';
import { type CheckpointTimes, minTimestamp } from './checkpoint.ts';
import type { Dispatcher } from './dispatcher.ts';
import { isDamageFiller, LogCheck, type LogState } from './log-check.ts';
import { LogReader } from './log-reader.ts';
import { LogRepair } from './log-repair.ts';
import type { LogSegments } from './log-segments.ts';
import type { StoreSettings } from './options.ts';
import type { StorePaths } from './paths.ts';
import { type LogPositions, type PositionFacts, readPositions } from './positions.ts';
import { correctMinOffset, QueueRecovery } from './queue-recovery.ts';
import type { QueueTable } from './queue-table.ts';
import { UnitReader } from './queue-unit.ts';

/** Segments checked after an orderly close. */
const NORMAL_SEGMENTS = 3;
/** Zeros behind a bad record after which nothing more is looked for: after a crash, and after an orderly close. */
const ZERO_BYTES_MAX = { crashed: 16 * 1024 * 1024, closed: 1024 * 1024 };
/** The second pass covers the whole log and lets gaps be, so there is never a third. */
const PASSES_MAX = 2;

export interface RecoveryParts {
  readonly disk: Disk;
  readonly logger: Logger;
  readonly settings: StoreSettings;
  readonly paths: StorePaths;
  readonly segments: LogSegments;
  readonly positions: LogPositions;
  readonly queues: QueueTable;
  readonly dispatcher: Dispatcher;
  readonly checkpoint: CheckpointTimes;
  /** The abort marker was found: the store was not closed. */
  readonly wasAborted: boolean;
}

/**
 * Brings log and queues back to one state after an orderly close, a crash, a power cut or a shard's death.
 *
 * V1: what was reported flushed stays, in order; a repeated recovery finds what the first one left.
 * V2: behind the log's end every byte that was written is zero, so nothing old can come back.
 * V3: a unit of a record behind `replayFrom` is dropped and written again from the log.
 * @source rocketmq 4.9.2 store/CommitLog.java recoverNormally, recoverAbnormally
 */
export class Recovery {
  readonly #parts: RecoveryParts;
  readonly #reader: LogReader;
  readonly #check: LogCheck;
  readonly #resumed: PositionFacts | undefined;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
    this.#reader = new LogReader(parts.segments);
    const { disk, logger, segments, paths, settings, checkpoint, wasAborted } = parts;
    const { resumeFrom } = settings;
    this.#resumed = resumeFrom === undefined ? undefined : readPositions(resumeFrom);
    const repair = new LogRepair(disk, logger, segments, paths.damaged);
    this.#check = new LogCheck(segments, this.#reader, repair, logger, {
      trustedMs: this.#resumed === undefined ? minTimestamp(checkpoint) : -1,
      zeroBytesMax: wasAborted ? ZERO_BYTES_MAX.crashed : ZERO_BYTES_MAX.closed,
    });
  }

  run(): LogState {
    const { segments, queues, positions, wasAborted, logger } = this.#parts;
    const made = segments.load();
    const isCrashed = wasAborted || made.length > 0;
    positions.minimum = segments.at(0)?.base ?? 0;
    const checkFrom = isCrashed ? this.#crashStart() : this.#closedStart();
    const trustedEnd = wasAborted ? checkFrom : this.#closedStart();
    if (made.some((base) => base < trustedEnd)) segments.refuse(made);
    if (made.length > 0) logger.warn({ made }, 'commit-log segments were new and got lost');
    queues.load();
    // Without any queue folder the whole log is indexed again: it is RocketMQ's known way to mend queues.
    let isFull = queues.queues().length === 0;
    let isReplay = isCrashed;
    for (let pass = 1; ; pass++) {
      assert(pass <= PASSES_MAX, 'recovery does not come to an end');
      const start = isFull ? positions.minimum : checkFrom;
      const scan = this.#check.run(start);
      isReplay ||= scan.wasRepaired || isFull;
      const replayFrom = isFull ? positions.minimum : scan.replayFrom;
      if (isFull) this.#distrustQueues();
      this.#recoverQueues(isReplay ? replayFrom : scan.end, isReplay);
      const from = isReplay ? replayFrom : this.#dispatchedEnd(scan.end);
      this.#setPositions(from, scan);
      positions.flushed = isReplay ? this.#flushedEnd(start, scan) : scan.end;
      if (this.#dispatch(from, scan, isFull)) return scan;
      // A queue lacks units in its middle: the whole log fills it again.
      isFull = true;
    }
  }

  /** From here on, until the next checkpoint, a crash means that all queues are made again. */
  #distrustQueues(): void {
    const { disk, paths, checkpoint } = this.#parts;
    disk.openFile(paths.abort, { create: true, bytes: 0 }).close();
    disk.remove(paths.checkpoint);
    checkpoint.physicMsgTimestamp = 0;
    checkpoint.logicsMsgTimestamp = 0;
  }

  /** Where checking begins after an orderly close. */
  #closedStart(): number {
    const { segments } = this.#parts;
    return segments.at(Math.max(0, segments.count - NORMAL_SEGMENTS))?.base ?? 0;
  }

  /** Where checking begins after a crash: the oldest byte that may not be as it should. */
  #crashStart(): number {
    const { segments, positions } = this.#parts;
    const resumed = this.#resumed?.indexed ?? -1;
    if (resumed > 0 && this.#isRecordEdge(resumed)) return resumed;
    const trustedMs = minTimestamp(this.#parts.checkpoint);
    for (let index = segments.count - 1; index >= 0; index--) {
      const base = segments.at(index)?.base ?? 0;
      this.#reader.seek(base, base + segments.segmentBytes);
      // A filler stands for what may be damaged further back, too.
      if (this.#reader.next(false) !== 'record' || isDamageFiller(this.#reader)) continue;
      const { storeTimestamp } = this.#reader.view;
      if (storeTimestamp > 0 && storeTimestamp <= trustedMs) return base;
    }
    return positions.minimum;
  }

  /** Whether a record, a blank or the log's end stands at the position. */
  #isRecordEdge(position: number): boolean {
    const { segments } = this.#parts;
    const segment = segments.of(position);
    if (segment === undefined)
      return position === (segments.last()?.base ?? 0) + segments.segmentBytes;
    this.#reader.seek(position, segment.base + segments.segmentBytes);
    const kind = this.#reader.next(true);
    if (kind === 'record' || kind === 'blank') return true;
    return position === this.#resumed?.appended;
  }

  #recoverQueues(limit: number, wipes: boolean): void {
    const { queues, segments, logger, positions } = this.#parts;
    const recovery = new QueueRecovery(queues.files, segments, logger, {
      limit,
      minimum: positions.minimum,
      wipes,
    });
    for (const queue of queues.queues()) recovery.recover(queue);
  }

  /** Where dispatching stopped before an orderly close. */
  #dispatchedEnd(end: number): number {
    const { queues, positions } = this.#parts;
    let dispatched = positions.minimum;
    for (const queue of queues.queues())
      dispatched = Math.max(dispatched, Math.min(queue.maxPhysicalPosition, end));
    return dispatched;
  }

  #setPositions(from: number, { end, lastStoreTimestamp }: LogState): void {
    const { positions } = this.#parts;
    positions.appended = end;
    positions.recovered = end;
    positions.dispatched = from;
    positions.indexed = from;
    positions.storeTimestamp = Math.max(lastStoreTimestamp, this.#resumed?.storeTimestamp ?? 0);
  }

  /**
   * Up to where the log is durable for certain. All that was checked is flushed again: an earlier recovery may have
   * mended it and died before its first flush.
   */
  #flushedEnd(start: number, { end, wasRepaired }: LogState): number {
    const flushed = wasRepaired ? start : Math.max(start, this.#resumed?.flushed ?? 0);
    return Math.min(end, flushed);
  }

  /** Brings the queues up to the log's end; false where an older unit is missing. */
  #dispatch(from: number, scan: LogState, isFull: boolean): boolean {
    const { dispatcher, positions, queues } = this.#parts;
    dispatcher.allowsGaps = scan.hasFillers || isFull;
    const reached = dispatcher.walk(from, scan.end);
    dispatcher.allowsGaps = true;
    if (reached < scan.end) return false;
    positions.setDispatched(scan.end);
    const reader = new UnitReader();
    for (const queue of queues.queues())
      if (queue.maxOffset > 0) correctMinOffset(queue, positions.minimum, reader);
    return true;
  }
}
