import { LOG_RUN_BYTES, writeLogRun } from '../message/index.ts';
import type { CommitLog } from './commit-log.ts';
import type { OutputTarget } from './get-messages.ts';
import { LogView } from './log-view.ts';
import { isRecord } from './record-taker.ts';

/** Records a read by address gives at most. */
export const ADDRESSED_MESSAGES_MAX = 1024;
/** Bytes of the records a read by address gives at most, but always one record. */
export const ADDRESSED_BYTES_MAX = 1024 * 1024;
/** Length and magic of a record: what is looked at. */
const HEAD_BYTES = 8;

/**
 * Gives a reader the addresses of records, see `writeLogRun`: a record that lies behind the one before it makes its run
 * longer, any other begins a new one.
 */
export class AddressTaker {
  readonly #log: CommitLog;
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #runStart = 0;
  #runEnd = -1;
  readonly #view: LogView;

  constructor(log: CommitLog) {
    this.#log = log;
    this.#view = new LogView(log.segments, log.positions);
  }

  /** Starts a read. */
  begin(): void {
    // hot path
    this.#runEnd = -1;
    this.#view.clear();
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
    const view = this.#view;
    if (view.covers(position, position + HEAD_BYTES))
      return isRecord(view.bytes, position - view.start, bytes);
    this.#log.copyTo(position, HEAD_BYTES, this.#head, 0);
    return isRecord(this.#head, 0, bytes);
  }
}
