import { constants } from 'node:buffer';
import { statfsSync } from 'node:fs';
import {
  assert,
  type DiskLock,
  errorCode,
  errorMessage,
  type Logger,
  type OpenSegmentOptions,
  type Pool,
  type SegmentFile,
} from '../base/index.ts';
import { FileDisk, type FileDiskOptions, freeBytesOf } from './disk-file.ts';
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
  /** The writer's step where nothing was prepared; default 1 MiB, which takes well under a millisecond. */
  readonly allocateBytes?: number;
  /** Step of preparing; default 2 MiB with a pool, else 1 MiB. */
  readonly prepareBytes?: number;
}

const CALLER_STEP_BYTES = 1024 * 1024;
const HELPER_STEP_BYTES = 2 * 1024 * 1024;
/** Types (`statfs`) of file systems that write every change to new blocks: btrfs, zfs, bcachefs. */
const COPY_ON_WRITE = new Set([0x9123683e, 0x2fc12fc1, 0xca451a4e]);
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
    for (const step of [options.allocateBytes, options.prepareBytes])
      assert(
        (step ?? 0) % libc.pageBytes === 0,
        `steps are whole pages of ${libc.pageBytes} bytes`,
      );
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
    if (COPY_ON_WRITE.has(statfsSync(file.path).type))
      throw new Error('this file system takes new blocks for every change');
    try {
      this.#libc.allocate(file.descriptor, 0, Math.min(bytes, this.#libc.pageBytes));
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
        allocateBytes: allocateBytes ?? CALLER_STEP_BYTES,
        prepareBytes: prepareBytes ?? (pool === undefined ? CALLER_STEP_BYTES : HELPER_STEP_BYTES),
        freeBytes: () => freeBytesOf(file.path),
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
