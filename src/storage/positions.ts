import { assert } from '../base/index.ts';

// The published positions of a log, byte positions that only grow:
// L1: flushed ≤ appended. A byte is flushed once an fdatasync that began after it was written has succeeded.
// L2: indexed ≤ dispatched ≤ appended. Dispatched records are in their consume queue; indexed ones in its file.
// L3: under SYNC_FLUSH, dispatched ≤ max(flushed, recovered): no consumer sees what a power cut could take back.
// L4: no position moves backwards while a store is open.
// Layout of the shared memory: [appended int64][dispatched int64][flushed int64][indexed int64][minimum int64]
//   [storeTimestamp int64]

const SLOT = {
  appended: 0,
  dispatched: 1,
  flushed: 2,
  indexed: 3,
  minimum: 4,
  storeTimestamp: 5,
} as const;
const SLOTS = 8;

/** A log's positions as another thread, or the successor of a dead one, reads them. */
export interface PositionFacts {
  readonly appended: number;
  readonly dispatched: number;
  readonly flushed: number;
  /** Everything before it is in the files of the consume queues. */
  readonly indexed: number;
  readonly minimum: number;
  /** Store time of the last appended record. */
  readonly storeTimestamp: number;
}

/** Reads what a store last published. @thread any */
export function readPositions(memory: SharedArrayBuffer): PositionFacts {
  const slots = new BigInt64Array(memory);
  const read = (slot: number): number => Number(Atomics.load(slots, slot));
  return {
    appended: read(SLOT.appended),
    dispatched: read(SLOT.dispatched),
    flushed: read(SLOT.flushed),
    indexed: read(SLOT.indexed),
    minimum: read(SLOT.minimum),
    storeTimestamp: read(SLOT.storeTimestamp),
  };
}

/** The positions of an open log: plain safe integers for the owner, mirrored for other threads once per turn. */
export class LogPositions {
  readonly memory: SharedArrayBuffer;
  readonly #slots: BigInt64Array;
  readonly #mirrored = [-1, -1, -1, -1, -1, -1];
  /** End of the last record. Owner only, like all fields; the methods keep L1 to L4. */
  appended = 0;
  dispatched = 0;
  flushed = 0;
  indexed = 0;
  minimum = 0;
  storeTimestamp = 0;
  /** End of what recovery found: it survived one crash and counts as safe to show. */
  recovered = 0;

  constructor(memory?: SharedArrayBuffer) {
    this.memory = memory ?? LogPositions.createMemory();
    this.#slots = new BigInt64Array(this.memory);
  }

  static createMemory(): SharedArrayBuffer {
    return new SharedArrayBuffer(SLOTS * BigInt64Array.BYTES_PER_ELEMENT);
  }

  setFlushed(position: number): void {
    assert(position <= this.appended, 'L1: flushed is not past appended');
    assert(position >= this.flushed, 'L4: flushed does not move back');
    this.flushed = position;
  }

  setDispatched(position: number): void {
    // hot path
    assert(position >= this.dispatched && position <= this.appended, 'L2: dispatched ≤ appended');
    this.dispatched = position;
  }

  setIndexed(position: number): void {
    assert(position >= this.indexed && position <= this.dispatched, 'L2: indexed ≤ dispatched');
    this.indexed = position;
  }

  /** Makes the positions visible to other threads. @thread owner */
  publish(): void {
    this.#mirror(SLOT.minimum, this.minimum);
    this.#mirror(SLOT.storeTimestamp, this.storeTimestamp);
    this.#mirror(SLOT.appended, this.appended);
    this.#mirror(SLOT.flushed, this.flushed);
    this.#mirror(SLOT.dispatched, this.dispatched);
    this.#mirror(SLOT.indexed, this.indexed);
  }

  #mirror(slot: number, position: number): void {
    if (this.#mirrored[slot] === position) return;
    this.#mirrored[slot] = position;
    Atomics.store(this.#slots, slot, BigInt(position));
  }
}
