import { assert } from '../base/index.ts';
import { RingError } from './errors.ts';

// One producer thread, one consumer thread, one SharedArrayBuffer. Words are int32 in the machine's byte order: a ring
// never leaves the process.
//
//   byte  size  field     written by  meaning
//      0     4  magic     creator     RING_MAGIC
//      4     4  version   creator     RING_VERSION
//      8     4  capacity  creator     n: data bytes, a power of two
//    128     4  tail      producer    end of published records
//    256     4  head      consumer    start of unread records
//    384     n  data      producer    records
//
//   record:   0       4      8                       length      multiple of 8
//             | length | type | payload ............. | 0–7 bytes |
//   length counts the two words and the payload. type > 0 is a record, PADDING_TYPE fills the rest before the end.
//
// tail and head are positions: they only grow, modulo 2^32. index = position & (n - 1). n divides 2^32, so the index
// runs on smoothly where a position wraps, and two positions are at most n <= 2^30 apart, so `(tail - head) | 0` is
// their true distance whatever wrapped. No number of bytes ever sent is too many, and no BigInt is needed.
//
// A doorbell is a SharedArrayBuffer of its own: one word, `parked`, 1 while the consumer sleeps or is about to.
//
// R1  0 <= tail - head <= n: the producer writes only between tail and head + n.
// R2  A record is complete (length, type, payload) before tail moves past it; the consumer reads nothing at or past the
//     tail it loaded. Both use Atomics, so everything stored before the tail is seen after it.
// R3  The consumer has finished with a record before head moves past it; the producer writes nothing at or past
//     head + n of the head it loaded.
// R4  Only the producer writes tail, only the consumer head. Each side keeps its own position and its last look at the
//     other's in private fields; the producer looks again only when that says full, the consumer once a poll. A stale
//     look is a safe look: the other's counter only grows.
// R5  A record never wraps. The rest before the end becomes a padding record, published as soon as it is free, so that
//     a record of up to n bytes fits in the end, wherever tail stands.
// R6  No wake-up is lost: the consumer stores parked = 1, then looks at every tail for the last time, then sleeps while
//     parked = 1; a producer stores tail, then looks at parked. In the one total order of Atomics either the producer
//     sees parked or the consumer sees the record.
// R7  A producer wakes only a parked consumer, and of many producers only the one that turns parked from 1 to 0 does.
// R8  A thread that dies leaves nothing half-visible: what was claimed or staged was never published, and a new writer
//     goes on at tail. A new reader goes on at head and sees again what its predecessor had not finished: at least once.

export const RING_MAGIC = 0x53524e47;
export const RING_VERSION = 1;

const WORD_BYTES = 4;
/** Two cache lines of 64 bytes, because the adjacent-line prefetcher pairs them. */
const COUNTER_DISTANCE_BYTES = 128;

export const MAGIC_WORD = 0;
export const VERSION_WORD = 1;
export const CAPACITY_WORD = 2;
export const TAIL_WORD = COUNTER_DISTANCE_BYTES / WORD_BYTES;
export const HEAD_WORD = (2 * COUNTER_DISTANCE_BYTES) / WORD_BYTES;
export const DATA_START = 3 * COUNTER_DISTANCE_BYTES;
export const DATA_WORD = DATA_START / WORD_BYTES;

export const RECORD_ALIGNMENT = 8;
export const RECORD_HEADER_BYTES = 2 * WORD_BYTES;
/** Type of the filler before the end of the data. Records have types above zero. */
export const PADDING_TYPE = -1;

export const PARKED_WORD = 0;
export const DOORBELL_BYTES = COUNTER_DISTANCE_BYTES;

/** Smallest and largest number of data bytes of a ring. */
export const RING_BYTES_MIN = 64;
export const RING_BYTES_MAX = 2 ** 30;

assert(
  HEAD_WORD - TAIL_WORD === DATA_WORD - HEAD_WORD,
  'counters and data stand equally far apart',
);
assert(RECORD_HEADER_BYTES === RECORD_ALIGNMENT, 'any rest before the end has room for a header');
assert(RING_BYTES_MIN % RECORD_ALIGNMENT === 0, 'a ring holds a whole number of units');
assert(2 * RING_BYTES_MAX <= 2 ** 31, 'the distance of two positions fits an int32'); // R1

/**
 * Makes the memory of an empty ring: hand it to one {@link RingWriter} and one {@link RingReader}.
 *
 * `bytes` is the room for records with their headers: a power of two, 64 to 2^30. `startPosition` is where the
 * counters begin, a multiple of 8; tests begin near a wrap.
 * @throws {RingError} CAPACITY_INVALID
 * @thread any
 */
export function createRing(bytes: number, startPosition = 0): SharedArrayBuffer {
  const isPowerOfTwo = Number.isSafeInteger(bytes) && bytes > 0 && Math.log2(bytes) % 1 === 0;
  if (!isPowerOfTwo || bytes < RING_BYTES_MIN || bytes > RING_BYTES_MAX) {
    throw new RingError(
      'CAPACITY_INVALID',
      `a ring has a power of two of bytes from ${RING_BYTES_MIN} to ${RING_BYTES_MAX}, not ${bytes}`,
      { bytes, bytesMin: RING_BYTES_MIN, bytesMax: RING_BYTES_MAX },
    );
  }
  assert(startPosition % RECORD_ALIGNMENT === 0, 'a position is a multiple of 8');
  const memory = new SharedArrayBuffer(DATA_START + bytes);
  const words = new Int32Array(memory);
  words[TAIL_WORD] = startPosition; // The typed array stores it modulo 2^32.
  words[HEAD_WORD] = startPosition;
  words[CAPACITY_WORD] = bytes;
  words[VERSION_WORD] = RING_VERSION;
  words[MAGIC_WORD] = RING_MAGIC;
  return memory;
}

/** One side's views of a ring. */
export interface RingViews {
  readonly words: Int32Array;
  /** The data region: index 0 is the first data byte. */
  readonly bytes: Buffer;
  readonly capacity: number;
}

/**
 * Opens the memory of a ring.
 * @throws {RingError} NOT_A_RING
 * @thread any
 */
export function openRing(memory: SharedArrayBuffer): RingViews {
  const isLargeEnough = memory.byteLength >= DATA_START + RING_BYTES_MIN;
  const words = isLargeEnough ? new Int32Array(memory, 0, DATA_WORD) : new Int32Array(DATA_WORD);
  const capacity = words[CAPACITY_WORD] as number;
  if (
    words[MAGIC_WORD] !== RING_MAGIC ||
    words[VERSION_WORD] !== RING_VERSION ||
    memory.byteLength !== DATA_START + capacity
  ) {
    throw new RingError('NOT_A_RING', 'the memory does not hold a ring of this version', {
      bytes: memory.byteLength,
      version: words[VERSION_WORD],
    });
  }
  return {
    words: new Int32Array(memory),
    bytes: Buffer.from(memory, DATA_START, capacity),
    capacity,
  };
}
