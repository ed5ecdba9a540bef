// 64-bit fields are JavaScript numbers: exact up to 2^53, saturating beyond (clients really send Long.MAX_VALUE).

const TWO_32 = 0x1_0000_0000;
/** A power of two, so that a product with it is exact; it is much faster than a division. */
const PER_TWO_32 = 1 / TWO_32;

/** Writes a safe integer as a big-endian int64. Hot path: two 32-bit stores, no BigInt. */
export function writeInt64BE(target: Buffer, position: number, value: number): void {
  // hot path
  const high = Math.floor(value * PER_TWO_32);
  const low = value - high * TWO_32;
  writeInt32BE(target, position, high);
  writeInt32BE(target, position + 4, low);
}

/** `writeInt64BE` through a view. */
export function setInt64(target: DataView, position: number, value: number): void {
  // hot path
  const high = Math.floor(value * PER_TWO_32);
  target.setInt32(position, high);
  target.setInt32(position + 4, value - high * TWO_32);
}

/** Reads a big-endian int64 as a number; beyond 2^53 it saturates to ±Number.MAX_SAFE_INTEGER. */
export function readInt64BE(source: Buffer, position: number): number {
  // hot path
  const value = readInt32BE(source, position) * TWO_32 + (readInt32BE(source, position + 4) >>> 0);
  if (value > Number.MAX_SAFE_INTEGER) return Number.MAX_SAFE_INTEGER;
  if (value < Number.MIN_SAFE_INTEGER) return Number.MIN_SAFE_INTEGER;
  return value;
}

/** Writes the low 32 bits of `value` big-endian, without the range check of `Buffer.writeInt32BE`. */
export function writeInt32BE(target: Buffer, position: number, value: number): void {
  // hot path
  target[position] = value >>> 24;
  target[position + 1] = value >>> 16;
  target[position + 2] = value >>> 8;
  target[position + 3] = value;
}

/** Reads a big-endian int32; bytes past the end of `source` read as zero (callers check lengths first). */
export function readInt32BE(source: Buffer, position: number): number {
  // hot path
  return (
    ((source[position] as number) << 24) |
    ((source[position + 1] as number) << 16) |
    ((source[position + 2] as number) << 8) |
    (source[position + 3] as number)
  );
}

/** Writes the low 16 bits of `value` big-endian. */
export function writeInt16BE(target: Buffer, position: number, value: number): void {
  // hot path
  target[position] = value >>> 8;
  target[position + 1] = value;
}

/** Reads a big-endian signed 16-bit integer. */
export function readInt16BE(source: Buffer, position: number): number {
  // hot path
  return (((source[position] as number) << 24) >> 16) | (source[position + 1] as number);
}
