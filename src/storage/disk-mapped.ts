import { constants } from 'node:buffer';
import {
  type Disk,
  type DiskLock,
  errorCode,
  errorMessage,
  type Logger,
  type OpenSegmentOptions,
  type Pool,
  type SegmentFile,
} from '../base/index.ts';
import { FileDisk, type FileDiskOptions } from './disk-file.ts';
import { type Libc, loadLibc } from './mmap/libc.ts';
import { MappedSegment } from './mmap/mapped-segment.ts';
import { Mapping, type MappingOwner } from './mmap/mapping.ts';
import { takeOfdLock } from './mmap/ofd-lock.ts';
import type { PlainFile } from './plain-file.ts';
import { StorageError } from './storage-error.ts';

/** What the mapped disk needs beside the file disk's options. */
export interface MappedDiskOptions extends FileDiskOptions {
  readonly logger: Logger;
  /** Helper threads that prepare segments; they must know `PREPARE_TASK`. */
  readonly pool?: Pool;
  /** Where mappings are written down; a worker that may die must give it. */
  readonly mappings?: MappingOwner;
  /** The writer's step where nothing was prepared; default 4 MiB. */
  readonly allocateBytes?: number;
  /** Step of preparing; default 4 MiB. */
  readonly prepareBytes?: number;
}

const STEP_BYTES = 4 * 1024 * 1024;
const PAGE_BYTES = 4096;
/** What a file system answers that has no byte locks. */
const NO_LOCKS = new Set(['EINVAL', 'ENOLCK', 'ENOSYS', 'EOPNOTSUPP', 'ENOTSUP']);

/**
 * Segments are mapped, everything else goes through `node:fs`. Where the kernel or the file system refuses a map, or
 * blocks ahead of writing, that segment uses the file backend, and the log says why.
 */
export class MappedDisk extends FileDisk {
  override readonly kind = 'mapped';
  readonly #libc: Libc;
  readonly #settings: MappedDiskOptions;

  constructor(libc: Libc, options: MappedDiskOptions) {
    super(options);
    this.#libc = libc;
    this.#settings = options;
  }

  override openSegment(path: string, options: OpenSegmentOptions): SegmentFile {
    const file = this.openFullLength(path, options);
    try {
      const mapping = this.#map(file, options);
      return this.#mapped(file, mapping, options);
    } catch (error) {
      const facts = { path, reason: errorMessage(error) };
      this.#settings.logger.warn(facts, 'segment is not mapped, it is read and written in pieces');
      return this.windowed(file, options);
    }
  }

  override lock(path: string): DiskLock {
    try {
      return takeOfdLock(this.#libc, path);
    } catch (error) {
      if (!NO_LOCKS.has(errorCode(error) ?? ''))
        throw this.failure(error, { path, action: 'lock' });
      const facts = { path, reason: errorMessage(error) };
      this.#settings.logger.warn(facts, 'no byte locks here: a Java broker is not kept out');
      return super.lock(path);
    }
  }

  #map(file: PlainFile, options: OpenSegmentOptions): Mapping {
    if (options.bytes > constants.MAX_LENGTH)
      throw new Error(`a buffer holds at most ${constants.MAX_LENGTH} bytes`);
    if (options.writable) this.#checkAllocates(file, options.bytes);
    return new Mapping(this.#libc, this.#settings.mappings, {
      path: file.path,
      descriptor: file.descriptor,
      bytes: options.bytes,
      writable: options.writable,
    });
  }

  /** Blocks ahead of writing are what keeps a full disk from being a SIGBUS: without them nothing is mapped. */
  #checkAllocates(file: PlainFile, bytes: number): void {
    try {
      this.#libc.allocate(file.descriptor, 0, Math.min(bytes, PAGE_BYTES));
    } catch (error) {
      if (errorCode(error) !== 'ENOSPC') throw error; // A full disk is reported to the writer.
    }
  }

  #mapped(file: PlainFile, mapping: Mapping, options: OpenSegmentOptions): SegmentFile {
    const { scheduler, pool, allocateBytes, prepareBytes } = this.#settings;
    return new MappedSegment(
      { libc: this.#libc, file, mapping, scheduler, pool },
      {
        bytes: options.bytes,
        writable: options.writable,
        allocateBytes: allocateBytes ?? STEP_BYTES,
        prepareBytes: prepareBytes ?? STEP_BYTES,
        failure: (error, attempt) => this.failure(error, attempt),
      },
    );
  }
}

/**
 * The mapped backend.
 * @throws {StorageError} IO_FAILED where files cannot be mapped here.
 */
export function createMappedDisk(options: MappedDiskOptions): MappedDisk {
  const result = loadLibc();
  if ('libc' in result) return new MappedDisk(result.libc, options);
  throw new StorageError('IO_FAILED', `the commit log cannot be mapped: ${result.reason}`);
}

/** The mapped backend where it works, else the file backend; the log says which and why. */
export function createDisk(options: MappedDiskOptions): Disk {
  const result = loadLibc();
  if ('libc' in result) return new MappedDisk(result.libc, options);
  options.logger.warn({ reason: result.reason }, 'the commit log is not mapped');
  return new FileDisk(options);
}
