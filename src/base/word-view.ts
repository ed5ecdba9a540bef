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
