import { type RecordKind, RecordView, readRecord } from '../message/index.ts';
import type { LogSegments } from './log-segments.ts';

/** Bytes looked at in one piece: a view of a mapped segment, a copy of another. */
const CHUNK_BYTES = 1024 * 1024;
const NO_BYTES = Buffer.alloc(0);
/** Unit in which a power cut keeps or loses bytes. */
const SECTOR_BYTES = 512;

/** Walks the log record by record. One object serves all walks of an owner: `seek`, then `next` and `skip`. */
export class LogReader {
  readonly view = new RecordView();
  /** The record that `next` found lies here, at the positions in `view`. */
  buffer: Buffer = NO_BYTES;
  /** Log position of the record `next` looks at. */
  position = 0;
  readonly #segments: LogSegments;
  #limit = 0;
  /** Log position of `buffer[0]`. */
  #chunkStart = 0;

  constructor(segments: LogSegments) {
    this.#segments = segments;
  }

  /** Starts at `start`; nothing at or behind `limit` is looked at. */
  seek(start: number, limit: number): void {
    this.position = start;
    this.#limit = limit;
    this.buffer = NO_BYTES;
    this.#chunkStart = start;
  }

  /**
   * Reads what stands at `position`. A `record` is there to be looked at until `skip`; after a `blank`, `position` is
   * the start of the next segment. A record counts only where its own offset says it belongs.
   */
  next(isCrcChecked: boolean): RecordKind {
    // hot path
    let kind = this.#read(isCrcChecked);
    if (kind === 'partial' && this.#load()) kind = this.#read(isCrcChecked);
    if (kind === 'record' && this.view.commitLogOffset !== this.position) return 'corrupt';
    if (kind === 'record' && isCrcChecked && this.#isTorn()) return 'corrupt';
    if (kind !== 'blank') return kind;
    const { segmentBytes } = this.#segments;
    const rest = segmentBytes - (this.position % segmentBytes);
    if (this.view.recordBytes !== rest) return 'corrupt';
    this.position += rest;
    return 'blank';
  }

  /** Moves behind the record that `next` found. */
  skip(): void {
    // hot path
    this.position += this.view.recordBytes;
  }

  #read(isCrcChecked: boolean): RecordKind {
    // hot path
    const index = this.position - this.#chunkStart;
    if (index > this.buffer.length) return 'partial';
    return readRecord(this.buffer, index, this.buffer.length, this.view, isCrcChecked);
  }

  /**
   * Whether a sector with a piece of the topic or the properties was never stored. The checksum covers the body alone,
   * and zeros in their place fit all lengths.
   */
  #isTorn(): boolean {
    const { topicStart, topicBytes, propertiesStart, propertiesBytes } = this.view;
    return (
      this.#hasZeroSector(topicStart, topicBytes) ||
      this.#hasZeroSector(propertiesStart, propertiesBytes)
    );
  }

  #hasZeroSector(start: number, bytes: number): boolean {
    const end = start + bytes;
    const rest = (this.#chunkStart + start) % SECTOR_BYTES;
    let piece = rest === 0 ? start : start + SECTOR_BYTES - rest;
    for (; piece < end; piece += SECTOR_BYTES) {
      const pieceEnd = Math.min(piece + SECTOR_BYTES, end);
      let index = piece;
      while (index < pieceEnd && this.buffer[index] === 0) index += 1;
      if (index === pieceEnd) return true;
    }
    return false;
  }

  /** Brings the record at `position` into `buffer`; false where no more of it exists. */
  #load(): boolean {
    const segment = this.#segments.of(this.position);
    if (segment === undefined || this.position >= this.#limit) return false;
    const index = this.position - this.#chunkStart;
    const isInside = index < this.buffer.length;
    // A record that claims to be longer than what is there to read.
    const needed = isInside ? Math.max(this.view.recordBytes, 1) : 1;
    const end = Math.min(this.#limit, segment.base + this.#segments.segmentBytes);
    const bytes = Math.min(end - this.position, Math.max(CHUNK_BYTES, needed));
    if (isInside && index + bytes <= this.buffer.length) return false;
    this.buffer = segment.file.read(this.position - segment.base, bytes);
    this.#chunkStart = this.position;
    // The length is known only now: once more where one chunk did not hold it.
    const known = this.#read(false) === 'partial' ? this.view.recordBytes : 0;
    if (known > bytes && bytes < end - this.position)
      this.buffer = segment.file.read(
        this.position - segment.base,
        Math.min(known, end - this.position),
      );
    return true;
  }
}
