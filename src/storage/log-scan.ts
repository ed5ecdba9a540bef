import { RECORD_MAGIC_V1, RECORD_MAGIC_V2 } from '../message/index.ts';
import type { LogReader } from './log-reader.ts';
import type { LogSegments } from './log-segments.ts';

/** Bytes looked through at a time. */
const CHUNK_BYTES = 1024 * 1024;
/** Bytes from a record's start to the end of its magic: chunks overlap by this much. */
const MAGIC_END = 8;
const ZEROS = Buffer.alloc(CHUNK_BYTES);
const MAGICS = [RECORD_MAGIC_V1, RECORD_MAGIC_V2].map((magic) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(magic);
  return bytes;
});

/** What stands behind a record that cannot be read. */
export interface LookAhead {
  /** Log position of the next valid record, or -1. */
  readonly next: number;
  /** End of the bytes that are not zero in the segment of the bad record, as a log position. */
  readonly dirtyEnd: number;
}

/**
 * Looks for a valid record behind `bad`: one whose own offset equals its position and whose lengths and checksum fit.
 * In each segment it stops after `zeroBytesMax` bytes of zeros, which nothing was written behind.
 */
export function lookAhead(
  segments: LogSegments,
  reader: LogReader,
  bad: number,
  zeroBytesMax: number,
): LookAhead {
  const { segmentBytes } = segments;
  const logEnd = (segments.last()?.base ?? 0) + segmentBytes;
  let dirtyEnd = -1;
  let start = bad;
  while (start < logEnd) {
    const segmentEnd = start - (start % segmentBytes) + segmentBytes;
    const found = scanSegment(segments, start, segmentEnd, zeroBytesMax, (position) => {
      if (position <= bad) return false;
      reader.seek(position, logEnd);
      return reader.next(true) === 'record';
    });
    if (dirtyEnd < 0) dirtyEnd = found.dirtyEnd;
    if (found.next >= 0) return { next: found.next, dirtyEnd };
    start = segmentEnd;
  }
  return { next: -1, dirtyEnd };
}

function scanSegment(
  segments: LogSegments,
  start: number,
  end: number,
  zeroBytesMax: number,
  isRecord: (position: number) => boolean,
): { next: number; dirtyEnd: number } {
  const segment = segments.of(start);
  let dirtyEnd = start;
  let zeroBytes = 0;
  for (let at = start; at < end && segment !== undefined && zeroBytes < zeroBytesMax; ) {
    const bytes = Math.min(CHUNK_BYTES, end - at);
    const chunk = segment.file.read(at - segment.base, bytes);
    if (chunk.equals(ZEROS.subarray(0, bytes))) zeroBytes += bytes;
    else {
      zeroBytes = 0;
      dirtyEnd = at + lastByte(chunk) + 1;
      const next = findRecord(chunk, at, isRecord);
      if (next >= 0) return { next, dirtyEnd };
    }
    at += at + bytes < end ? Math.max(1, bytes - MAGIC_END) : bytes;
  }
  return { next: -1, dirtyEnd };
}

/** Position of the first record whose magic lies in the chunk, or -1. */
function findRecord(
  chunk: Buffer,
  chunkStart: number,
  isRecord: (position: number) => boolean,
): number {
  let first = -1;
  for (const magic of MAGICS) {
    for (let hit = chunk.indexOf(magic, 4); hit >= 0; hit = chunk.indexOf(magic, hit + 1)) {
      const position = chunkStart + hit - 4;
      if (first >= 0 && position >= first) break;
      if (!isRecord(position)) continue;
      first = position;
      break;
    }
  }
  return first;
}

function lastByte(chunk: Buffer): number {
  let index = chunk.length - 1;
  while (index >= 0 && chunk[index] === 0) index -= 1;
  return index;
}
