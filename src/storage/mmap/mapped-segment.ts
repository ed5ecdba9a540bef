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
  /** Helper threads that prepare ahead of the writer; without them it is done on this thread, a step a turn. */
  readonly pool: Pool | undefined;
}

/** How a mapped segment is opened. */
export interface MappedSegmentOptions {
  readonly bytes: number;
  readonly writable: boolean;
  /** The window grows by steps of this size where nothing was prepared; a multiple of the page size. */
  readonly allocateBytes: number;
  /** Preparing goes in steps of this size; a multiple of the page size. */
  readonly prepareBytes: number;
  /** Free bytes on the segment's disk. */
  readonly freeBytes: () => number | undefined;
  readonly failure: (error: unknown, attempt: Attempt) => StorageError;
}

/** Space kept free where pages cannot be filled in: more than any file system needs to note what was written. */
const SPARE_BYTES = 64 * 1024 * 1024;
/** Bytes behind the writer that stay mapped: consumers read most of what they read from there. */
const KEEP_BYTES = 1024 * 1024;
/** What lies further back is let go in pieces of this size. */
const LET_GO_BYTES = 1024 * 1024;
/** The writer maps pages in by steps of this size; one by one, by a fault each, they cost three times as much. */
const TOUCH_BYTES = 256 * 1024;
/** So much is mapped in ahead of the writer at least, once it writes. */
const TOUCH_AHEAD_BYTES = 64 * 1024;
const NO_WINDOW = Buffer.alloc(0);

/**
 * A segment whose window is the mapped file itself.
 *
 * S1: a store into `[windowStart, windowEnd)` finds its block. Allocating is not enough for that: on a full ext4 a store
 *     into an allocated page that was never written is a SIGBUS, because noting it as written takes blocks too. So the
 *     pages are filled in ahead, which reports the failure instead; where the kernel cannot, some space is kept free.
 * S2: `[0, readableEnd)` is data or secured by S1. Holes are read by `pread`: on tmpfs even reading one through a mapping
 *     takes a page, and a full disk is a SIGBUS.
 * S3: after `close` the window is empty, and every call is an assertion, never a touch of unmapped memory.
 * S4: a segment of which the disk could not read a part is read by `pread`: through the mapping that is a SIGBUS.
 * S5: pages behind the writer are let go before their flush. Otherwise the flush takes the right to write from each page
 *     by itself, and interrupts the writer's processor each time; and they would count as this process's memory.
 * @thread owner
 */
export class MappedSegment implements SegmentFile {
  readonly path: string;
  readonly bytes: number;
  window: Buffer;
  windowStart = 0;
  windowEnd = 0;
  #readableEnd = 0;
  /** The whole file. */
  #content: Buffer;
  /** Where the writer went on last; nothing before it needs preparing. */
  #writerPosition = 0;
  #preparedEnd = 0;
  /** The writer's pages before it were let go. */
  #letGoEnd = 0;
  /** The writer's pages up to here were mapped in by `#touch`. */
  #touchedEnd = 0;
  #isPreparing = false;
  #isClosed = false;
  #isFaulty = false;
  readonly #parts: MappedSegmentParts;
  readonly #options: MappedSegmentOptions;

  constructor(parts: MappedSegmentParts, options: MappedSegmentOptions) {
    this.path = parts.file.path;
    this.bytes = options.bytes;
    this.#parts = parts;
    this.#options = options;
    this.#content = parts.mapping.buffer;
    this.window = this.#content;
  }

  moveWindow(position: number, length: number): void {
    const end = position + length;
    if (position < 0 || length < 0 || end > this.bytes || this.#isClosed)
      this.#refuse(position, end);
    assert(this.#options.writable, 'a segment opened for reading is not written');
    this.#writerPosition = position;
    const isBehind = position >= this.windowStart && position <= this.windowEnd;
    if (isBehind && end <= this.windowEnd) return;
    const { pageBytes } = this.#parts.libc;
    const start = isBehind ? this.windowEnd : position - (position % pageBytes);
    const step = this.#options.allocateBytes;
    const generous = Math.min(this.bytes, Math.ceil(end / step) * step);
    // A nearly full disk still takes what fits; whole pages, because a store makes the system fill the whole page.
    const exact = Math.min(this.bytes, Math.ceil(end / pageBytes) * pageBytes);
    const securedEnd = this.#secureWhatFits(start, generous, exact);
    if (!isBehind) {
      this.windowStart = start;
      this.window = this.#content.subarray(start);
      this.windowEnd = start;
    }
    this.#extendWindow(securedEnd);
  }

  writeOut(start: number, end: number): void {
    if (start > end || end > this.windowEnd || start < this.windowStart) this.#refuse(start, end);
    if (end - this.#letGoEnd >= KEEP_BYTES + LET_GO_BYTES) this.#letGo(end);
    if (end + TOUCH_AHEAD_BYTES > this.#touchedEnd) this.#touch(end);
  }

  read(position: number, length: number): Buffer {
    // hot path
    const end = position + length;
    if (position < 0 || length < 0 || end > this.bytes || this.#isClosed)
      this.#refuse(position, end);
    if (end <= this.#readableEnd || this.#isReadable(end))
      return this.#content.subarray(position, end);
    const copy = Buffer.allocUnsafe(length);
    this.#readByCall(position, copy);
    return copy;
  }

  view(position: number, length: number): Buffer | undefined {
    const end = position + length;
    if (position < 0 || length < 0 || end > this.bytes || this.#isClosed)
      this.#refuse(position, end);
    const isReadable = end <= this.#readableEnd || this.#isReadable(end);
    return isReadable ? this.#content.subarray(position, end) : undefined;
  }

  copyTo(position: number, length: number, target: Buffer, targetStart: number): void {
    // hot path
    const end = position + length;
    if (position < 0 || length < 0 || end > this.bytes || this.#isClosed)
      this.#refuse(position, end);
    assert(targetStart + length <= target.length, 'the target has no room for the copy');
    if (end <= this.#readableEnd || this.#isReadable(end))
      this.#content.copy(target, targetStart, position, end);
    else this.#readByCall(position, target.subarray(targetStart, targetStart + length));
  }

  isResident(position: number, bytes: number): boolean {
    const end = position + bytes;
    if (position < 0 || bytes < 0 || end > this.bytes || this.#isClosed)
      this.#refuse(position, end);
    return this.#parts.mapping.isResident(position, bytes);
  }

  /** By `pread`: a mapped page is a page of the file's cache. */
  fetch(position: number, bytes: number, done: (error?: Error) => void): void {
    const end = position + bytes;
    if (position < 0 || bytes < 0 || end > this.bytes || this.#isClosed)
      this.#refuse(position, end);
    this.#parts.file.fetch(position, bytes, (error) => {
      if (error !== undefined) this.#giveUpMapping(); // S4
      done(error);
    });
  }

  sync(done: (error?: Error) => void): void {
    assert(!this.#isClosed, 'a closed segment is not synced');
    this.#parts.file.sync(done);
  }

  /** One at a time. Begins where the writer stands, or at 0 where it has not begun. */
  prepare(end: number, done: (error?: Error) => void, isStored = true): void {
    if (end > this.bytes || this.#isClosed) this.#refuse(0, end);
    assert(this.#options.writable, 'a segment opened for reading is not prepared');
    assert(!this.#isPreparing, `${this.path} is being prepared already`);
    this.#isPreparing = true;
    const finish = (error?: Error): void => {
      this.#isPreparing = false;
      done(error);
    };
    this.#parts.scheduler.defer(() => this.#prepareNext(end, isStored, finish));
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
    this.#content = NO_WINDOW;
    this.windowEnd = this.windowStart;
    this.#readableEnd = 0;
    this.#parts.mapping.close();
    this.#parts.file.close();
  }

  #secureWhatFits(start: number, generous: number, exact: number): number {
    if (generous > exact) {
      try {
        this.#secure(start, generous);
        return generous;
      } catch (error) {
        if (errorCode(error) !== 'DISK_FULL') throw error;
      }
    }
    this.#secure(start, exact);
    return exact;
  }

  /** Gives `[start, end)` blocks and fills its pages in, keeping what is there (S1). */
  #secure(start: number, end: number): void {
    const { libc, file, mapping } = this.#parts;
    const { pageBytes } = libc;
    try {
      libc.allocate(file.descriptor, start, end - start);
    } catch (error) {
      throw this.#failure(error, `get blocks up to ${end} for`, end - start);
    }
    const outcome = mapping.populate(start, end - start);
    if (outcome === 'filled') return;
    // The only other reason for a refusal is a page that cannot be read; this says so.
    if (outcome === 'refused')
      this.#readByCall(start, Buffer.alloc(Math.min(pageBytes, end - start)));
    const freeBytes = this.#options.freeBytes() ?? 0;
    if (outcome === 'refused' || freeBytes < SPARE_BYTES)
      throw this.#full(`get blocks up to ${end} for`, end - start);
  }

  #full(action: string, neededBytes: number): StorageError {
    const cause = Object.assign(new Error('no space left for storing into the mapping'), {
      code: 'ENOSPC',
    });
    return this.#failure(cause, action, neededBytes);
  }

  /** S5 */
  #letGo(writtenEnd: number): void {
    const { pageBytes } = this.#parts.libc;
    const start = Math.max(this.#letGoEnd, this.windowStart);
    const end = writtenEnd - KEEP_BYTES;
    this.#letGoEnd = end - (end % pageBytes);
    if (start < this.#letGoEnd) this.#parts.mapping.letGo(start, this.#letGoEnd - start);
  }

  /** Only speed: what the system refuses is met by the next store, where S1 has its block. */
  #touch(writtenEnd: number): void {
    const { pageBytes } = this.#parts.libc;
    const start = Math.max(this.#touchedEnd, writtenEnd - (writtenEnd % pageBytes));
    const end = Math.min(start + TOUCH_BYTES, this.windowEnd - (this.windowEnd % pageBytes));
    if (end <= start) return;
    this.#touchedEnd = end;
    this.#parts.mapping.populate(start, end - start);
  }

  #extendWindow(end: number): void {
    this.windowEnd = Math.max(this.windowEnd, end);
    if (this.windowStart <= this.#readableEnd && !this.#isFaulty)
      this.#readableEnd = Math.max(this.#readableEnd, this.windowEnd); // S2
  }

  /** Looks how far the data reaches by now. */
  #isReadable(end: number): boolean {
    if (this.#isFaulty) return false; // S4
    if (this.#readableEnd < this.bytes)
      this.#readableEnd = this.#parts.libc.nextHole(this.#parts.file.descriptor, this.#readableEnd); // S2
    return end <= this.#readableEnd;
  }

  #giveUpMapping(): void {
    this.#isFaulty = true;
    this.#readableEnd = 0;
  }

  #readByCall(position: number, target: Buffer): void {
    const readBytes = this.#parts.file.read(position, target);
    if (readBytes === target.length) return;
    const bytes = position + readBytes;
    throw new StorageError(
      'SEGMENT_LENGTH',
      `${this.path} ends at ${bytes}, it should have ${this.bytes} bytes; it was cut by someone else`,
      { path: this.path, bytes, expectedBytes: this.bytes },
    );
  }

  #prepareNext(end: number, isStored: boolean, done: (error?: Error) => void): void {
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
    this.#preparePart({ position, bytes: partEnd - position, isStored }, (error, isFilledIn) => {
      if (error !== undefined) {
        done(this.#failure(error, 'prepare', partEnd - position));
        return;
      }
      this.#preparedEnd = partEnd;
      const isNext = position >= this.windowStart && position <= this.windowEnd;
      if (!this.#isClosed && isNext && isFilledIn === true) this.#extendWindow(partEnd); // S1
      this.#prepareNext(end, isStored, done);
    });
  }

  #preparePart(
    piece: Pick<PreparePart, 'position' | 'bytes' | 'isStored'>,
    done: (error: Error | undefined, isFilledIn?: unknown) => void,
  ): void {
    const { pool, scheduler, file } = this.#parts;
    if (pool !== undefined) {
      const facts = fstatSync(file.descriptor);
      const identity = { path: this.path, device: facts.dev, inode: facts.ino };
      const part: PreparePart = { ...identity, ...piece };
      pool.run(PREPARE_TASK, part, done);
      return;
    }
    try {
      this.#secure(piece.position, piece.position + piece.bytes);
      scheduler.defer(() => done(undefined, true));
    } catch (error) {
      done(this.#failure(error, 'prepare', piece.bytes));
    }
  }

  #failure(error: unknown, action: string, neededBytes: number): StorageError {
    return this.#options.failure(error, { path: this.path, action, neededBytes });
  }

  #refuse(start: number, end: number): never {
    assert(!this.#isClosed, `${this.path} is closed`);
    throw new AssertionError(
      `[${start}, ${end}) is outside ${this.path}: ${this.bytes} bytes, writable in [${this.windowStart}, ${this.windowEnd})`,
    );
  }
}
