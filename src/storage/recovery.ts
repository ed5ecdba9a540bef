import { assert, type Disk, type Logger } from '../base/index.ts';
import { BLANK_BYTES_MIN } from '../message/index.ts';
import { type CheckpointTimes, minTimestamp } from './checkpoint.ts';
import type { Dispatcher } from './dispatcher.ts';
import { LogReader } from './log-reader.ts';
import { DAMAGED_TOPIC, LogRepair } from './log-repair.ts';
import { lookAhead } from './log-scan.ts';
import type { LogSegments } from './log-segments.ts';
import type { StoreSettings } from './options.ts';
import type { StorePaths } from './paths.ts';
import { type LogPositions, type PositionFacts, readPositions } from './positions.ts';
import { QueueRecovery } from './queue-recovery.ts';
import type { QueueTable } from './queue-table.ts';

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

interface ScanResult {
  /** End of the last valid record. */
  readonly end: number;
  /** Records from here on may be missing from their queues. */
  readonly replayFrom: number;
  readonly lastStoreTimestamp: number;
  /** The log holds, or now got, fillers: gaps in queues are expected. */
  readonly hasFillers: boolean;
  readonly wasRepaired: boolean;
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
  readonly #repair: LogRepair;
  readonly #resumed: PositionFacts | undefined;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
    this.#reader = new LogReader(parts.segments);
    this.#repair = new LogRepair(parts.disk, parts.logger, parts.segments, parts.paths.damaged);
    const { resumeFrom } = parts.settings;
    this.#resumed = resumeFrom === undefined ? undefined : readPositions(resumeFrom);
  }

  run(): { lastStoreTimestamp: number } {
    const { segments, queues, positions, wasAborted } = this.#parts;
    segments.load(wasAborted);
    queues.load();
    positions.minimum = segments.at(0)?.base ?? 0;
    // Without any queue folder the whole log is indexed again: it is RocketMQ's known way to mend queues.
    let isFull = queues.queues().length === 0;
    let isReplay = wasAborted;
    for (let pass = 1; ; pass++) {
      assert(pass <= PASSES_MAX, 'recovery does not come to an end');
      const scan = this.#scan(isFull ? positions.minimum : this.#chooseStart());
      isReplay ||= scan.wasRepaired || isFull;
      const replayFrom = isFull ? positions.minimum : scan.replayFrom;
      this.#recoverQueues(isReplay ? replayFrom : scan.end, isReplay);
      const from = isReplay ? replayFrom : this.#dispatchedEnd(scan.end);
      this.#setPositions(from, scan.end);
      if (this.#dispatch(from, scan, isFull)) return scan;
      // A queue lacks units in its middle: the whole log fills it again.
      isFull = true;
    }
  }

  /** Where checking begins: the oldest byte that may not be as it should. */
  #chooseStart(): number {
    const { segments, wasAborted, positions } = this.#parts;
    if (!wasAborted) return segments.at(Math.max(0, segments.count - NORMAL_SEGMENTS))?.base ?? 0;
    const resumed = this.#resumed?.indexed ?? -1;
    if (resumed > 0 && this.#isRecordEdge(resumed)) return resumed;
    const trustedMs = minTimestamp(this.#parts.checkpoint);
    for (let index = segments.count - 1; index >= 0; index--) {
      const base = segments.at(index)?.base ?? 0;
      this.#reader.seek(base, base + segments.segmentBytes);
      if (this.#reader.next(false) !== 'record') continue;
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

  /** Checks every record from `start` on, mends what can be mended and cuts the log at its end. */
  #scan(start: number): ScanResult {
    const { segments, wasAborted } = this.#parts;
    const reader = this.#reader;
    const logEnd =
      segments.count === 0 ? start : (segments.last()?.base ?? 0) + segments.segmentBytes;
    const trustedMs = this.#resumed === undefined ? minTimestamp(this.#parts.checkpoint) : -1;
    let replayFrom = -1;
    let lastStoreTimestamp = 0;
    let hasFillers = false;
    let wasRepaired = false;
    let blankAt = -1;
    reader.seek(start, logEnd);
    while (reader.position < logEnd) {
      const { position } = reader;
      const kind = reader.next(true);
      blankAt = kind === 'blank' ? position : -1;
      if (kind === 'blank') continue;
      if (kind === 'record') {
        const { view } = reader;
        if (replayFrom < 0 && view.storeTimestamp > trustedMs) replayFrom = position;
        lastStoreTimestamp = Math.max(lastStoreTimestamp, view.storeTimestamp);
        hasFillers ||= this.#isFiller();
        reader.skip();
        continue;
      }
      const zeroBytesMax = wasAborted ? ZERO_BYTES_MAX.crashed : ZERO_BYTES_MAX.closed;
      const ahead = lookAhead(segments, reader, position, zeroBytesMax);
      if (ahead.next < 0) {
        this.#cut(position, ahead.dirtyEnds);
        reader.seek(position, logEnd);
        break;
      }
      const end = this.#repair.fill(position, ahead.next, lastStoreTimestamp || 1, reader);
      if (replayFrom < 0) replayFrom = position;
      hasFillers = true;
      wasRepaired = true;
      reader.seek(end, logEnd);
    }
    // A blank with no segment behind it: the log ends before it, and it is written again.
    if (blankAt >= 0 && reader.position >= logEnd) {
      this.#repair.clear(blankAt, blankAt + BLANK_BYTES_MIN);
      reader.seek(blankAt, logEnd);
    }
    const end = reader.position;
    return {
      end,
      replayFrom: replayFrom < 0 ? end : replayFrom,
      lastStoreTimestamp,
      hasFillers,
      wasRepaired,
    };
  }

  #isFiller(): boolean {
    const { buffer, view } = this.#reader;
    const { topicStart, topicBytes } = view;
    return buffer.toString('latin1', topicStart, topicStart + topicBytes) === DAMAGED_TOPIC;
  }

  /** Ends the log at `end`: clears what stands behind it and deletes later segments. */
  #cut(end: number, dirtyEnds: readonly number[]): void {
    const { segments, logger } = this.#parts;
    const dirtyEnd = dirtyEnds[0] ?? end;
    if (dirtyEnd > end) {
      logger.warn(
        { end, bytes: dirtyEnd - end },
        'the commit log ended in an incomplete record, which was cut off',
      );
      this.#repair.clear(end, dirtyEnd);
    }
    for (let last = segments.last(); last !== undefined && last.base > end; last = segments.last())
      segments.removeLast();
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

  #setPositions(from: number, end: number): void {
    const { positions } = this.#parts;
    const flushed = this.#resumed === undefined ? from : Math.max(from, this.#resumed.flushed);
    positions.appended = end;
    positions.recovered = end;
    positions.flushed = this.#parts.wasAborted ? Math.min(flushed, end) : end;
    positions.dispatched = from;
    positions.indexed = from;
  }

  /** Brings the queues up to the log's end; false where an older unit is missing. */
  #dispatch(from: number, scan: ScanResult, isFull: boolean): boolean {
    const { dispatcher, positions } = this.#parts;
    dispatcher.allowsGaps = scan.hasFillers || isFull;
    const reached = dispatcher.walk(from, scan.end);
    dispatcher.allowsGaps = true;
    if (reached < scan.end) return false;
    positions.setDispatched(scan.end);
    return true;
  }
}
