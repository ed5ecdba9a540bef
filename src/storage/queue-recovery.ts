import { type Logger, readInt32BE, readInt64BE } from '../base/index.ts';
import { RECORD_AT } from '../message/index.ts';
import type { ConsumeQueue } from './consume-queue.ts';
import type { LogSegments } from './log-segments.ts';
import type { QueueFiles } from './queue-files.ts';
import {
  FILLER_BYTES,
  UNIT_BYTES,
  UnitReader,
  unitCommitLogOffset,
  unitRecordBytes,
} from './queue-unit.ts';

const HEAD_BYTES = RECORD_AT.commitLogOffset + 8;
/** Units read at a time in a walk. */
const WALK_UNITS = 3276;
/** Walks of nothing but zeros after which the rest of a file counts as never written. */
const ZERO_WALKS_MAX = 4;
const ZEROS = Buffer.alloc(WALK_UNITS * UNIT_BYTES);

export interface QueueLimits {
  /** Units of records that end behind this log position are dropped; the log's replay writes them again. */
  readonly limit: number;
  /** Start of the log's oldest segment. */
  readonly minimum: number;
  /** Also clears what stands behind the last unit: a crash can leave old units there. */
  readonly wipes: boolean;
}

/**
 * Finds out what a queue's files hold and cuts them to the units of records before `limit`.
 *
 * Units before `limit` were durable before the crash, those behind it are not trusted. The end is searched for by
 * halving and then compared with the record it points at; where they differ, the file is walked unit by unit.
 * @source rocketmq 4.9.2 store/ConsumeQueue.java recover, truncateDirtyLogicFiles, correctMinOffset
 */
export class QueueRecovery {
  readonly #files: QueueFiles;
  readonly #segments: LogSegments;
  readonly #logger: Logger;
  readonly #limits: QueueLimits;
  readonly #reader = new UnitReader();

  constructor(files: QueueFiles, segments: LogSegments, logger: Logger, limits: QueueLimits) {
    this.#files = files;
    this.#segments = segments;
    this.#logger = logger;
    this.#limits = limits;
  }

  recover(queue: ConsumeQueue): void {
    const starts = this.#usableStarts(queue);
    for (let start = starts.pop(); start !== undefined; start = starts.pop()) {
      const firstUnit = start / UNIT_BYTES;
      const isTrusted = this.#isTrusted(queue, firstUnit, starts.length > 0);
      const end = isTrusted ? this.#findEnd(queue, firstUnit) : firstUnit;
      if (end === firstUnit) {
        queue.removeFiles(firstUnit, Number.POSITIVE_INFINITY);
        continue;
      }
      queue.setRange((starts[0] ?? start) / UNIT_BYTES, end);
      queue.maxPhysicalPosition = this.#lastRecordEnd(queue, end);
      if (this.#limits.wipes || this.#hasUnit(queue, end)) this.#wipe(queue, end);
      correctMinOffset(queue, this.#limits.minimum, this.#reader);
      return;
    }
    queue.setRange(0, 0);
    queue.minOffset = 0;
    queue.maxPhysicalPosition = 0;
  }

  /** Starts of the files that follow each other with the right length; the others are deleted. */
  #usableStarts(queue: ConsumeQueue): number[] {
    const starts = this.#files.starts(queue.folder);
    let count = 0;
    for (const start of starts) {
      const isNext = count === 0 || start === (starts[count - 1] ?? 0) + this.#files.fileBytes;
      const bytes = this.#files.disk.stat(this.#files.handle(queue.folder, start).path)?.bytes;
      if (!isNext || bytes !== this.#files.fileBytes) break;
      count += 1;
    }
    if (count === starts.length) return starts;
    const firstUnit = (starts[count] ?? 0) / UNIT_BYTES;
    this.#logger.warn(
      { folder: queue.folder, firstUnit },
      'consume-queue files of another length or behind a gap are deleted; the log holds what they held',
    );
    queue.removeFiles(firstUnit, Number.POSITIVE_INFINITY);
    return starts.slice(0, count);
  }

  /** First unit of the file that is not to be trusted. */
  #findEnd(queue: ConsumeQueue, firstUnit: number): number {
    const fileEnd = queue.nextFileUnit(firstUnit);
    const end = lowerBound(queue, firstUnit, fileEnd, this.#reader, (offset, bytes) =>
      this.#isBefore(offset, bytes),
    );
    if (end === firstUnit || this.#matchesLog(queue, end - 1, true)) return end;
    let walked = this.#walk(queue, firstUnit, fileEnd);
    // A torn unit can look as if it came next; but no record stands where it points.
    while (walked > firstUnit && !this.#matchesLog(queue, walked - 1, false)) walked -= 1;
    return walked;
  }

  #isBefore(offset: number, bytes: number): boolean {
    if (bytes <= 0 || offset < 0) return false;
    return bytes === FILLER_BYTES || offset + bytes <= this.#limits.limit;
  }

  /** Whether the first unit of a file, and the one before it, are of records before the limit, in order. */
  #isTrusted(queue: ConsumeQueue, unit: number, hasFileBefore: boolean): boolean {
    if (!queue.readFile(unit, 1, this.#reader)) return false;
    const offset = unitCommitLogOffset(this.#reader.buffer, 0);
    const bytes = unitRecordBytes(this.#reader.buffer, 0);
    if (!this.#isBefore(offset, bytes)) return false;
    if (!hasFileBefore) return true;
    if (!queue.readFile(unit - 1, 1, this.#reader)) return false;
    const offsetBefore = unitCommitLogOffset(this.#reader.buffer, 0);
    const bytesBefore = unitRecordBytes(this.#reader.buffer, 0);
    if (!this.#isBefore(offsetBefore, bytesBefore)) return false;
    const isFiller = bytes === FILLER_BYTES || bytesBefore === FILLER_BYTES;
    return isFiller || offsetBefore + bytesBefore <= offset;
  }

  #hasUnit(queue: ConsumeQueue, unit: number): boolean {
    if (unit % (this.#files.fileBytes / UNIT_BYTES) === 0) return false;
    if (!queue.readFile(unit, 1, this.#reader)) return false;
    return unitRecordBytes(this.#reader.buffer, 0) !== 0;
  }

  /**
   * Whether the record that a unit points at says the same; a record that has expired is taken on trust.
   * @param isStrict also its queue offset, which differs in queues that RocketMQ shifted
   */
  #matchesLog(queue: ConsumeQueue, unit: number, isStrict: boolean): boolean {
    if (!queue.readFile(unit, 1, this.#reader)) return false;
    const offset = unitCommitLogOffset(this.#reader.buffer, 0);
    const bytes = unitRecordBytes(this.#reader.buffer, 0);
    if (bytes === FILLER_BYTES) return false;
    if (offset < this.#limits.minimum) return true;
    const segment = this.#segments.of(offset);
    const position = offset - (segment?.base ?? 0);
    if (segment === undefined || position + HEAD_BYTES > this.#segments.segmentBytes) return false;
    const head = segment.file.read(position, HEAD_BYTES);
    return (
      readInt32BE(head, RECORD_AT.recordBytes) === bytes &&
      readInt32BE(head, RECORD_AT.queueId) === queue.queueId &&
      (!isStrict || readInt64BE(head, RECORD_AT.queueOffset) === unit) &&
      readInt64BE(head, RECORD_AT.commitLogOffset) === offset
    );
  }

  /** Accepts units as long as their records follow each other in the log. */
  #walk(queue: ConsumeQueue, firstUnit: number, fileEnd: number): number {
    let previousEnd = 0;
    for (let unit = firstUnit; unit < fileEnd; ) {
      const count = Math.min(WALK_UNITS, fileEnd - unit);
      if (!queue.readFile(unit, count, this.#reader)) return unit;
      const { buffer } = this.#reader;
      for (let index = 0; index < count; index++, unit++) {
        const offset = unitCommitLogOffset(buffer, index * UNIT_BYTES);
        const bytes = unitRecordBytes(buffer, index * UNIT_BYTES);
        if (!this.#isBefore(offset, bytes)) return unit;
        if (bytes === FILLER_BYTES) continue;
        if (offset < previousEnd) return unit;
        previousEnd = offset + bytes;
      }
    }
    return fileEnd;
  }

  /** End of the last record before unit `end`, skipping fillers. */
  #lastRecordEnd(queue: ConsumeQueue, end: number): number {
    for (let unit = end - 1; unit >= queue.firstUnit; unit--) {
      if (!queue.readFile(unit, 1, this.#reader)) break;
      const bytes = unitRecordBytes(this.#reader.buffer, 0);
      if (bytes !== FILLER_BYTES) return unitCommitLogOffset(this.#reader.buffer, 0) + bytes;
    }
    return 0;
  }

  /** Clears the rest of the last file and deletes the files behind it. */
  #wipe(queue: ConsumeQueue, end: number): void {
    const fileUnits = this.#files.fileBytes / UNIT_BYTES;
    const fileEnd = Math.ceil(end / fileUnits) * fileUnits;
    queue.removeFiles(fileEnd, Number.POSITIVE_INFINITY);
    let zeroWalks = 0;
    for (let unit = end; unit < fileEnd && zeroWalks < ZERO_WALKS_MAX; ) {
      const count = Math.min(WALK_UNITS, fileEnd - unit);
      if (!queue.readFile(unit, count, this.#reader)) return;
      const zeros = ZEROS.subarray(0, count * UNIT_BYTES);
      const isClear = this.#reader.buffer.equals(zeros);
      if (!isClear) queue.writeFile(unit, zeros);
      zeroWalks = isClear ? zeroWalks + 1 : 0;
      unit += count;
    }
  }
}

/**
 * First unit in [first, end) for which `isBelow` is false; it must be true for all units before. Fillers say nothing and
 * are passed over.
 */
export function lowerBound(
  queue: ConsumeQueue,
  first: number,
  end: number,
  reader: UnitReader,
  isBelow: (commitLogOffset: number, recordBytes: number) => boolean,
): number {
  let low = first;
  let high = end;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    let probe = middle;
    let bytes = FILLER_BYTES;
    let offset = 0;
    for (; probe < high && bytes === FILLER_BYTES; probe++) {
      if (!queue.readFile(probe, 1, reader)) return low;
      offset = unitCommitLogOffset(reader.buffer, 0);
      bytes = unitRecordBytes(reader.buffer, 0);
    }
    if (bytes !== FILLER_BYTES && isBelow(offset, bytes)) low = probe;
    else high = middle;
  }
  return low;
}

/** Sets `minOffset` to the first unit of the first file whose record the log still holds. */
export function correctMinOffset(queue: ConsumeQueue, minimum: number, reader: UnitReader): void {
  const end = Math.min(queue.nextFileUnit(queue.firstUnit), queue.writtenUnit);
  const first = lowerBound(queue, queue.firstUnit, end, reader, (offset) => offset < minimum);
  // Fillers at the front stand for records before the queue's first.
  const unit = skipFillers(queue, first, end, reader);
  // Units in memory are of records that the log holds.
  const isInMemory = unit === queue.writtenUnit && unit < queue.maxOffset;
  if (unit < end || isInMemory) queue.minOffset = unit;
  else if (queue.minOffset < queue.firstUnit) queue.minOffset = queue.firstUnit;
}

function skipFillers(queue: ConsumeQueue, first: number, end: number, reader: UnitReader): number {
  for (let unit = first; unit < end; ) {
    const count = Math.min(WALK_UNITS, end - unit);
    if (!queue.readFile(unit, count, reader)) return end;
    for (let index = 0; index < count; index++, unit++)
      if (unitRecordBytes(reader.buffer, index * UNIT_BYTES) !== FILLER_BYTES) return unit;
  }
  return end;
}
