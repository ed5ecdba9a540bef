const NO_BYTES = Buffer.alloc(0);

/**
 * A buffer together with a `DataView` of it. The engine makes one load or store of each `getInt32` and `setInt32`, where
 * four single bytes are four, each with its own check of the limits.
 */
export class WordView {
  bytes: Buffer = NO_BYTES;
  words: DataView = new DataView(NO_BYTES.buffer, NO_BYTES.byteOffset, 0);

  /** Turns to `buffer`; costs nothing where it is the one from last time. */
  show(buffer: Buffer): DataView {
    // hot path
    if (buffer !== this.bytes) {
      this.bytes = buffer;
      this.words = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    }
    return this.words;
  }
}

/** Up to here a loop over words beats the view that `set` needs. */
const LOOP_BYTES_MAX = 192;

/** Copies `length` bytes; returns the position behind the copy. */
export function copyWords(
  from: WordView,
  start: number,
  length: number,
  to: WordView,
  at: number,
): number {
  // hot path
  const end = start + length;
  if (length > LOOP_BYTES_MAX) {
    to.bytes.set(from.bytes.subarray(start, end), at);
    return at + length;
  }
  const source = from.words;
  const target = to.words;
  let position = start;
  let next = at;
  for (const last = end - 4; position <= last; position += 4, next += 4)
    target.setInt32(next, source.getInt32(position, true), true);
  for (; position < end; position++, next++) target.setUint8(next, source.getUint8(position));
  return next;
}
