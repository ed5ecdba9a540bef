import { LOG_RUN_BYTES, writeLogRun } from '../message/index.ts';
import type { CommitLog } from './commit-log.ts';
import type { OutputTarget } from './get-messages.ts';
import { isRecord } from './record-taker.ts';

/** Records a read by address gives at most. */
export const ADDRESSED_MESSAGES_MAX = 1024;
/** Bytes of the records a read by address gives at most, but always one record. */
export const ADDRESSED_BYTES_MAX = 1024 * 1024;
/** A view of the log is made for so much of it, and serves all records in there. */
const VIEW_BYTES = 1024 * 1024;
/** Length and magic of a record: what is looked at. */
const HEAD_BYTES = 8;
const NO_BYTES = Buffer.alloc(0);

/**
 * Gives a reader the addresses of records, see `writeLogRun`: a record that lies behind the one before it makes its run
 * longer, any other begins a new one.
 */
export class AddressTaker {
  readonly #log: CommitLog;
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #runStart = 0;
  #runEnd = -1;
  /** Where the view begins in the log. */
  #viewStart = 0;
  #view: Buffer = NO_BYTES;

  constructor(log: CommitLog) {
    this.#log = log;
  }

  /** Starts a read: nothing is kept of the one before, whose segments may be gone. */
  begin(): void {
    // hot path
    this.#runEnd = -1;
    this.#view = NO_BYTES;
  }

  /** Gives the reader a record that the log holds; false where there is none of that length. */
  take(position: number, bytes: number, output: OutputTarget): boolean {
    // hot path
    if (!this.#isRecord(position, bytes)) return false;
    if (position === this.#runEnd) {
      output.length -= LOG_RUN_BYTES;
    } else {
      this.#runStart = position;
      output.reserve(LOG_RUN_BYTES);
    }
    this.#runEnd = position + bytes;
    const length = this.#runEnd - this.#runStart;
    output.length = writeLogRun(output.buffer, output.length, this.#runStart, length);
    return true;
  }

  #isRecord(position: number, bytes: number): boolean {
    // hot path
    const at = position - this.#viewStart;
    if (at >= 0 && at + HEAD_BYTES <= this.#view.length) return isRecord(this.#view, at, bytes);
    if (this.#look(position)) return isRecord(this.#view, 0, bytes);
    this.#log.copyTo(position, HEAD_BYTES, this.#head, 0);
    return isRecord(this.#head, 0, bytes);
  }

  /** Makes a view that begins at `position`, where the disk has views. */
  #look(position: number): boolean {
    const { segments, positions } = this.#log;
    const segment = segments.of(position);
    if (segment === undefined) return false;
    const end = Math.min(segment.base + segments.segmentBytes, positions.appended);
    const length = Math.min(VIEW_BYTES, end - position);
    const view =
      length < HEAD_BYTES ? undefined : segment.file.view(position - segment.base, length);
    if (view === undefined) return false;
    this.#view = view;
    this.#viewStart = position;
    return true;
  }
}
