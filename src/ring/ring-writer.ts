import { AssertionError, assert } from '../base/index.ts';
import { RingError } from './errors.ts';
import {
  DATA_WORD,
  HEAD_WORD,
  openRing,
  PADDING_TYPE,
  RECORD_ALIGNMENT,
  RECORD_HEADER_BYTES,
  TAIL_WORD,
} from './layout.ts';

const ROUND_UP = RECORD_ALIGNMENT - 1;

/**
 * The producer's side of a ring: `claim`, write the payload in place, then `commit` (visible at once), `stage` (visible
 * with the next `publish`) or `abort`. Nothing blocks and nothing is allocated. After `commit` or `publish` ring the
 * consumer's {@link Doorbell}, in this order (R6). A new writer on the memory of a dead one goes on at its last
 * published record (R8).
 *
 * @throws {RingError} NOT_A_RING from the constructor
 * @thread producer
 */
export class RingWriter {
  /** The data region; a claimed payload is written at the index that `claim` returned. */
  readonly bytes: Buffer;
  /** Bytes of the ring; a record takes its payload and 8 bytes, rounded up to a multiple of 8. */
  readonly capacity: number;
  /** Largest payload `claim` accepts. */
  readonly payloadBytesMax: number;
  private readonly words: Int32Array;
  private readonly mask: number;
  /** End of the records committed and staged; tail follows when they are published. */
  private position: number;
  private published: number;
  private headSeen: number;
  private claimPosition = 0;
  private claimBytes = 0;
  /** Type of the open claim, 0 while there is none. */
  private claimType = 0;

  constructor(memory: SharedArrayBuffer) {
    const { words, bytes, capacity } = openRing(memory);
    this.words = words;
    this.bytes = bytes;
    this.capacity = capacity;
    this.mask = capacity - 1;
    this.payloadBytesMax = capacity - RECORD_HEADER_BYTES;
    this.position = Atomics.load(words, TAIL_WORD); // R8
    this.published = this.position;
    this.headSeen = Atomics.load(words, HEAD_WORD); // R3
  }

  /**
   * Claims room for one record and returns the index into `bytes` where its payload starts, a multiple of 8, or -1 when
   * the ring is full: publish and ring what is staged, and try again later. `type` is an int32 above 0.
   * @throws {RingError} RECORD_TOO_LARGE
   * @thread producer
   */
  claim(payloadBytes: number, type: number): number {
    // hot path
    if (this.claimType !== 0 || type <= 0 || (type | 0) !== type) this.refuseClaim(type);
    if (payloadBytes >>> 0 !== payloadBytes || payloadBytes > this.payloadBytesMax) {
      this.refuseBytes(payloadBytes);
    }
    const recordBytes = (payloadBytes + RECORD_HEADER_BYTES + ROUND_UP) & ~ROUND_UP;
    const index = this.position & this.mask;
    const bytesToEnd = this.capacity - index;
    if (recordBytes > bytesToEnd) return this.claimAfterPadding(payloadBytes, type, bytesToEnd); // R5
    if (!this.hasRoom(recordBytes)) return -1;
    this.claimPosition = this.position;
    this.claimBytes = payloadBytes;
    this.claimType = type;
    return index + RECORD_HEADER_BYTES;
  }

  /**
   * Makes the claimed record, and all staged before it, visible to the consumer. `payloadBytes` may be less than was
   * claimed, where the true length is known only after writing.
   * @thread producer
   */
  commit(payloadBytes = this.claimBytes): void {
    // hot path
    this.stage(payloadBytes);
    this.published = this.position;
    Atomics.store(this.words, TAIL_WORD, this.position); // R2
  }

  /**
   * Completes the claimed record without showing it: `publish` shows all that were staged at the price of one. A full
   * ring may show them earlier.
   * @thread producer
   */
  stage(payloadBytes = this.claimBytes): void {
    // hot path
    if (this.claimType === 0 || payloadBytes >>> 0 !== payloadBytes) this.refuseCommit();
    if (payloadBytes > this.claimBytes) this.refuseCommit();
    const word = DATA_WORD + ((this.claimPosition & this.mask) >> 2);
    const length = payloadBytes + RECORD_HEADER_BYTES;
    this.words[word] = length;
    this.words[word + 1] = this.claimType;
    this.position = (this.claimPosition + ((length + ROUND_UP) & ~ROUND_UP)) | 0;
    this.claimType = 0;
  }

  /**
   * Shows the consumer everything staged. Cheap when there is nothing.
   * @thread producer
   */
  publish(): void {
    // hot path
    if (this.published === this.position) return;
    this.published = this.position;
    Atomics.store(this.words, TAIL_WORD, this.position); // R2
  }

  /**
   * Gives the claim back; the consumer never learns of it.
   * @thread producer
   */
  abort(): void {
    assert(this.claimType !== 0, 'abort follows claim');
    this.claimType = 0;
  }

  /**
   * Bytes not read yet, staged records and padding included.
   * @thread producer
   */
  get usedBytes(): number {
    this.headSeen = Atomics.load(this.words, HEAD_WORD); // R3
    return (this.position - this.headSeen) | 0;
  }

  private hasRoom(bytes: number): boolean {
    // hot path
    if (bytes <= this.capacity - ((this.position - this.headSeen) | 0)) return true; // R4
    this.headSeen = Atomics.load(this.words, HEAD_WORD); // R3
    return bytes <= this.capacity - ((this.position - this.headSeen) | 0); // R1
  }

  private claimAfterPadding(payloadBytes: number, type: number, bytesToEnd: number): number {
    if (!this.hasRoom(bytesToEnd)) return -1;
    const word = DATA_WORD + ((this.position & this.mask) >> 2);
    this.words[word] = bytesToEnd;
    this.words[word + 1] = PADDING_TYPE;
    this.position = (this.position + bytesToEnd) | 0;
    this.publish(); // R5: the consumer must pass the padding before a large record can fit.
    return this.claim(payloadBytes, type);
  }

  private refuseClaim(type: number): never {
    assert(this.claimType === 0, 'a claim ends in commit, stage or abort before the next');
    throw new AssertionError(`a record type is an int32 above 0, not ${type}`);
  }

  private refuseBytes(payloadBytes: number): never {
    assert(payloadBytes >= 0 && Number.isInteger(payloadBytes), 'a payload has a length');
    throw new RingError(
      'RECORD_TOO_LARGE',
      `a payload of ${payloadBytes} bytes never fits a ring of ${this.capacity} bytes`,
      { payloadBytes, payloadBytesMax: this.payloadBytesMax, capacity: this.capacity },
    );
  }

  private refuseCommit(): never {
    assert(this.claimType !== 0, 'commit and stage follow claim');
    throw new AssertionError(`a record has at most the ${this.claimBytes} bytes it claimed`);
  }
}
