import type { HeaderType } from '../protocol/index.ts';
import type { Peer } from '../transport/index.ts';

/** One send whose answer waits for the flush that covers it. */
export interface PendingAck {
  endPosition: number;
  peer: Peer | undefined;
  opaque: number;
  headerType: HeaderType;
  queueId: number;
  queueOffset: number;
  commitLogOffset: number;
  /** Ids of a batch, comma-joined; a single message has none. */
  batchIds: Buffer | undefined;
}

const emptyAck = (): PendingAck => ({
  endPosition: 0,
  peer: undefined,
  opaque: 0,
  headerType: 0,
  queueId: 0,
  queueOffset: 0,
  commitLogOffset: 0,
  batchIds: undefined,
});

/**
 * Sends waiting for their flush, in log order. Slots are reused, so that a waiting send costs no allocation.
 * A1: positions only grow from front to back, so one flush releases a prefix.
 */
export class PendingAcks {
  readonly #capacity: number;
  #slots: PendingAck[] = [];
  #head = 0;
  #count = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.#capacity;
  }

  /** The next slot, to be filled by the caller. Not to be called when full. */
  push(): PendingAck {
    if (this.#count === this.#slots.length) this.#grow();
    const slot = this.#slots[(this.#head + this.#count) % this.#slots.length];
    if (slot === undefined) throw new RangeError('no slot for a pending acknowledgement');
    this.#count += 1;
    return slot;
  }

  /** Hands over, in order, every send that ends at or before `position`. A1 */
  release(position: number, onAck: (ack: PendingAck) => void): void {
    while (this.#count > 0) {
      const slot = this.#slots[this.#head];
      if (slot === undefined || slot.endPosition > position) return;
      this.#head = (this.#head + 1) % this.#slots.length;
      this.#count -= 1;
      onAck(slot);
      slot.peer = undefined;
    }
  }

  #grow(): void {
    const slots: PendingAck[] = [];
    for (let index = 0; index < this.#count; index++) {
      slots.push(this.#slots[(this.#head + index) % this.#slots.length] ?? emptyAck());
    }
    const length = Math.min(this.#capacity, Math.max(64, this.#slots.length * 2));
    while (slots.length < length) slots.push(emptyAck());
    this.#slots = slots;
    this.#head = 0;
  }
}
