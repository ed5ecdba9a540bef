import { crc32 as zlibCrc32 } from 'node:zlib';
import type { WordView } from './word-view.ts';

/**
 * Bodies up to this length are summed in JavaScript: the call into zlib costs about 100 ns before its first byte,
 * the table walk 0.7 ns a byte (bench/protocol: 128 bytes take 90 ns here and 180 ns there; 512 bytes 350 and 300).
 */
const TABLE_BYTES_MAX = 192;
/** The same where the bytes are copied as well: one walk for both. */
const COPY_BYTES_MAX = 384;
const ROWS = 16;

/** Slicing-by-16: row `r` holds the effect of a byte that is `r` bytes away from the end of its group. */
const buildRows = (): Int32Array[] => {
  const rows = Array.from({ length: ROWS }, () => new Int32Array(256));
  const [first = new Int32Array(256)] = rows;
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    first[byte] = value;
  }
  for (let row = 1; row < rows.length; row++) {
    for (let byte = 0; byte < 256; byte++) {
      const previous = rows[row - 1]?.[byte] ?? 0;
      (rows[row] as Int32Array)[byte] = (previous >>> 8) ^ (first[previous & 0xff] ?? 0);
    }
  }
  return rows;
};

type Row = Int32Array;
type Rows = [Row, Row, Row, Row, Row, Row, Row, Row, Row, Row, Row, Row, Row, Row, Row, Row];
// A name of its own for each row: a look-up in a list of rows would double the work.
const [R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10, R11, R12, R13, R14, R15] = buildRows() as Rows;

/** The sum behind sixteen bytes: `a` (with the sum before them mixed in) to `d` are their little-endian words. */
const sumWords = (a: number, b: number, c: number, d: number): number => {
  // hot path
  return (
    (R15[a & 0xff] as number) ^
    (R14[(a >>> 8) & 0xff] as number) ^
    (R13[(a >>> 16) & 0xff] as number) ^
    (R12[a >>> 24] as number) ^
    (R11[b & 0xff] as number) ^
    (R10[(b >>> 8) & 0xff] as number) ^
    (R9[(b >>> 16) & 0xff] as number) ^
    (R8[b >>> 24] as number) ^
    (R7[c & 0xff] as number) ^
    (R6[(c >>> 8) & 0xff] as number) ^
    (R5[(c >>> 16) & 0xff] as number) ^
    (R4[c >>> 24] as number) ^
    (R3[d & 0xff] as number) ^
    (R2[(d >>> 8) & 0xff] as number) ^
    (R1[(d >>> 16) & 0xff] as number) ^
    (R0[d >>> 24] as number)
  );
};

const wordAt = (bytes: Uint8Array, at: number): number => {
  // hot path
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
};

const sumByte = (crc: number, byte: number): number => {
  // hot path
  return (crc >>> 8) ^ (R0[(crc ^ byte) & 0xff] as number);
};

const tableCrc = (bytes: Uint8Array, start: number, end: number): number => {
  // hot path
  let crc = -1;
  let position = start;
  for (const last = end - ROWS; position <= last; position += ROWS) {
    crc = sumWords(
      crc ^ wordAt(bytes, position),
      wordAt(bytes, position + 4),
      wordAt(bytes, position + 8),
      wordAt(bytes, position + 12),
    );
  }
  for (; position < end; position++) crc = sumByte(crc, bytes[position] as number);
  return ~crc;
};

const copyAndSum = (
  from: DataView,
  start: number,
  length: number,
  to: DataView,
  at: number,
): number => {
  // hot path
  const end = start + length;
  let crc = -1;
  let position = start;
  let target = at;
  for (const last = end - ROWS; position <= last; position += ROWS, target += ROWS) {
    const a = from.getInt32(position, true);
    const b = from.getInt32(position + 4, true);
    const c = from.getInt32(position + 8, true);
    const d = from.getInt32(position + 12, true);
    to.setInt32(target, a, true);
    to.setInt32(target + 4, b, true);
    to.setInt32(target + 8, c, true);
    to.setInt32(target + 12, d, true);
    crc = sumWords(crc ^ a, b, c, d);
  }
  for (; position < end; position++, target++) {
    const byte = from.getUint8(position);
    to.setUint8(target, byte);
    crc = sumByte(crc, byte);
  }
  return ~crc;
};

/** Copies `length` bytes and returns their `bodyCrc`. */
export function copyBody(
  from: WordView,
  start: number,
  length: number,
  to: WordView,
  at: number,
): number {
  // hot path
  if (length === 0) return 0;
  if (length <= COPY_BYTES_MAX)
    return copyAndSum(from.words, start, length, to.words, at) & 0x7fffffff;
  const body = from.bytes.subarray(start, start + length);
  to.bytes.set(body, at);
  return zlibCrc32(body) & 0x7fffffff;
}

/**
 * CRC-32 (IEEE) of `bytes[start … start + length)` with the top bit cleared, as RocketMQ stores it.
 * @source rocketmq 4.9.2 common/UtilAll.java crc32
 */
export function bodyCrc(bytes: Uint8Array, start = 0, length = bytes.length - start): number {
  // hot path
  if (length === 0) return 0;
  const crc =
    length <= TABLE_BYTES_MAX
      ? tableCrc(bytes, start, start + length)
      : zlibCrc32(bytes.subarray(start, start + length));
  return crc & 0x7fffffff;
}
