import { assert, type Scheduler, type SegmentFile } from '../base/index.ts';
import type { MemoryFile } from './memory-file.ts';
import { StorageError } from './storage-error.ts';

/** How a simulated mapped segment is opened. */
export interface MemorySegmentOptions {
  readonly bytes: number;
  readonly writable: boolean;
  readonly scheduler: Scheduler;
  /** Blocks are allocated in steps of this size. */
  readonly allocateBytes: number;
}

const NO_WINDOW = Buffer.alloc(0);

/**
 * A segment that behaves like a mapped one: the window is the whole file, and what is put into it is *written* at once.
 * @thread owner
 */
export class MemorySegment implements SegmentFile {
  readonly path: string;
  readonly bytes: number;
  window: Buffer;
  readonly windowStart = 0;
  windowEnd = 0;
  readonly #file: MemoryFile;
  readonly #options: MemorySegmentOptions;
  #leases = 0;
  #isClosed = false;

  constructor(file: MemoryFile, options: MemorySegmentOptions) {
    this.path = file.path;
    this.bytes = options.bytes;
    this.#file = file;
    this.#options = options;
    this.window = file.inode.content.subarray(0, options.bytes);
  }

  moveWindow(position: number, length: number): void {
    this.#checkRange(position, length);
    assert(this.#options.writable, `${this.path} was opened for reading`);
    const end = position + length;
    if (end <= this.windowEnd) return;
    const step = this.#options.allocateBytes;
    const reservedEnd = this.#file.reserve(Math.min(this.bytes, Math.ceil(end / step) * step));
    this.windowEnd = Math.max(this.windowEnd, reservedEnd);
    if (reservedEnd < end) throw this.#file.full(end - reservedEnd);
  }

  writeOut(start: number, end: number): void {
    this.#checkRange(start, end - start);
    assert(end <= this.windowEnd || start === end, `${this.path} is not writable up to ${end}`);
    this.#file.inode.load(start, end - start); // Storing into a page brings it in.
  }

  read(position: number, length: number): Buffer {
    this.#checkRange(position, length);
    this.#file.touch(position, length);
    return this.window.subarray(position, position + length);
  }

  view(position: number, length: number): Buffer {
    return this.read(position, length);
  }

  copyTo(position: number, length: number, target: Buffer, targetStart: number): void {
    this.#checkRange(position, length);
    assert(targetStart + length <= target.length, `no room for ${length} bytes in the target`);
    this.#file.touch(position, length);
    this.window.copy(target, targetStart, position, position + length);
  }

  isResident(position: number, bytes: number): boolean {
    this.#checkRange(position, bytes);
    return this.#file.isResident(position, bytes);
  }

  fetch(position: number, bytes: number, done: (error?: Error) => void): void {
    this.#checkRange(position, bytes);
    this.#file.fetch(position, bytes, done);
  }

  sync(done: (error?: Error) => void): void {
    assert(!this.#isClosed, `${this.path} is closed`);
    this.#file.sync(done);
  }

  prepare(end: number, done: (error?: Error) => void): void {
    this.#checkRange(0, end);
    this.#options.scheduler.defer(() => {
      if (this.#file.isAlive) done(this.#prepareNow(end));
    });
  }

  retain(): void {
    this.#checkRange(0, 0);
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
    this.windowEnd = 0;
    if (this.#leases === 0) this.#file.close();
  }

  #prepareNow(end: number): Error | undefined {
    if (this.#isClosed)
      return new StorageError('STORE_CLOSED', `${this.path} was closed`, { path: this.path });
    try {
      this.moveWindow(0, end);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #checkRange(position: number, length: number): void {
    assert(!this.#isClosed, `${this.path} is closed`);
    this.#file.checkOpen();
    assert(
      position >= 0 && length >= 0 && position + length <= this.bytes,
      `[${position}, ${position + length}) is outside ${this.path} of ${this.bytes} bytes`,
    );
  }
}
