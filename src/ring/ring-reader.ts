import { assert } from '../base/index.ts';
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
 * Takes one record: its payload is `bytes[start, end)`, valid during the call only, since the producer overwrites it
 * afterwards. `start` is a multiple of 8.
 */
export type RecordHandler = (type: number, bytes: Buffer, start: number, end: number) => void;

/**
 * The consumer's side of a ring. A new reader on the memory of a dead one starts with the records the dead one had not
 * finished a `poll` over, so it may see some twice (R8).
 *
 * @throws {RingError} NOT_A_RING from the constructor
 * @thread consumer
 */
export class RingReader {
  /** Bytes of the ring. */
  readonly capacity: number;
  private readonly words: Int32Array;
  private readonly bytes: Buffer;
  private readonly mask: number;
  private position: number;
  private tailSeen: number;
  private isPolling = false;

  constructor(memory: SharedArrayBuffer) {
    const { words, bytes, capacity } = openRing(memory);
    this.words = words;
    this.bytes = bytes;
    this.capacity = capacity;
    this.mask = capacity - 1;
    this.position = Atomics.load(words, HEAD_WORD); // R8
    this.tailSeen = this.position;
  }

  /**
   * Hands what was published before the call, at most `limit` records, to `handler` and returns their number. The room is given back once, at the
   * end: a large `limit` keeps a full ring full for longer. What `handler` throws ends the poll; the record it threw on counts as read.
   * @throws {RingError} RING_CORRUPT
   * @thread consumer
   */
  poll(handler: RecordHandler, limit: number): number {
    // hot path
    this.tailSeen = Atomics.load(this.words, TAIL_WORD); // R2, R4: one look a poll
    if (this.position === this.tailSeen) return 0;
    assert(!this.isPolling, 'a handler does not poll its own ring');
    this.isPolling = true;
    try {
      return this.drain(handler, limit);
    } finally {
      this.isPolling = false;
      Atomics.store(this.words, HEAD_WORD, this.position); // R3
    }
  }

  /**
   * True while nothing is published that was not read: a look at shared memory, for a consumer about to park.
   * @thread consumer
   */
  get isEmpty(): boolean {
    // hot path
    if (this.position !== this.tailSeen) return false;
    this.tailSeen = Atomics.load(this.words, TAIL_WORD); // R2, R6
    return this.position === this.tailSeen;
  }

  /**
   * Bytes published and not read yet, padding included.
   * @thread consumer
   */
  get usedBytes(): number {
    this.tailSeen = Atomics.load(this.words, TAIL_WORD); // R2
    return (this.tailSeen - this.position) | 0;
  }

  private drain(handler: RecordHandler, limit: number): number {
    // hot path
    const { words, bytes, mask, tailSeen } = this;
    let count = 0;
    while (this.position !== tailSeen && count < limit) {
      const index = this.position & mask;
      const word = DATA_WORD + (index >> 2);
      const length = words[word] as number;
      if (length < RECORD_HEADER_BYTES || length > ((tailSeen - this.position) | 0)) {
        this.refuseRecord(index, length); // R2
      }
      // The position moves first, so that a record whose handler throws is not delivered for ever.
      this.position = (this.position + ((length + ROUND_UP) & ~ROUND_UP)) | 0;
      const type = words[word + 1] as number;
      if (type === PADDING_TYPE) continue; // R5
      count += 1;
      handler(type, bytes, index + RECORD_HEADER_BYTES, index + length);
    }
    return count;
  }

  private refuseRecord(index: number, length: number): never {
    throw new RingError('RING_CORRUPT', `the record at index ${index} claims ${length} bytes`, {
      index,
      length,
      position: this.position,
      tail: this.tailSeen,
    });
  }
}
