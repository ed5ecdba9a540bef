import { readInt32BE, type SegmentFile } from '../base/index.ts';
import { RECORD_AT, RECORD_MAGIC_V1, RECORD_MAGIC_V2 } from '../message/index.ts';
import type { CommitLog } from './commit-log.ts';
import type { GetResult, OutputTarget } from './get-messages.ts';
import type { LogSegment } from './log-segments.ts';

/** Records that lie side by side are copied up to this length; a longer run of them is lent where files are mapped. */
export const COPIED_BYTES_MAX = 64 * 1024;
/** A view is made for this much of a run at first, so that its records need none each. */
const VIEW_BYTES = 1024 * 1024;

/** Records that a reader was given where they lie in the log, under a lease. */
export interface LentRun {
  /** They come before this byte of the output, which is where the bytes before them end. */
  readonly at: number;
  readonly bytes: Buffer;
  /** To be called once, when nothing refers to `bytes` any more. */
  readonly release: () => void;
}

const NO_BYTES = Buffer.alloc(0);

/**
 * Gives records to a reader: copies in its output, or runs of the log itself.
 *
 * A run begins as copies; once it is longer than `COPIED_BYTES_MAX` these are taken back and the run is lent.
 * K1: each lent run has a lease of its segment, which the reader gives back.
 */
export class RecordTaker {
  readonly #log: CommitLog;
  /** Log positions of the records that lie side by side up to now. */
  #runStart = 0;
  #runEnd = -1;
  /** Length of the output before the run. */
  #at = 0;
  #isLent = false;
  #view: Buffer = NO_BYTES;
  /** The segment of the last record, for this read. */
  #file: SegmentFile | undefined;
  #base = 0;
  #segmentEnd = 0;

  constructor(log: CommitLog) {
    this.#log = log;
  }

  /** Starts a read. */
  begin(): void {
    // hot path
    this.#runEnd = -1;
    this.#isLent = false;
    this.#file = undefined;
    this.#segmentEnd = 0;
  }

  /** Gives the reader a record that the log holds; false where there is none of that length. */
  take(position: number, bytes: number, output: OutputTarget, result: GetResult): boolean {
    // hot path
    if (position !== this.#runEnd) this.#startRun(position, output, result);
    const isLong = position + bytes - this.#runStart > COPIED_BYTES_MAX;
    if (isLong && result.canLend && this.#extendView(position + bytes)) {
      if (!isRecord(this.#view, position - this.#runStart, bytes)) return false;
      output.length = this.#at;
      this.#isLent = true;
    } else {
      if (this.#isLent) this.#startRun(position, output, result);
      const start = output.reserve(bytes);
      if (position < this.#base || position >= this.#segmentEnd) this.#enter(position);
      const file = this.#file as SegmentFile;
      file.copyTo(position - this.#base, bytes, output.buffer, start);
      if (!isRecord(output.buffer, start, bytes)) return false;
      output.length = start + bytes;
    }
    this.#runEnd = position + bytes;
    return true;
  }

  /** Ends a read: all that is lent is in `result.runs`. */
  end(result: GetResult): void {
    // hot path
    if (this.#isLent) this.#lend(result);
  }

  #startRun(position: number, output: OutputTarget, result: GetResult): void {
    // hot path
    if (this.#isLent) this.#lend(result);
    this.#runStart = position;
    this.#runEnd = position;
    this.#at = output.length;
    this.#isLent = false;
    this.#view = NO_BYTES;
  }

  #lend(result: GetResult): void {
    const file = this.#file as SegmentFile;
    const bytes = this.#view.subarray(0, this.#runEnd - this.#runStart);
    file.retain(); // K1
    result.runs.push({ at: this.#at, bytes, release: () => file.release() });
    this.#isLent = false;
    this.#view = NO_BYTES;
  }

  #enter(position: number): void {
    const segment = this.#log.segments.of(position) as LogSegment;
    this.#file = segment.file;
    this.#base = segment.base;
    this.#segmentEnd = segment.base + this.#log.segments.segmentBytes;
  }

  /** Makes the view reach from the run's start to `end`, where the disk has views. */
  #extendView(end: number): boolean {
    const needed = end - this.#runStart;
    if (needed <= this.#view.length) return true;
    this.#enter(this.#runStart);
    const viewEnd = Math.min(this.#segmentEnd, this.#log.positions.appended);
    const length = Math.min(Math.max(needed, VIEW_BYTES), viewEnd - this.#runStart);
    const view = this.#file?.view(this.#runStart - this.#base, length);
    if (view !== undefined) this.#view = view;
    return view !== undefined;
  }
}

/** Whether the bytes at `at` begin as a record of that length does. */
export function isRecord(buffer: Buffer, at: number, bytes: number): boolean {
  // hot path
  const magic = readInt32BE(buffer, at + RECORD_AT.magic);
  return (
    (magic === RECORD_MAGIC_V1 || magic === RECORD_MAGIC_V2) &&
    readInt32BE(buffer, at + RECORD_AT.recordBytes) === bytes
  );
}
