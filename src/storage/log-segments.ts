import { join } from 'node:path';
import { assert, type Disk, type SegmentFile } from '../base/index.ts';
import { parseSegmentName, segmentName } from './paths.ts';
import { StorageError } from './storage-error.ts';

/** A gap of more segments than this is no crash's work. */
const GAP_SEGMENTS_MAX = 256;

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
   * Opens what the folder holds. A power cut can take name or length of segments that were new; they are made again,
   * empty, and returned: where they are not in a part of the log that is checked, `refuse` them.
   * @throws {StorageError} SEGMENT_LENGTH for a file of another length, NOT_FOUND for a large gap between two files.
   */
  load(): number[] {
    const made: number[] = [];
    const names = this.#disk.list(this.folder).filter((name) => parseSegmentName(name) >= 0);
    for (const [index, name] of names.entries()) {
      const base = parseSegmentName(name);
      const path = join(this.folder, name);
      const bytes = this.#disk.stat(path)?.bytes ?? 0;
      if (bytes === 0 && index === names.length - 1) this.#disk.remove(path);
      else if (bytes !== this.segmentBytes && bytes !== 0) throw this.#wrongLength(path, bytes);
      else {
        made.push(...this.#fillGap(base));
        if (bytes === 0) made.push(base);
        this.#open(base, bytes === 0);
      }
    }
    return made;
  }

  /**
   * Takes back segments that `load` made: they held records that are lost.
   * @throws {StorageError} NOT_FOUND, always
   */
  refuse(made: readonly number[]): never {
    const missing = made[0] ?? 0;
    this.close();
    for (const base of made) this.#disk.remove(this.pathOf(base));
    throw this.#gap(missing);
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

  #fillGap(base: number): number[] {
    const last = this.last();
    const expected = last === undefined ? base : last.base + this.segmentBytes;
    if (base % this.segmentBytes !== 0) throw this.#wrongLength(this.pathOf(base), base);
    if ((base - expected) / this.segmentBytes > GAP_SEGMENTS_MAX) throw this.#gap(expected);
    const made: number[] = [];
    for (let next = expected; next < base; next += this.segmentBytes) {
      this.#open(next, true);
      made.push(next);
    }
    return made;
  }

  #wrongLength(path: string, bytes: number): StorageError {
    return new StorageError(
      'SEGMENT_LENGTH',
      `${path} has ${bytes} bytes, the setting mappedFileSizeCommitLog says ${this.segmentBytes}: set it back to the size the store was written with, or restore the file`,
      { path, bytes, expectedBytes: this.segmentBytes, setting: 'mappedFileSizeCommitLog' },
    );
  }

  #gap(missing: number): StorageError {
    const path = this.pathOf(missing);
    return new StorageError(
      'NOT_FOUND',
      `the commit log lacks ${path}, which younger segments follow: restore it, or move the older segments away to give them up`,
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
