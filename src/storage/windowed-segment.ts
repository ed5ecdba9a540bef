import {
  assert,
  type DiskFile,
  errorCode,
  type Scheduler,
  type SegmentFile,
} from '../base/index.ts';
import { StorageError } from './storage-error.ts';

/** How a windowed segment is opened. */
export interface WindowedSegmentOptions {
  readonly bytes: number;
  readonly writable: boolean;
  /** Size of the sliding window; a longer write makes it grow. */
  readonly windowBytes: number;
  readonly scheduler: Scheduler;
}

/** Large enough for the largest record (4 MiB) anywhere behind the window's first page, with room to go on. */
export const WINDOW_BYTES = 8 * 1024 * 1024;
const PAGE_BYTES = 4096;
const RESERVE_STEP_BYTES = 1024 * 1024;
const NO_WINDOW = Buffer.alloc(0);

/**
 * A segment over positional reads and writes: bytes are put together in a sliding window in memory and stored by
 * `writeOut`.
 *
 * W1: the window shows the file's bytes, changed by what the owner put into it.
 * W2: `[windowStart, windowEnd)` was written to the file once, so its blocks exist and a full disk is met in
 *     `moveWindow`, before a record counts as appended.
 * @thread owner
 */
export class WindowedSegment implements SegmentFile {
  readonly path: string;
  readonly bytes: number;
  window: Buffer = NO_WINDOW;
  windowStart = 0;
  windowEnd = 0;
  readonly #file: DiskFile;
  readonly #options: WindowedSegmentOptions;
  #memory: Buffer = NO_WINDOW;
  #leases = 0;
  #isClosed = false;

  constructor(file: DiskFile, options: WindowedSegmentOptions) {
    this.path = file.path;
    this.bytes = options.bytes;
    this.#file = file;
    this.#options = options;
  }

  moveWindow(position: number, length: number): void {
    this.#checkRange(position, length);
    assert(this.#options.writable, `${this.path} was opened for reading`);
    if (position >= this.windowStart && position + length <= this.windowEnd) return;
    const start = position - (position % PAGE_BYTES);
    const needed = position + length - start;
    const end = Math.min(this.bytes, start + Math.max(needed, this.#options.windowBytes));
    if (this.#memory.length < end - start) this.#memory = Buffer.alloc(end - start);
    const window = this.#memory.subarray(0, end - start);
    // The old window is given up first: after a failure nothing may be written through it.
    this.windowEnd = this.windowStart;
    this.window = NO_WINDOW;
    this.#fill(start, window); // W1
    const reservedEnd = this.#reserve(start, window, position + length); // W2
    this.window = window;
    this.windowStart = start;
    this.windowEnd = reservedEnd;
  }

  writeOut(start: number, end: number): void {
    if (start === end) return;
    assert(
      start < end && start >= this.windowStart && end <= this.windowEnd,
      `[${start}, ${end}) is outside the window [${this.windowStart}, ${this.windowEnd}) of ${this.path}`,
    );
    this.#file.write(start, this.window.subarray(start - this.windowStart, end - this.windowStart));
  }

  read(position: number, length: number): Buffer {
    this.#checkRange(position, length);
    const target = Buffer.allocUnsafe(length);
    this.#readInto(position, target);
    return target;
  }

  view(position: number, length: number): undefined {
    this.#checkRange(position, length);
  }

  copyTo(position: number, length: number, target: Buffer, targetStart: number): void {
    this.#checkRange(position, length);
    assert(targetStart + length <= target.length, `no room for ${length} bytes in the target`);
    this.#readInto(position, target.subarray(targetStart, targetStart + length));
  }

  isResident(position: number, bytes: number): boolean {
    this.#checkRange(position, bytes);
    const isInWindow = position >= this.windowStart && position + bytes <= this.windowEnd;
    return isInWindow || this.#file.isResident(position, bytes);
  }

  fetch(position: number, bytes: number, done: (error?: Error) => void): void {
    this.#checkRange(position, bytes);
    this.#file.fetch(position, bytes, done);
  }

  sync(done: (error?: Error) => void): void {
    assert(!this.#isClosed, `${this.path} is closed`);
    this.#file.sync(done);
  }

  /** Nothing can be done ahead without a mapping: `moveWindow` does it all. */
  prepare(_end: number, done: (error?: Error) => void): void {
    assert(!this.#isClosed, `${this.path} is closed`);
    this.#options.scheduler.defer(() => done());
  }

  retain(): void {
    assert(!this.#isClosed, `${this.path} is closed`);
    this.#leases += 1;
  }

  release(): void {
    assert(this.#leases > 0, `${this.path} is released more often than retained`);
    this.#leases -= 1;
    if (this.#isClosed && this.#leases === 0) this.#file.close();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.window = NO_WINDOW;
    this.#memory = NO_WINDOW;
    this.windowEnd = this.windowStart;
    if (this.#leases === 0) this.#file.close();
  }

  #checkRange(position: number, length: number): void {
    assert(!this.#isClosed, `${this.path} is closed`);
    assert(
      position >= 0 && length >= 0 && position + length <= this.bytes,
      `[${position}, ${position + length}) is outside ${this.path} of ${this.bytes} bytes`,
    );
  }

  #readInto(position: number, target: Buffer): void {
    const end = position + target.length;
    const isInWindow = position >= this.windowStart && end <= this.windowEnd;
    if (!isInWindow) this.#fill(position, target);
    const from = Math.max(position, this.windowStart);
    const to = Math.min(end, this.windowEnd);
    if (from < to)
      this.window.copy(target, from - position, from - this.windowStart, to - this.windowStart);
  }

  #fill(position: number, target: Buffer): void {
    const readBytes = this.#file.read(position, target);
    if (readBytes === target.length) return;
    throw new StorageError(
      'SEGMENT_LENGTH',
      `${this.path} ends at ${position + readBytes}, it should have ${this.bytes} bytes; it was cut by someone else`,
      { path: this.path, bytes: position + readBytes, expectedBytes: this.bytes },
    );
  }

  /** Writes the window's own bytes back, so that the file has blocks for them; returns how far that went. */
  #reserve(start: number, window: Buffer, neededEnd: number): number {
    let reservedEnd = start;
    const end = start + window.length;
    try {
      while (reservedEnd < end) {
        // The first step covers what was asked for, so a nearly full disk still takes what fits.
        const target = reservedEnd < neededEnd ? neededEnd : reservedEnd + RESERVE_STEP_BYTES;
        const stepEnd = Math.min(end, target);
        this.#file.write(reservedEnd, window.subarray(reservedEnd - start, stepEnd - start));
        reservedEnd = stepEnd;
      }
    } catch (error) {
      if (errorCode(error) !== 'DISK_FULL' || reservedEnd < neededEnd) throw error;
    }
    return reservedEnd;
  }
}
