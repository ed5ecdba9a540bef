import type { SegmentFile } from '../base/index.ts';
import type { LogSegments } from './log-segments.ts';
import type { LogPositions } from './positions.ts';

/** A view is made for so much of the log at least, and serves all records in there. */
const VIEW_BYTES = 1024 * 1024;
const NO_BYTES = Buffer.alloc(0);

/** A stretch of one segment where it lies, for the length of one read: its segment may be gone at the next one. */
export class LogView {
  bytes: Buffer = NO_BYTES;
  /** Log position of `bytes[0]`. */
  start = 0;
  file: SegmentFile | undefined;
  readonly #segments: LogSegments;
  readonly #positions: LogPositions;
  #end = 0;

  constructor(segments: LogSegments, positions: LogPositions) {
    this.#segments = segments;
    this.#positions = positions;
  }

  /** Lets go of what was seen. */
  clear(): void {
    // hot path
    this.bytes = NO_BYTES;
    this.file = undefined;
    this.#end = 0;
  }

  /**
   * Makes the view hold `[position, end)` of the log; false, and all as before, where that is not in one segment or the
   * disk has no views.
   */
  covers(position: number, end: number): boolean {
    // hot path
    return (position >= this.start && end <= this.#end) || this.#look(position, end);
  }

  #look(position: number, end: number): boolean {
    const segment = this.#segments.of(position);
    if (segment === undefined) return false;
    const { base, file } = segment;
    const limit = Math.min(base + this.#segments.segmentBytes, this.#positions.appended);
    if (end > limit) return false;
    const length = Math.min(Math.max(end - position, VIEW_BYTES), limit - position);
    const view = file.view(position - base, length);
    if (view === undefined) return false;
    this.bytes = view;
    this.start = position;
    this.file = file;
    this.#end = position + length;
    return true;
  }
}
