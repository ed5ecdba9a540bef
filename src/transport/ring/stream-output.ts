import { writeInt32BE } from '../../base/index.ts';
import type { PairOutput, RoomWaiter } from './pair-output.ts';
import { ID_BYTES, RECORD_CLOSE, RECORD_DATA, RECORD_OPEN, WINDOW_BYTES } from './records.ts';

interface Waiting {
  readonly type: number;
  readonly bytes: Buffer;
}

const NO_BYTES = Buffer.alloc(0);

/** One connection's way out: its records in order, and what waits for room in the ring or for the other end. */
export class StreamOutput implements RoomWaiter {
  readonly id: number;
  readonly #output: PairOutput;
  readonly #onDrain: () => void;
  #waiting: Waiting[] = [];
  /** Bytes of the first waiting stream piece that are in the ring. */
  #written = 0;
  #isQueued = false;
  /** Bytes the other end takes before it says more: T8. */
  #credit = WINDOW_BYTES;
  /** Bytes of the stream that wait. */
  pendingBytes = 0;

  /** @param onDrain called when nothing waits any more */
  constructor(id: number, output: PairOutput, onDrain: () => void) {
    this.id = id;
    this.#output = output;
    this.#onDrain = onDrain;
  }

  /** Everything that was written is in the ring. */
  get isEmpty(): boolean {
    // hot path
    return this.#waiting.length === 0;
  }

  /** Nothing waits, and so many bytes may be written past this object: tell it by `spend`. */
  canTake(bytes: number): boolean {
    // hot path
    return this.#waiting.length === 0 && bytes <= this.#credit;
  }

  /** Bytes of the stream were written past this object. */
  spend(bytes: number): void {
    // hot path
    this.#credit -= bytes;
  }

  /** The other end takes so many bytes more: what waits for them is written in a later turn. */
  grant(bytes: number): void {
    this.#credit += bytes;
    if (!this.isEmpty) this.#wait();
  }

  /** The first record. */
  open(payload: Buffer): void {
    this.#put({ type: RECORD_OPEN, bytes: payload });
  }

  /** The next bytes; false where some wait, and `bytes` is kept until `onDrain`: or a copy of it where it `isLent`. */
  write(bytes: Buffer, isLent = false): boolean {
    // hot path
    if (bytes.length === 0) return this.isEmpty;
    let start = 0;
    if (this.isEmpty) {
      start = this.#writeData(bytes, 0);
      if (start === bytes.length) return true;
    }
    const rest = start === 0 ? bytes : bytes.subarray(start);
    this.#enqueue({ type: RECORD_DATA, bytes: isLent ? Buffer.from(rest) : rest });
    this.pendingBytes += bytes.length - start;
    return false;
  }

  /** The last record, behind everything that waits. */
  close(): void {
    this.#put({ type: RECORD_CLOSE, bytes: NO_BYTES });
  }

  /** Forgets what waits. */
  drop(): void {
    this.#waiting = [];
    this.#written = 0;
    this.pendingBytes = 0;
  }

  /** @internal */
  onRoom(): boolean {
    for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
      if (!this.#writeFirst(first)) {
        if (!this.#isBlockedBy(first)) return false;
        this.#isQueued = false; // Others do not wait behind it.
        return true;
      }
      this.#waiting.shift();
      this.#written = 0;
    }
    this.#isQueued = false;
    this.#onDrain();
    return true;
  }

  #put(record: Waiting): void {
    if (!this.isEmpty || !this.#writeControl(record)) this.#enqueue(record);
  }

  #enqueue(record: Waiting): void {
    this.#waiting.push(record);
    if (!this.#isBlockedBy(this.#waiting[0] as Waiting)) this.#wait();
  }

  /** The other end takes none of its bytes. */
  #isBlockedBy(first: Waiting): boolean {
    return first.type === RECORD_DATA && this.#credit <= 0;
  }

  #wait(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#output.wait(this);
  }

  #writeFirst(first: Waiting): boolean {
    if (first.type !== RECORD_DATA) return this.#writeControl(first);
    const before = this.#written;
    this.#written = this.#writeData(first.bytes, before);
    this.pendingBytes -= this.#written - before;
    return this.#written === first.bytes.length;
  }

  #writeControl({ type, bytes }: Waiting): boolean {
    const length = type === RECORD_OPEN ? bytes.length : ID_BYTES;
    const index = this.#output.claim(length, type);
    if (index < 0) return false;
    const target = this.#output.writer.bytes;
    if (type === RECORD_OPEN) target.set(bytes, index);
    else writeInt32BE(target, index, this.id);
    this.#output.commit(length);
    return true;
  }

  /** Writes from `start` on what fits and the other end takes; returns the position behind it. T1, T8 */
  #writeData(bytes: Buffer, start: number): number {
    // hot path
    const output = this.#output;
    let position = start;
    while (position < bytes.length && this.#credit > 0) {
      const length = Math.min(output.dataBytesMax, bytes.length - position, this.#credit);
      const index = output.claim(ID_BYTES + length, RECORD_DATA);
      if (index < 0) return position;
      writeInt32BE(output.writer.bytes, index, this.id);
      bytes.copy(output.writer.bytes, index + ID_BYTES, position, position + length);
      output.commit(ID_BYTES + length);
      this.#credit -= length;
      position += length;
    }
    return position;
  }
}
