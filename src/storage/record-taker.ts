import { readInt32BE, type SegmentFile } from '../base/index.ts';
import { RECORD_AT, RECORD_MAGIC_V1, RECORD_MAGIC_V2 } from '../message/index.ts';
import type { CommitLog } from './commit-log.ts';
import type { GetResult, OutputTarget } from './get-messages.ts';
import { LogView } from './log-view.ts';

/** Records that lie side by side are copied up to this length; a longer run of them is lent where files are mapped. */
export const COPIED_BYTES_MAX = 64 * 1024;

/** Records that a reader was given where they lie in the log, under a lease. */
export interface LentRun {
  /** They come before this byte of the output, which is where the bytes before them end. */
  readonly at: number;
  readonly bytes: Buffer;
  /** To be called once, when nothing refers to `bytes` any more. */
  readonly release: () => void;
}

/**
 * Gives records to a reader, a run at a time: records that lie side by side are one copy in its output, or one piece of
 * the log itself.
 *
 * K1: each lent run has a lease of its segment, which the reader gives back.
 */
export class RecordTaker {
  readonly #log: CommitLog;
  readonly #view: LogView;
  /** Log positions of the records that lie side by side up to now; the view holds them. */
  #runStart = 0;
  #runEnd = 0;

  constructor(log: CommitLog) {
    this.#log = log;
    this.#view = new LogView(log.segments, log.positions);
  }

  /** Starts a read. */
  begin(): void {
    // hot path
    this.#runStart = -1;
    this.#runEnd = -1;
    this.#view.clear();
  }

  /** Gives the reader a record that the log holds; false where there is none of that length. */
  take(position: number, bytes: number, output: OutputTarget, result: GetResult): boolean {
    // hot path
    const view = this.#view;
    const end = position + bytes;
    if (position !== this.#runEnd) this.#startRun(position, output, result);
    if (!view.covers(this.#runStart, end)) {
      this.#startRun(end, output, result);
      return this.#copy(position, bytes, output);
    }
    if (!isRecord(view.bytes, position - view.start, bytes)) return false;
    this.#runEnd = end;
    return true;
  }

  /** Ends a read: what was taken is in the output or in `result.runs`. */
  end(output: OutputTarget, result: GetResult): void {
    // hot path
    const bytes = this.#runEnd - this.#runStart;
    if (bytes === 0) return;
    const view = this.#view;
    const from = this.#runStart - view.start;
    if (bytes > COPIED_BYTES_MAX && result.canLend) {
      const file = view.file as SegmentFile;
      file.retain(); // K1
      const run = view.bytes.subarray(from, from + bytes);
      result.runs.push({ at: output.length, bytes: run, release: () => file.release() });
      return;
    }
    const start = output.reserve(bytes);
    view.bytes.copy(output.buffer, start, from, from + bytes);
    output.length = start + bytes;
  }

  #startRun(position: number, output: OutputTarget, result: GetResult): void {
    // hot path
    this.end(output, result);
    this.#runStart = position;
    this.#runEnd = position;
  }

  /** Where the disk has no views. */
  #copy(position: number, bytes: number, output: OutputTarget): boolean {
    const start = output.reserve(bytes);
    this.#log.copyTo(position, bytes, output.buffer, start);
    if (!isRecord(output.buffer, start, bytes)) return false;
    output.length = start + bytes;
    return true;
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
