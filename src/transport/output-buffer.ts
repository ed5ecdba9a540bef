/** Hands out byte buffers and takes them back, so that a connection with nothing to say holds no memory. */
export class OutputPool {
  readonly #small: Buffer[] = [];
  readonly #large: Buffer[] = [];

  /** A buffer of at least `bytes`; its content is whatever it last held. */
  take(bytes: number): Buffer {
    if (bytes <= SMALL_BYTES) return this.#small.pop() ?? Buffer.allocUnsafeSlow(SMALL_BYTES);
    if (bytes <= LARGE_BYTES) return this.#large.pop() ?? Buffer.allocUnsafeSlow(LARGE_BYTES);
    // Above the pooled sizes: the next power of two, left to the garbage collector afterwards.
    return Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(bytes)));
  }

  /** Returns a buffer nobody refers to any more. */
  give(buffer: Buffer): void {
    if (buffer.length === SMALL_BYTES && this.#small.length < SMALL_KEPT) this.#small.push(buffer);
    if (buffer.length === LARGE_BYTES && this.#large.length < LARGE_KEPT) this.#large.push(buffer);
  }
}

const SMALL_BYTES = 64 * 1024;
const LARGE_BYTES = 1024 * 1024;
const SMALL_KEPT = 64;
const LARGE_KEPT = 4;
const NO_BYTES = Buffer.alloc(0);

/** Bytes that are sent from where they lie, before the output's byte `at`. */
interface Attachment {
  readonly at: number;
  readonly bytes: Buffer;
  readonly release: () => void;
}

/** The part of a socket that output is written to; see `Socket.write`. */
export interface OutputSink {
  write(bytes: Buffer): boolean;
  writeAll?(pieces: readonly Buffer[]): boolean;
}

/** What an output buffer tells its connection. */
export interface OutputOwner {
  /** The buffer was empty and is about to be written. */
  onFirstBytes(): void;
  /** The buffer grows to hold `bytes`: the moment to look at limits. */
  onGrow(bytes: number): void;
}

/**
 * Bytes one connection is about to send. A writer reserves room, writes into `buffer` from the returned index and only
 * then moves `length`: whoever throws in between leaves nothing behind.
 *
 * `buffer` is replaced when it grows and when it is sent: never keep it across a `reserve`.
 *
 * L1: the `release` of attached bytes is called exactly once, when neither this buffer nor a socket refers to them.
 * @thread owner
 */
export class OutputBuffer {
  buffer: Buffer = NO_BYTES;
  length = 0;
  /** Bytes attached and not written. */
  attachedBytes = 0;
  #attachments: Attachment[] = [];
  /** Attachments that a socket still refers to. */
  #sent: Attachment[] = [];
  readonly #pool: OutputPool;
  readonly #owner: OutputOwner;

  constructor(pool: OutputPool, owner: OutputOwner) {
    this.#pool = pool;
    this.#owner = owner;
  }

  /** Makes `[length, length + bytes)` writable and returns `length`. */
  reserve(bytes: number): number {
    // hot path
    if (this.length === 0) this.#owner.onFirstBytes();
    if (this.length + bytes > this.buffer.length) this.#grow(this.length + bytes);
    return this.length;
  }

  /** Copies `bytes` to the end. */
  append(bytes: Uint8Array): void {
    const start = this.reserve(bytes.length);
    this.buffer.set(bytes, start);
    this.length = start + bytes.length;
  }

  /** Bytes to send, those attached included. */
  get size(): number {
    // hot path
    return this.length + this.attachedBytes;
  }

  /**
   * Sends `bytes` without copying them, between what stands before `at` and what stands behind it. They must not change
   * before `release` is called. Attach in the order of `at`; only what is behind the last attachment may be taken back by
   * setting `length`.
   */
  attach(at: number, bytes: Buffer, release: () => void): void {
    this.#attachments.push({ at, bytes, release });
    this.attachedBytes += bytes.length;
    this.#owner.onGrow(this.size);
  }

  /** Takes back what was written and attached behind `length`. */
  truncate(length: number): void {
    this.length = length;
    for (let last = this.#attachments.at(-1); last; last = this.#attachments.at(-1)) {
      if (last.at <= length) return;
      this.#attachments.pop();
      this.attachedBytes -= last.bytes.length;
      last.release(); // L1
    }
  }

  /**
   * Writes everything, in order. False where the socket keeps references: call `handOver` now, and `settle` once it has
   * none any more.
   */
  writeTo(sink: OutputSink): boolean {
    // hot path
    if (this.#attachments.length === 0) return sink.write(this.bytes());
    return this.#writeParts(sink);
  }

  /** The socket refers to nothing any more that was written to it. */
  settle(): void {
    if (this.#sent.length === 0) return;
    const sent = this.#sent;
    this.#sent = [];
    for (const { release } of sent) release(); // L1
  }

  /** Everything written so far; valid until the next `reserve`, `release` or `handOver`. */
  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** Empties the buffer and gives its memory back. */
  release(): void {
    if (this.#attachments.length > 0) this.truncate(-1);
    this.length = 0;
    if (this.buffer === NO_BYTES) return;
    this.#pool.give(this.buffer);
    this.buffer = NO_BYTES;
  }

  /** Empties the buffer without its memory, which the caller keeps while a socket refers to it. */
  handOver(): Buffer {
    const { buffer } = this;
    this.buffer = NO_BYTES;
    this.length = 0;
    return buffer;
  }

  #writeParts(sink: OutputSink): boolean {
    const attachments = this.#attachments;
    this.#attachments = [];
    this.attachedBytes = 0;
    const pieces: Buffer[] = [];
    let start = 0;
    for (const { at, bytes } of attachments) {
      if (at > start) pieces.push(this.buffer.subarray(start, at));
      pieces.push(bytes);
      start = at;
    }
    if (this.length > start) pieces.push(this.buffer.subarray(start, this.length));
    this.#sent.push(...attachments);
    const isTaken = writeAll(sink, pieces);
    if (isTaken) this.settle();
    return isTaken;
  }

  #grow(bytes: number): void {
    if (this.buffer !== NO_BYTES) this.#owner.onGrow(bytes + this.attachedBytes);
    const larger = this.#pool.take(bytes);
    this.buffer.copy(larger, 0, 0, this.length);
    if (this.buffer !== NO_BYTES) this.#pool.give(this.buffer);
    this.buffer = larger;
  }
}

const writeAll = (sink: OutputSink, pieces: readonly Buffer[]): boolean => {
  if (sink.writeAll !== undefined) return sink.writeAll(pieces);
  let isTaken = true;
  for (const piece of pieces) isTaken = sink.write(piece);
  return isTaken;
};
