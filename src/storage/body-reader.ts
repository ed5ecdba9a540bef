import { join } from 'node:path';
import {
  assert,
  type BodyLease,
  type BodyReader,
  type Clock,
  type Disk,
  errorCode,
  type Scheduler,
  type SegmentFile,
  type Timer,
} from '../base/index.ts';
import { segmentName } from './paths.ts';

/** Segments a reader keeps open unless told otherwise. */
export const BODY_SEGMENTS_MAX = 8;
/** Open segments are looked at this often: one that was deleted, or not read for a while, is closed. */
export const BODY_SWEEP_MS = 5000;
/** A segment that was not read for this long is closed. */
export const BODY_IDLE_MS = 30_000;

/** Where the log is, and what its reader needs. */
export interface BodyReaderOptions {
  /** A disk of this thread. */
  readonly disk: Disk;
  /** The commit log's folder. */
  readonly folder: string;
  /** Length of its segments: the store's `mappedFileSizeCommitLog`. */
  readonly segmentBytes: number;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Segments open at once (default 8). */
  readonly segmentsMax?: number;
}

/** A segment opened for reading. */
interface OpenSegment {
  readonly base: number;
  readonly file: SegmentFile;
  usedMs: number;
}

/** A lease of one segment. L1: the segment is released once for each lease. */
class SegmentLease implements BodyLease {
  readonly buffer: Buffer;
  readonly start = 0;
  readonly #reader: SegmentBodyReader;
  #file: SegmentFile | undefined;

  constructor(reader: SegmentBodyReader, file: SegmentFile, buffer: Buffer) {
    this.#reader = reader;
    this.#file = file;
    this.buffer = buffer;
  }

  release(): void {
    const file = this.#file;
    assert(file !== undefined, 'a lease of the log is released once');
    this.#file = undefined;
    this.#reader.released(file); // L1
  }
}

/**
 * Reads a log's segments in a thread that does not own the log: each segment is opened on its own, for reading, when it is
 * first asked for; the one used longest ago makes room.
 * L2: a segment is unmapped only after its last lease: `SegmentFile.close` waits for it.
 * @thread owner
 */
export class SegmentBodyReader implements BodyReader {
  readonly #options: BodyReaderOptions;
  readonly #segmentsMax: number;
  /** By base; in the order of their use, the last used last. */
  readonly #open = new Map<number, OpenSegment>();
  #last: OpenSegment | undefined;
  #leases = 0;
  #sweepTimer: Timer | undefined;
  #isClosed = false;

  constructor(options: BodyReaderOptions) {
    this.#options = options;
    this.#segmentsMax = options.segmentsMax ?? BODY_SEGMENTS_MAX;
    assert(this.#segmentsMax > 0, 'a reader keeps at least one segment open');
  }

  /** Leases that are not released. */
  get leases(): number {
    return this.#leases;
  }

  /** Segments open now. */
  get openSegments(): number {
    return this.#open.size;
  }

  lease(commitLogOffset: number, bytes: number): BodyLease | undefined {
    // hot path
    const segment = this.#segmentOf(commitLogOffset, bytes);
    if (segment === undefined) return undefined;
    const { file, base } = segment;
    const lease = new SegmentLease(this, file, file.read(commitLogOffset - base, bytes));
    file.retain();
    this.#leases += 1;
    return lease;
  }

  copyTo(commitLogOffset: number, bytes: number, target: Buffer, at: number): boolean {
    // hot path
    const segment = this.#segmentOf(commitLogOffset, bytes);
    if (segment === undefined) return false;
    segment.file.copyTo(commitLogOffset - segment.base, bytes, target, at);
    return true;
  }

  refresh(): void {
    for (const segment of [...this.#open.values()]) this.#drop(segment);
  }

  close(): void {
    this.#isClosed = true;
    this.#sweepTimer?.cancel();
    this.#sweepTimer = undefined;
    this.refresh();
  }

  /** @internal */
  released(file: SegmentFile): void {
    this.#leases -= 1;
    file.release();
  }

  /** The open segment that holds the whole range; opened where it is not. */
  #segmentOf(commitLogOffset: number, bytes: number): OpenSegment | undefined {
    // hot path
    const { segmentBytes } = this.#options;
    const last = this.#last;
    if (last !== undefined && commitLogOffset >= last.base) {
      if (bytes >= 0 && commitLogOffset + bytes <= last.base + segmentBytes) return last;
    }
    if (this.#isClosed || !(commitLogOffset >= 0) || !(bytes >= 0)) return undefined;
    const base = commitLogOffset - (commitLogOffset % segmentBytes);
    if (commitLogOffset + bytes > base + segmentBytes) return undefined;
    const segment = this.#open.get(base) ?? this.#openAt(base);
    if (segment === undefined) return undefined;
    this.#use(segment);
    return segment;
  }

  #use(segment: OpenSegment): void {
    const nowMs = this.#options.clock.monotonicMs();
    // The one used until now was used until now.
    if (this.#last !== undefined) this.#last.usedMs = nowMs;
    segment.usedMs = nowMs;
    this.#open.delete(segment.base);
    this.#open.set(segment.base, segment);
    this.#last = segment;
  }

  #openAt(base: number): OpenSegment | undefined {
    const { disk, segmentBytes } = this.#options;
    let file: SegmentFile;
    try {
      file = disk.openSegment(this.#pathOf(base), {
        bytes: segmentBytes,
        create: false,
        writable: false,
      });
    } catch (error) {
      if (errorCode(error) === 'NOT_FOUND') return undefined;
      throw error;
    }
    const [oldest] = this.#open.values();
    if (this.#open.size >= this.#segmentsMax && oldest !== undefined) this.#drop(oldest);
    this.#armSweep();
    return { base, file, usedMs: 0 };
  }

  #drop(segment: OpenSegment): void {
    this.#open.delete(segment.base);
    if (this.#last === segment) this.#last = undefined;
    segment.file.close(); // L2
  }

  #armSweep(): void {
    this.#sweepTimer ??= this.#options.scheduler.setTimer(
      BODY_SWEEP_MS,
      () => this.#sweep(),
      false,
    );
  }

  /** A deleted file keeps its blocks while somebody has it open. */
  #sweep(): void {
    this.#sweepTimer = undefined;
    const { clock, disk } = this.#options;
    const nowMs = clock.monotonicMs();
    for (const segment of [...this.#open.values()]) {
      const isIdle = segment !== this.#last && nowMs - segment.usedMs >= BODY_IDLE_MS;
      if (isIdle || disk.stat(this.#pathOf(segment.base)) === undefined) this.#drop(segment);
    }
    if (this.#last !== undefined) this.#last.usedMs = nowMs;
    this.#last = undefined; // The next use says so.
    if (this.#open.size > 0) this.#armSweep();
  }

  #pathOf(base: number): string {
    return join(this.#options.folder, segmentName(base));
  }
}

/** A reader of the log in `folder`, for a thread that does not own it. */
export const createBodyReader = (options: BodyReaderOptions): BodyReader =>
  new SegmentBodyReader(options);
