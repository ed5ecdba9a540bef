import { assert } from '../base/index.ts';
import { RingError } from './errors.ts';
import { type RecordHandler, RingReader } from './ring-reader.ts';

/** Takes one record of producer `producerIndex`; see {@link RecordHandler}. */
export type FanInHandler = (
  producerIndex: number,
  type: number,
  bytes: Buffer,
  start: number,
  end: number,
) => void;

/** Most rings one consumer reads. */
export const FAN_IN_PRODUCERS_MAX = 1024;
/** Records taken from one ring before the next one has its turn. */
export const FAN_IN_TURN_RECORDS = 64;

/**
 * One consumer of many producers: an SPSC ring for each, drained in turns, so a busy producer does not starve the
 * others. Records of one producer keep their order; between producers there is none.
 *
 * @thread consumer
 */
export class FanIn {
  private readonly readers: (RingReader | undefined)[] = [];
  private readonly relay: RecordHandler;
  private handler: FanInHandler | undefined;
  /** Whose turn comes next, and whose is now. */
  private next = 0;
  private current = -1;

  constructor() {
    // One closure for the life of the fan-in, none for a poll or a record.
    this.relay = (type, bytes, start, end) => {
      // A handler may remove the ring it is called for: the rest of that turn is dropped with it.
      if (this.readers[this.current] === undefined) return;
      this.handler?.(this.current, type, bytes, start, end);
    };
  }

  /**
   * Starts to read the ring and returns its producer's index, the smallest one free.
   * @throws {RingError} NOT_A_RING, PRODUCERS_TOO_MANY
   * @thread consumer
   */
  add(memory: SharedArrayBuffer): number {
    const reader = new RingReader(memory);
    const free = this.readers.findIndex((other, at) => other === undefined && at !== this.current);
    const producerIndex = free === -1 ? this.readers.length : free;
    if (producerIndex === FAN_IN_PRODUCERS_MAX) {
      throw new RingError(
        'PRODUCERS_TOO_MANY',
        `one consumer reads at most ${FAN_IN_PRODUCERS_MAX} rings`,
        { producersMax: FAN_IN_PRODUCERS_MAX },
      );
    }
    this.readers[producerIndex] = reader;
    return producerIndex;
  }

  /**
   * Stops reading a producer's ring; what it still holds is not delivered. The index may be given out again.
   * @thread consumer
   */
  remove(producerIndex: number): void {
    assert(this.readers[producerIndex] !== undefined, 'a removed ring was added before');
    this.readers[producerIndex] = undefined;
  }

  /**
   * Hands at most `limit` records to `handler`, going round the rings from where the last poll ended, and returns their
   * number. What `handler` throws ends the poll; the record it threw on counts as read.
   * @throws {RingError} RING_CORRUPT
   * @thread consumer
   */
  poll(handler: FanInHandler, limit: number): number {
    // hot path
    assert(this.current === -1, 'a handler does not poll its own fan-in');
    this.handler = handler;
    try {
      return this.drain(limit);
    } finally {
      this.current = -1;
    }
  }

  /**
   * True while no ring holds an unread record: the last look of a consumer about to park (R6).
   * @thread consumer
   */
  get isEmpty(): boolean {
    // hot path
    for (const reader of this.readers) {
      if (reader !== undefined && !reader.isEmpty) return false;
    }
    return true;
  }

  private drain(limit: number): number {
    // hot path
    let count = 0;
    let emptyInARow = 0;
    while (count < limit && emptyInARow < this.readers.length) {
      if (this.next >= this.readers.length) this.next = 0;
      this.current = this.next;
      this.next += 1;
      const turn = Math.min(FAN_IN_TURN_RECORDS, limit - count);
      const taken = this.readers[this.current]?.poll(this.relay, turn) ?? 0;
      count += taken;
      emptyInARow = taken === 0 ? emptyInARow + 1 : 0;
    }
    return count;
  }
}
