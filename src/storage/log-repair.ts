import { join } from 'node:path';
import type { Disk, Logger, SegmentFile } from '../base/index.ts';
import {
  BLANK_BYTES_MIN,
  encodeBlank,
  encodeRecord,
  RECORD_FIXED_BYTES,
  RecordFields,
  SYS_FLAG,
} from '../message/index.ts';
import type { LogReader } from './log-reader.ts';
import type { LogSegments } from './log-segments.ts';
import { segmentName } from './paths.ts';

/** Bytes written or saved at a time. */
const STEP_BYTES = 1024 * 1024;
/**
 * Topic of the records that stand in for damaged bytes: RocketMQ keeps topics that begin so for itself. Their
 * transaction bits say "rolled back", so neither this store nor RocketMQ puts them into a queue or an index.
 */
export const DAMAGED_TOPIC = 'rmq_sys_DAMAGED';
/** A record's least length: a topic of one letter. A gap that is shorter takes the record behind it along. */
const FILLER_BYTES_MIN = RECORD_FIXED_BYTES + 1;

/** Repairs the bytes of a log that cannot be read: saves them aside and puts something well-formed in their place. */
export class LogRepair {
  readonly #disk: Disk;
  readonly #logger: Logger;
  readonly #segments: LogSegments;
  readonly #folder: string;

  constructor(disk: Disk, logger: Logger, segments: LogSegments, damagedFolder: string) {
    this.#disk = disk;
    this.#logger = logger;
    this.#segments = segments;
    this.#folder = damagedFolder;
  }

  /**
   * Replaces [bad, next) by one record, or by an end-of-segment blank where the next valid record lies in a later
   * segment. @returns the position from which the log reads on
   */
  fill(bad: number, next: number, storeTimestamp: number, reader: LogReader): number {
    const segment = this.#segments.of(bad);
    if (segment === undefined) return next;
    const segmentEnd = segment.base + this.#segments.segmentBytes;
    let end = Math.min(next, segmentEnd);
    while (end < segmentEnd && end - bad < FILLER_BYTES_MIN) end = this.#behind(end, reader);
    const isBlank = end === segmentEnd;
    const filler = Buffer.alloc(isBlank ? BLANK_BYTES_MIN : end - bad);
    if (isBlank) encodeBlank(filler, 0, end - bad);
    else encodeRecord(filler, 0, fillerFields(bad, end - bad, storeTimestamp));
    const saved = this.#save(bad, end);
    this.#write(segment.file, bad - segment.base, filler);
    this.#logger.error(
      { position: bad, bytes: end - bad, file: segment.file.path, saved },
      'the commit log was damaged in its middle: the bytes were saved aside and a filler stands in their place',
    );
    return end;
  }

  /** Clears what stands behind the log's end `end` in its segment, up to `dirtyEnd`. */
  clear(end: number, dirtyEnd: number): void {
    const segment = this.#segments.of(end);
    if (segment === undefined) return;
    for (let at = end; at < dirtyEnd; at += STEP_BYTES) {
      const bytes = Math.min(STEP_BYTES, dirtyEnd - at);
      this.#write(segment.file, at - segment.base, Buffer.alloc(bytes));
    }
  }

  /** End of the valid record at `position`, or of its segment where a blank stands there. */
  #behind(position: number, reader: LogReader): number {
    const segmentEnd =
      position - (position % this.#segments.segmentBytes) + this.#segments.segmentBytes;
    reader.seek(position, segmentEnd);
    return reader.next(true) === 'record' ? position + reader.view.recordBytes : segmentEnd;
  }

  #save(start: number, end: number): string {
    this.#disk.makeFolder(this.#folder);
    let path = join(this.#folder, segmentName(start));
    for (let copy = 2; this.#disk.stat(path) !== undefined; copy++)
      path = join(this.#folder, `${segmentName(start)}-${copy}`);
    const file = this.#disk.openFile(path, { create: true, bytes: 0 });
    for (let at = start; at < end; at += STEP_BYTES) {
      const segment = this.#segments.of(at);
      if (segment === undefined) break;
      const bytes = Math.min(STEP_BYTES, end - at);
      file.write(at - start, segment.file.read(at - segment.base, bytes));
    }
    file.close();
    return path;
  }

  #write(file: SegmentFile, position: number, bytes: Buffer): void {
    for (let done = 0; done < bytes.length; done += STEP_BYTES) {
      const at = position + done;
      const piece = bytes.subarray(done, done + STEP_BYTES);
      file.moveWindow(at, piece.length);
      file.window.set(piece, at - file.windowStart);
      file.writeOut(at, at + piece.length);
    }
  }
}

/** A rolled-back message without properties that is exactly `bytes` long. */
function fillerFields(
  commitLogOffset: number,
  bytes: number,
  storeTimestamp: number,
): RecordFields {
  const fields = new RecordFields();
  const topicBytes = Math.min(DAMAGED_TOPIC.length, bytes - RECORD_FIXED_BYTES);
  fields.topic = Buffer.from(DAMAGED_TOPIC);
  fields.topicBytes = topicBytes;
  fields.body = Buffer.alloc(bytes - RECORD_FIXED_BYTES - topicBytes);
  fields.bodyBytes = fields.body.length;
  fields.commitLogOffset = commitLogOffset;
  fields.sysFlag = SYS_FLAG.TRANSACTION_ROLLBACK;
  fields.storeTimestamp = storeTimestamp;
  fields.bornTimestamp = storeTimestamp;
  fields.bornHost = Buffer.alloc(4);
  fields.storeHost = Buffer.alloc(4);
  return fields;
}
