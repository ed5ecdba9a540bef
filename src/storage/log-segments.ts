import { join } from 'node:path';
import { assert, type Disk, type SegmentFile } from '../base/index.ts';
import { parseSegmentName, segmentName } from './paths.ts';
import { StorageError } from './storage-error.ts';

/** Segments a crash can have left without a name: the one in use and the one made ahead. */
const GAP_SEGMENTS_MAX = 2;

/** One segment of the log: `base` is the log position of its first byte. */
export interface LogSegment {
  readonly base: number;
  readonly file: SegmentFile;
}

/**
 * The segments of a commit log in order, without a gap, each of the same length.
 * @source rocketmq 4.9.2 store/MappedFileQueue.java
 */
export class LogSegments {
  readonly folder: string;
  readonly segmentBytes: number;
  readonly #disk: Disk;
  readonly #list: LogSegment[] = [];

  constructor(disk: Disk, folder: string, segmentBytes: number) {
    this.#disk = disk;
    this.folder = folder;
    this.segmentBytes = segmentBytes;
  }

  /**
   * Opens what the folder holds.
   * @param isCrashed segments that a power cut took away, while they were new, are made again empty
   * @throws {StorageError} SEGMENT_LENGTH for a file of another length, NOT_FOUND for a gap between two files.
   */
  load(isCrashed: boolean): void {
    const names = this.#disk.list(this.folder).filter((name) => parseSegmentName(name) >= 0);
    for (const [index, name] of names.entries()) {
      const base = parseSegmentName(name);
      const path = join(this.folder, name);
      const bytes = this.#disk.stat(path)?.bytes ?? 0;
      // A crash between making a file and setting its length leaves it empty; it never held a record.
      if (bytes === 0 && index === names.length - 1) this.#disk.remove(path);
      else if (bytes === this.segmentBytes || (bytes === 0 && isCrashed)) {
        this.#fillGap(base, isCrashed);
        this.#open(base, bytes === 0);
      } else throw this.#wrongLength(path, bytes);
    }
  }

  get count(): number {
    return this.#list.length;
  }

  at(index: number): LogSegment | undefined {
    return this.#list[index];
  }

  last(): LogSegment | undefined {
    return this.#list[this.#list.length - 1];
  }

  /** The segment that holds the byte at `position`. */
  of(position: number): LogSegment | undefined {
    // hot path
    const first = this.#list[0];
    if (first === undefined || position < first.base) return undefined;
    return this.#list[Math.floor((position - first.base) / this.segmentBytes)];
  }

  /** Creates the segment that begins at `base`, behind the last one. */
  create(base: number): LogSegment {
    const last = this.last();
    assert(
      last === undefined ? base % this.segmentBytes === 0 : base === last.base + this.segmentBytes,
      `segment ${base} does not follow the last one`,
    );
    return this.#open(base, true);
  }

  /** Closes and deletes the first segment. Readers that hold a lease keep its bytes until they release it. */
  removeFirst(): void {
    this.#remove(this.#list.shift());
  }

  removeLast(): void {
    this.#remove(this.#list.pop());
  }

  close(): void {
    for (const segment of this.#list) segment.file.close();
    this.#list.length = 0;
  }

  pathOf(base: number): string {
    return join(this.folder, segmentName(base));
  }

  #fillGap(base: number, isCrashed: boolean): void {
    const last = this.last();
    const expected = last === undefined ? base : last.base + this.segmentBytes;
    const missing = (base - expected) / this.segmentBytes;
    if (base % this.segmentBytes !== 0) throw this.#wrongLength(this.pathOf(base), base);
    if (missing > (isCrashed ? GAP_SEGMENTS_MAX : 0)) throw this.#gap(expected, base);
    for (let next = expected; next < base; next += this.segmentBytes) this.#open(next, true);
  }

  #wrongLength(path: string, bytes: number): StorageError {
    return new StorageError(
      'SEGMENT_LENGTH',
      `${path} has ${bytes} bytes, the setting mappedFileSizeCommitLog says ${this.segmentBytes}: set it back to the size the store was written with, or restore the file`,
      { path, bytes, expectedBytes: this.segmentBytes, setting: 'mappedFileSizeCommitLog' },
    );
  }

  #gap(missing: number, after: number): StorageError {
    const path = this.pathOf(missing);
    return new StorageError(
      'NOT_FOUND',
      `the commit log has no segment ${path} although ${segmentName(after)} follows: restore it, or move the older segments away to give them up`,
      { path },
    );
  }

  #open(base: number, create: boolean): LogSegment {
    const file = this.#disk.openSegment(this.pathOf(base), {
      bytes: this.segmentBytes,
      create,
      writable: true,
    });
    const segment = { base, file };
    this.#list.push(segment);
    return segment;
  }

  #remove(segment: LogSegment | undefined): void {
    if (segment === undefined) return;
    segment.file.close();
    this.#disk.remove(segment.file.path);
  }
}
