import { errorCode, type Logger, type Scheduler, writeInt32BE } from '../base/index.ts';
import { BLANK_BYTES_MIN, encodeBlank } from '../message/index.ts';
import type { Alarm } from './alarm.ts';
import type { LogSegment, LogSegments } from './log-segments.ts';
import type { LogPositions } from './positions.ts';
import { PutStatus } from './status.ts';

/**
 * Bytes allocated ahead of the writer in its segment, asked for when half of them are used up, and at the start of the next
 * segment. A flush stores what is filled in and not yet written as well: more bytes here are more that the disk gets twice.
 */
const PREPARE_BYTES = 8 * 1024 * 1024;
const NO_WINDOW = Buffer.alloc(0);

export interface CommitLogEnv {
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly alarm: Alarm;
  /** Every send waits for its flush: what is allocated ahead is stored ahead, too. */
  readonly isSync: boolean;
}

/**
 * The log's one writer: hands out room for a record, counts it, rolls to the next segment.
 *
 * C1: a record lies in one segment and leaves at least `BLANK_BYTES_MIN` bytes behind it.
 * C2: the word behind the last record is zero before that record's length word is written.
 * @thread owner
 * @source rocketmq 4.9.2 store/CommitLog.java, store/MappedFile.java
 */
export class CommitLog {
  readonly segments: LogSegments;
  readonly positions: LogPositions;
  /** Where the claimed record goes: `window[windowIndex…]`, at `appended` in the log. */
  window: Buffer = NO_WINDOW;
  windowIndex = 0;
  readonly #env: CommitLogEnv;
  #current: LogSegment | undefined;
  #currentBase = 0;
  #currentEnd = 0;
  /** Log position before which everything has left this process. */
  #writtenOut = 0;
  #needsNext = false;
  /** Reaching it asks for more allocated bytes. */
  #prepareAt = Number.POSITIVE_INFINITY;
  readonly #preparing = new Set<LogSegment>();
  #createFailure: PutStatus = PutStatus.CREATE_MAPEDFILE_FAILED;
  #isClosed = false;

  constructor(segments: LogSegments, positions: LogPositions, env: CommitLogEnv) {
    this.segments = segments;
    this.positions = positions;
    this.#env = env;
  }

  /** Starts to append at `positions.appended`, as recovery left it; creates the first segment where there is none. */
  start(): void {
    const { appended } = this.positions;
    this.#writtenOut = appended;
    const segment =
      this.segments.of(appended) ??
      (this.segments.count === 0 ? this.segments.create(appended) : undefined);
    if (segment === undefined) return;
    this.#enter(segment);
    // Preparing goes on from where the writer is.
    this.#moveWindow(appended - segment.base, BLANK_BYTES_MIN);
    this.#prepareNow();
  }

  /**
   * Finds room for a record (or a whole batch) of `bytes`, rolling to the next segment where this one has none.
   * After PUT_OK encode at `window[windowIndex]`, then `commit`.
   */
  claim(bytes: number): PutStatus {
    // hot path
    const position = this.positions.appended;
    if (bytes + BLANK_BYTES_MIN > this.#currentEnd - position) return this.#rollAndClaim(bytes);
    const file = (this.#current as LogSegment).file;
    const segmentPosition = position - this.#currentBase;
    const isWritable =
      segmentPosition + bytes + BLANK_BYTES_MIN <= file.windowEnd &&
      segmentPosition >= file.windowStart;
    if (!isWritable) {
      const status = this.#moveWindow(segmentPosition, bytes + BLANK_BYTES_MIN);
      if (status !== PutStatus.PUT_OK) return status;
    }
    this.window = file.window;
    this.windowIndex = segmentPosition - file.windowStart;
    writeInt32BE(this.window, this.windowIndex + bytes, 0); // C2
    return PutStatus.PUT_OK;
  }

  /** Counts the claimed record: its length word has been written. */
  commit(bytes: number): void {
    // hot path
    const position = this.positions.appended + bytes;
    this.positions.appended = position;
    if (this.#needsNext) this.#createNextLater();
    if (position > this.#prepareAt) this.#prepareNow();
  }

  /** Everything appended leaves this process: it survives the process's death. Called once per turn. */
  writeOut(): void {
    // hot path
    const { appended } = this.positions;
    if (this.#writtenOut === appended || this.#current === undefined) return;
    // The zero word behind the last record goes along; the next call writes it again.
    const end = Math.min(appended - this.#currentBase + 4, this.segments.segmentBytes);
    this.#current.file.writeOut(this.#writtenOut - this.#currentBase, end);
    this.#writtenOut = appended;
  }

  /** Whether `[position, position + bytes)` lies in the log as far as it is written, within one segment. */
  isReadable(position: number, bytes: number): boolean {
    // hot path
    const segment = this.segments.of(position);
    if (segment === undefined || bytes <= 0) return false;
    const end = position + bytes;
    return end <= this.positions.appended && end - segment.base <= this.segments.segmentBytes;
  }

  /** Copies bytes for which `isReadable` holds. */
  copyTo(position: number, bytes: number, target: Buffer, at: number): void {
    // hot path
    const segment = this.segments.of(position) as LogSegment;
    segment.file.copyTo(position - segment.base, bytes, target, at);
  }

  /** The bytes, or `undefined` where the log does not hold them (any more). */
  read(position: number, bytes: number): Buffer | undefined {
    if (!this.isReadable(position, bytes)) return undefined;
    const segment = this.segments.of(position) as LogSegment;
    return segment.file.read(position - segment.base, bytes);
  }

  /** First position of the segment behind the one that holds `position`. */
  nextSegmentStart(position: number): number {
    const { segmentBytes } = this.segments;
    return position - (position % segmentBytes) + segmentBytes;
  }

  /** Deletes the oldest segment, never the one that is written. */
  removeFirst(): boolean {
    const first = this.segments.at(0);
    if (first === undefined || first === this.#current) return false;
    this.segments.removeFirst();
    this.positions.minimum = this.segments.at(0)?.base ?? this.positions.appended;
    return true;
  }

  /** Closes all segments; an orderly close deletes those that were created ahead and never used. */
  close(isOrderly: boolean): void {
    this.#isClosed = true;
    const { appended } = this.positions;
    const isUnused = (segment: LogSegment): boolean =>
      segment.base > appended || (segment.base === 0 && appended === 0);
    if (isOrderly)
      for (let last = this.segments.last(); last && isUnused(last); last = this.segments.last())
        this.segments.removeLast();
    this.segments.close();
    this.#current = undefined;
  }

  #enter(segment: LogSegment): void {
    this.#current = segment;
    this.#currentBase = segment.base;
    this.#currentEnd = segment.base + this.segments.segmentBytes;
    this.#prepareAt = segment.base + PREPARE_BYTES / 2;
    this.#needsNext = segment === this.segments.last();
  }

  #rollAndClaim(bytes: number): PutStatus {
    if (bytes + BLANK_BYTES_MIN > this.segments.segmentBytes) return PutStatus.MESSAGE_ILLEGAL;
    const next = this.#nextSegment();
    if (next === undefined) return this.#createFailure;
    if (this.#current !== undefined) {
      const status = this.#writeBlank(this.#current);
      if (status !== PutStatus.PUT_OK) return status;
    }
    this.#enter(next);
    return this.claim(bytes);
  }

  #nextSegment(): LogSegment | undefined {
    const base = this.#current === undefined ? this.positions.appended : this.#currentEnd;
    try {
      return this.segments.of(base) ?? this.segments.create(base);
    } catch (error) {
      this.#env.alarm.raise(error, 'the next commit-log segment cannot be created');
      this.#createFailure =
        errorCode(error) === 'DISK_FULL'
          ? PutStatus.SERVICE_NOT_AVAILABLE
          : PutStatus.CREATE_MAPEDFILE_FAILED;
      return undefined;
    }
  }

  #writeBlank(segment: LogSegment): PutStatus {
    const { positions } = this;
    const rest = this.#currentEnd - positions.appended;
    if (rest > 0) {
      const position = positions.appended - segment.base;
      const { file } = segment;
      if (position < file.windowStart || position + BLANK_BYTES_MIN > file.windowEnd) {
        const status = this.#moveWindow(position, BLANK_BYTES_MIN);
        if (status !== PutStatus.PUT_OK) return status;
      }
      encodeBlank(file.window, position - file.windowStart, rest);
      file.writeOut(this.#writtenOut - segment.base, position + BLANK_BYTES_MIN);
      positions.appended = this.#currentEnd;
    }
    this.#writtenOut = positions.appended;
    return PutStatus.PUT_OK;
  }

  #moveWindow(segmentPosition: number, bytes: number): PutStatus {
    const { file } = this.#current as LogSegment;
    try {
      this.writeOut();
      file.moveWindow(segmentPosition, bytes);
      return PutStatus.PUT_OK;
    } catch (error) {
      this.#env.alarm.raise(error, 'the commit log cannot take more bytes: sends are refused');
      return errorCode(error) === 'DISK_FULL'
        ? PutStatus.SERVICE_NOT_AVAILABLE
        : PutStatus.UNKNOWN_ERROR;
    }
  }

  /** The next segment is created in a turn of its own, right after the first append into this one. */
  #createNextLater(): void {
    this.#needsNext = false;
    const base = this.#currentEnd;
    this.#env.scheduler.defer(() => {
      if (this.#isClosed || this.segments.of(base) !== undefined) return;
      if (base !== this.#currentEnd) return;
      const next = this.#nextSegment();
      if (next !== undefined) this.#prepare(next, PREPARE_BYTES);
    });
  }

  #prepareNow(): void {
    const segment = this.#current;
    if (segment === undefined || this.#preparing.has(segment)) return;
    const { segmentBytes } = this.segments;
    const end = Math.min(this.positions.appended - segment.base + PREPARE_BYTES, segmentBytes);
    this.#prepareAt =
      end === segmentBytes ? Number.POSITIVE_INFINITY : segment.base + end - PREPARE_BYTES / 2;
    this.#prepare(segment, end);
  }

  #prepare(segment: LogSegment, end: number): void {
    this.#preparing.add(segment);
    const done = (error?: Error): void => {
      this.#preparing.delete(segment);
      this.#prepared(error);
    };
    segment.file.prepare(Math.min(end, this.segments.segmentBytes), done, this.#env.isSync);
  }

  #prepared(error?: Error): void {
    if (error === undefined || this.#isClosed) return;
    const facts = { code: errorCode(error), reason: error.message };
    this.#env.logger.debug(facts, 'a segment was not prepared ahead; the writer allocates itself');
  }
}
