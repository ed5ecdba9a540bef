import { fstatSync } from 'node:fs';
import {
  AssertionError,
  assert,
  errorCode,
  type Pool,
  type Scheduler,
  type SegmentFile,
} from '../../base/index.ts';
import type { Attempt } from '../fs-failure.ts';
import type { PlainFile } from '../plain-file.ts';
import { StorageError } from '../storage-error.ts';
import type { Libc } from './libc.ts';
import type { Mapping } from './mapping.ts';
import { PREPARE_TASK, type PreparePart } from './prepare.task.ts';

/** What a mapped segment works with. */
export interface MappedSegmentParts {
  readonly libc: Libc;
  readonly file: PlainFile;
  readonly mapping: Mapping;
  readonly scheduler: Scheduler;
  /** Helper threads that prepare ahead of the writer; without them preparing only allocates, on this thread. */
  readonly pool: Pool | undefined;
}

/** How a mapped segment is opened. */
export interface MappedSegmentOptions {
  readonly bytes: number;
  readonly writable: boolean;
  /** The writer gets blocks in steps of this size where nothing was prepared; a multiple of the page size. */
  readonly allocateBytes: number;
  /** Preparing goes in steps of this size; a multiple of the page size. */
  readonly prepareBytes: number;
  readonly failure: (error: unknown, attempt: Attempt) => StorageError;
}

const PAGE_BYTES = 4096;
const NO_WINDOW = Buffer.alloc(0);

/**
 * A segment whose window is the whole file, mapped.
 *
 * S1: `[0, windowEnd)` has blocks, so a store into the window never meets a full disk (that would be a SIGBUS).
 * S2: `[0, readableEnd)` has blocks or is data. Holes are read by `pread`: on tmpfs even reading one through a mapping
 *     takes a page, and a full disk is a SIGBUS.
 * S3: after `close` the window is empty, and every call is an assertion, never a touch of unmapped memory.
 * @thread owner
 */
export class MappedSegment implements SegmentFile {
  readonly path: string;
  readonly bytes: number;
  window: Buffer;
  readonly windowStart = 0;
  windowEnd = 0;
  #readableEnd = 0;
  /** Where the writer went on last; nothing before it needs preparing. */
  #writerPosition = 0;
  #preparedEnd = 0;
  #isPreparing = false;
  #isClosed = false;
  readonly #parts: MappedSegmentParts;
  readonly #options: MappedSegmentOptions;

  constructor(parts: MappedSegmentParts, options: MappedSegmentOptions) {
    this.path = parts.file.path;
    this.bytes = options.bytes;
    this.#parts = parts;
    this.#options = options;
    this.window = parts.mapping.buffer;
  }

  moveWindow(position: number, length: number): void {
    const end = position + length;
    if (position < 0 || length < 0 || end > this.bytes || this.#isClosed)
      this.#refuse(position, end);
    assert(this.#options.writable, 'a segment opened for reading is not written');
    this.#writerPosition = position;
    if (end <= this.windowEnd) return;
    const step = this.#options.allocateBytes;
    const generous = Math.min(this.bytes, Math.ceil(end / step) * step);
    // A nearly full disk still takes what fits.
    const exact = Math.min(this.bytes, Math.ceil(end / PAGE_BYTES) * PAGE_BYTES);
    if (!this.#allocate(generous, generous === exact) && generous !== exact)
      this.#allocate(exact, true);
  }

  writeOut(start: number, end: number): void {
    if (start > end || end > this.windowEnd || start < 0) this.#refuse(start, end);
  }

  read(position: number, length: number): Buffer {
    // hot path
    const end = position + length;
    if (position < 0 || length < 0 || end > this.bytes || this.#isClosed)
      this.#refuse(position, end);
    if (end <= this.#readableEnd || this.#isReadable(end))
      return this.window.subarray(position, end);
    const copy = Buffer.allocUnsafe(length);
    this.#readHole(position, copy);
    return copy;
  }

  copyTo(position: number, length: number, target: Buffer, targetStart: number): void {
    // hot path
    const end = position + length;
    if (position < 0 || length < 0 || end > this.bytes || this.#isClosed)
      this.#refuse(position, end);
    assert(targetStart + length <= target.length, 'the target has no room for the copy');
    if (end <= this.#readableEnd || this.#isReadable(end))
      this.window.copy(target, targetStart, position, end);
    else this.#readHole(position, target.subarray(targetStart, targetStart + length));
  }

  sync(done: (error?: Error) => void): void {
    assert(!this.#isClosed, 'a closed segment is not synced');
    this.#parts.file.sync(done);
  }

  /** One at a time. Begins where the writer stands, or at 0 where it has not begun. */
  prepare(end: number, done: (error?: Error) => void): void {
    if (end > this.bytes || this.#isClosed) this.#refuse(0, end);
    assert(this.#options.writable, 'a segment opened for reading is not prepared');
    assert(!this.#isPreparing, `${this.path} is being prepared already`);
    this.#isPreparing = true;
    const finish = (error?: Error): void => {
      this.#isPreparing = false;
      done(error);
    };
    this.#parts.scheduler.defer(() => this.#prepareNext(end, finish));
  }

  retain(): void {
    this.#parts.mapping.retain();
  }

  release(): void {
    this.#parts.mapping.release();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.window = NO_WINDOW; // S3
    this.windowEnd = 0;
    this.#readableEnd = 0;
    this.#parts.mapping.close();
    this.#parts.file.close();
  }

  /** Gives everything up to `end` blocks; false where the disk is full and that may be tried with less. */
  #allocate(end: number, isLast: boolean): boolean {
    try {
      // From the window's end on, also over data that is there: that keeps it and closes holes between (S1).
      this.#parts.libc.allocate(this.#parts.file.descriptor, this.windowEnd, end - this.windowEnd);
    } catch (error) {
      if (!isLast && errorCode(error) === 'ENOSPC') return false;
      throw this.#options.failure(error, {
        path: this.path,
        action: `get blocks up to ${end} for`,
        neededBytes: end - this.windowEnd,
      });
    }
    this.#extendWindow(end);
    return true;
  }

  #extendWindow(end: number): void {
    this.windowEnd = Math.max(this.windowEnd, end); // S1
    this.#readableEnd = Math.max(this.#readableEnd, this.windowEnd); // S2
  }

  /** Looks how far the data reaches by now. */
  #isReadable(end: number): boolean {
    if (this.#readableEnd < this.bytes)
      this.#readableEnd = this.#parts.libc.nextHole(this.#parts.file.descriptor, this.#readableEnd); // S2
    return end <= this.#readableEnd;
  }

  #readHole(position: number, target: Buffer): void {
    const readBytes = this.#parts.file.read(position, target);
    if (readBytes === target.length) return;
    const bytes = position + readBytes;
    throw new StorageError(
      'SEGMENT_LENGTH',
      `${this.path} ends at ${bytes}, it should have ${this.bytes} bytes; it was cut by someone else`,
      { path: this.path, bytes, expectedBytes: this.bytes },
    );
  }

  #prepareNext(end: number, done: (error?: Error) => void): void {
    if (this.#isClosed) {
      done(new StorageError('STORE_CLOSED', `${this.path} was closed`, { path: this.path }));
      return;
    }
    const step = this.#options.prepareBytes;
    const writerStep = this.#writerPosition - (this.#writerPosition % step);
    const position = Math.max(this.#preparedEnd, writerStep);
    if (position >= end) {
      done();
      return;
    }
    const partEnd = Math.min(this.bytes, position + step);
    this.#preparePart(position, partEnd - position, (error) => {
      if (error !== undefined) return void done(this.#prepareFailure(error, partEnd - position));
      this.#preparedEnd = partEnd;
      if (!this.#isClosed && position <= this.windowEnd) this.#extendWindow(partEnd);
      this.#prepareNext(end, done);
    });
  }

  #preparePart(position: number, bytes: number, done: (error?: Error) => void): void {
    const { pool, scheduler, libc, file } = this.#parts;
    if (pool !== undefined) {
      const facts = fstatSync(file.descriptor);
      const identity = { path: this.path, device: facts.dev, inode: facts.ino };
      const part: PreparePart = { ...identity, position, bytes };
      pool.run(PREPARE_TASK, part, done);
      return;
    }
    try {
      libc.allocate(file.descriptor, position, bytes);
      scheduler.defer(() => done());
    } catch (error) {
      done(this.#prepareFailure(error, bytes));
    }
  }

  #prepareFailure(error: unknown, neededBytes: number): StorageError {
    return this.#options.failure(error, { path: this.path, action: 'prepare', neededBytes });
  }

  #refuse(start: number, end: number): never {
    assert(!this.#isClosed, `${this.path} is closed`);
    throw new AssertionError(
      `[${start}, ${end}) is outside ${this.path}: ${this.bytes} bytes, writable up to ${this.windowEnd}`,
    );
  }
}
