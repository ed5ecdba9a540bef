import {
  close,
  closeSync,
  fdatasync,
  fstatSync,
  fsync,
  ftruncateSync,
  open,
  openSync,
  read,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { assert, type DiskFile, errorCode, errorMessage } from '../base/index.ts';
import { type FolderSetting, fsFailure } from './fs-failure.ts';
import { StorageError } from './storage-error.ts';

/** How a file is opened. */
export interface PlainFileOptions {
  readonly create: boolean;
  /** Length of a created file; it has no blocks yet. */
  readonly bytes: number;
  readonly writable: boolean;
  readonly settings?: readonly FolderSetting[] | undefined;
  /** Free bytes on the file's disk, for errors. */
  readonly freeBytes: () => number | undefined;
}

/** A fetch reads the file in pieces of this size. */
const FETCH_STEP_BYTES = 1024 * 1024;

type Done = (error?: Error) => void;

/** A file of positional reads and writes over `node:fs`. */
export class PlainFile implements DiskFile {
  readonly path: string;
  /** For code of this folder that maps or allocates the file; never closed by others. */
  readonly descriptor: number;
  readonly #options: PlainFileOptions;
  #isEntryDurable: boolean;
  #isSyncing = false;
  #isClosed = false;
  #fetches = 0;
  /** Where fetches read to, together: nobody looks at it, it is the system's cache that they fill. */
  #scratch: Buffer | undefined;

  /**
   * Opens the file, or creates it.
   * @throws {StorageError} NOT_FOUND, BAD_FOLDER or IO_FAILED.
   */
  constructor(path: string, options: PlainFileOptions) {
    this.path = path;
    this.#options = options;
    const { descriptor, isNew } = openOrCreate(path, options);
    this.descriptor = descriptor;
    this.#isEntryDurable = !isNew;
  }

  /** The file's length now. */
  get bytes(): number {
    this.#checkOpen();
    return fstatSync(this.descriptor).size;
  }

  /** Makes an empty file as long as it should be: one whose creation was cut short by a crash. */
  extend(bytes: number): void {
    this.#checkOpen();
    this.#try(`extend to ${bytes} bytes`, () => ftruncateSync(this.descriptor, bytes));
  }

  read(position: number, target: Uint8Array): number {
    this.#checkOpen();
    assert(position >= 0, 'a position is not negative');
    return this.#try(`read ${target.length} bytes at ${position} of`, () => {
      let filled = 0;
      while (filled < target.length) {
        const count = readSync(
          this.descriptor,
          target,
          filled,
          target.length - filled,
          position + filled,
        );
        if (count === 0) break;
        filled += count;
      }
      return filled;
    });
  }

  /** The system can only be asked about mapped files. */
  isResident(_position: number, _bytes: number): boolean {
    this.#checkOpen();
    return false;
  }

  fetch(position: number, bytes: number, done: Done): void {
    this.#checkOpen();
    assert(position >= 0 && bytes >= 0, 'a range is not negative');
    this.#fetches += 1;
    this.#scratch ??= Buffer.allocUnsafeSlow(Math.min(bytes, FETCH_STEP_BYTES));
    this.#fetchOn(this.#scratch, position, position + bytes, done);
  }

  write(position: number, source: Uint8Array): void {
    this.#checkOpen();
    assert(position >= 0, 'a position is not negative');
    let written = 0;
    this.#try(
      `write ${source.length} bytes at ${position} of`,
      () => {
        // A short write is the last one before the disk is full: the next call reports it.
        while (written < source.length)
          written += writeSync(
            this.descriptor,
            source,
            written,
            source.length - written,
            position + written,
          );
      },
      () => source.length - written,
    );
  }

  sync(done: Done): void {
    this.#checkOpen();
    assert(!this.#isSyncing, `${this.path} is being synced already`);
    this.#isSyncing = true;
    if (this.#isEntryDurable) this.#syncData(done);
    else
      syncFolder(dirname(this.path), (error) => {
        this.#isEntryDurable = error === undefined;
        if (error === undefined) this.#syncData(done);
        else this.#finishSync(error, done);
      });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closeUnused();
  }

  /** A sync or a fetch still uses the descriptor's number: closing it then could hand it to another file. */
  #closeUnused(): void {
    if (this.#isClosed && !this.#isSyncing && this.#fetches === 0) closeSync(this.descriptor);
  }

  #fetchOn(scratch: Buffer, position: number, end: number, done: Done): void {
    const length = Math.min(scratch.length, end - position);
    read(this.descriptor, scratch, 0, length, position, (error, count) => {
      const isMore = error === null && count > 0 && position + count < end;
      if (isMore && !this.#isClosed) {
        this.#fetchOn(scratch, position + count, end, done);
        return;
      }
      this.#fetches -= 1;
      if (this.#fetches === 0) this.#scratch = undefined;
      this.#closeUnused();
      done(error === null ? undefined : this.#failure(error, `fetch ${end - position} bytes of`));
    });
  }

  #syncData(done: Done): void {
    fdatasync(this.descriptor, (error) => this.#finishSync(error ?? undefined, done));
  }

  #finishSync(cause: Error | undefined, done: Done): void {
    this.#isSyncing = false;
    this.#closeUnused();
    done(cause === undefined ? undefined : flushFailed(this.path, cause));
  }

  #checkOpen(): void {
    assert(!this.#isClosed, `${this.path} is closed`);
  }

  #try<T>(action: string, body: () => T, neededBytes?: () => number): T {
    try {
      return body();
    } catch (error) {
      const needed = neededBytes === undefined ? {} : { neededBytes: neededBytes() };
      throw this.#failure(error, action, needed);
    }
  }

  #failure(error: unknown, action: string, needed: { neededBytes?: number } = {}): StorageError {
    const { settings, freeBytes } = this.#options;
    return fsFailure(error, { path: this.path, action, settings, freeBytes, ...needed });
  }
}

function openOrCreate(
  path: string,
  options: PlainFileOptions,
): { descriptor: number; isNew: boolean } {
  const { settings } = options;
  try {
    return { descriptor: openSync(path, options.writable ? 'r+' : 'r'), isNew: false };
  } catch (error) {
    if (!options.create || errorCode(error) !== 'ENOENT')
      throw fsFailure(error, { path, action: 'open', settings });
  }
  try {
    return { descriptor: createFile(path, options.bytes), isNew: true };
  } catch (error) {
    const { freeBytes } = options;
    throw fsFailure(error, { path, action: 'create', settings, freeBytes });
  }
}

function createFile(path: string, bytes: number): number {
  const descriptor = openSync(path, 'wx+', 0o644);
  try {
    ftruncateSync(descriptor, bytes);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    unlinkSync(path);
    throw error;
  }
}

/** Makes the names in a folder durable. Systems that cannot open a folder keep names in order by themselves. */
function syncFolder(folder: string, done: Done): void {
  if (process.platform === 'win32') {
    done();
    return;
  }
  open(folder, 'r', (openError, descriptor) => {
    if (openError !== null) {
      done(openError);
      return;
    }
    fsync(descriptor, (syncError) => {
      close(descriptor, () => done(syncError ?? undefined));
    });
  });
}

function flushFailed(path: string, cause: Error): StorageError {
  return new StorageError(
    'FLUSH_FAILED',
    `the disk did not store ${path}: ${errorMessage(cause)}. What was written since the last flush may be lost.`,
    { path, errno: errorCode(cause) },
    cause,
  );
}
