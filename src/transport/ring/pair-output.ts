import { writeInt32BE } from '../../base/index.ts';
import { RingWriter } from '../../ring/index.ts';
import type { FarBell } from './hub-bell.ts';
import { dataBytesMax, ID_BYTES } from './records.ts';
import type { PairSide, PairState } from './ring-pair.ts';

/** Something that waits for room in a ring. */
export interface RoomWaiter {
  /** Writes on; true when nothing is left to write. */
  onRoom(): boolean;
}

/** What an output of a pair is made of. */
export interface PairOutputOptions {
  readonly ring: SharedArrayBuffer;
  /** Doorbell of the thread that reads. */
  readonly bell: FarBell;
  readonly state: PairState;
  readonly side: PairSide;
  /** Calls `ringBell` once, at the end of the turn. */
  readonly ringLater: (output: PairOutput) => void;
}

/** Records after which a sleeping reader is woken before the turn has ended, so that it works beside the writer. */
const RECORDS_PER_BELL = 32;
/** The same in bytes: a batch is worth waking up for. */
const BYTES_PER_BELL = 8 * 1024;

/** The ring one thread of a pair writes, shared by all connections of that pair. */
export class PairOutput {
  readonly writer: RingWriter;
  /** Bytes of a stream that one record takes. */
  readonly dataBytesMax: number;
  readonly #bell: FarBell;
  readonly #state: PairState;
  readonly #side: PairSide;
  readonly #ringLater: (output: PairOutput) => void;
  readonly #waiters: RoomWaiter[] = [];
  #isServing = false;
  #isBellDue = false;
  #records = 0;
  #bytes = 0;

  constructor(options: PairOutputOptions) {
    this.writer = new RingWriter(options.ring);
    this.dataBytesMax = dataBytesMax(this.writer.capacity);
    this.#bell = options.bell;
    this.#state = options.state;
    this.#side = options.side;
    this.#ringLater = options.ringLater;
  }

  /** Claims room for a record; -1 where it must wait: then `wait`. */
  claim(bytes: number, type: number): number {
    // hot path
    if (this.#waiters.length > 0 && !this.#isServing) return -1; // T2
    const index = this.writer.claim(bytes, type);
    if (index >= 0) return index;
    this.ringBell();
    this.#state.askForRoom(this.#side); // T3
    const late = this.writer.claim(bytes, type);
    if (late >= 0) this.#state.giveRoom(this.#side); // Nobody waits.
    return late;
  }

  /** Shows the claimed record to the reader, who is woken at the end of the turn at the latest. */
  commit(bytes: number): void {
    // hot path
    this.writer.commit(bytes);
    this.#records += 1;
    this.#bytes += bytes;
    if (this.#records >= RECORDS_PER_BELL || this.#bytes >= BYTES_PER_BELL) this.ringBell();
    if (this.#isBellDue) return;
    this.#isBellDue = true;
    this.#ringLater(this);
  }

  /** Writes a record of one word, as soon as there is room. */
  say(type: number, word: number): void {
    const write = (): boolean => {
      const index = this.claim(ID_BYTES, type);
      if (index < 0) return false;
      writeInt32BE(this.writer.bytes, index, word);
      this.commit(ID_BYTES);
      return true;
    };
    if (!write()) this.wait({ onRoom: write });
  }

  /** Wakes the reader. */
  ringBell(): void {
    // hot path
    this.#isBellDue = false;
    this.#records = 0;
    this.#bytes = 0;
    this.#bell.ring();
  }

  /** Calls `waiter.onRoom` when there is room, in the order of these calls. */
  wait(waiter: RoomWaiter): void {
    this.#waiters.push(waiter);
  }

  /** True when somebody waits and the reader has given room. */
  get hasRoomGiven(): boolean {
    // hot path
    return this.#waiters.length > 0 && !this.#state.needsRoom(this.#side);
  }

  /** Lets those who wait write, as far as there is room. */
  serveWaiters(): void {
    this.#isServing = true;
    try {
      for (let [first] = this.#waiters; first !== undefined; [first] = this.#waiters) {
        if (!first.onRoom()) return;
        this.#waiters.shift();
      }
    } finally {
      this.#isServing = false;
    }
  }
}
