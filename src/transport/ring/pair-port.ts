import { readInt32BE } from '../../base/index.ts';
import { RingReader } from '../../ring/index.ts';
import type { FarBell } from './hub-bell.ts';
import { PairOutput } from './pair-output.ts';
import { CREDIT_BYTES, ID_BYTES, RECORD_CLOSE, RECORD_CREDIT, RECORD_DATA } from './records.ts';
import { type PairSide, PairState, type RingPair } from './ring-pair.ts';

/** One end of a connection, as the pair that carries it sees it. */
export interface RingEnd {
  readonly id: number;
  /** Bytes for it came since the last `onRecordsEnd`. */
  isTouched: boolean;
  /** The next bytes of the stream, `bytes[start … end)`, valid during the call (T7). */
  onRecord(bytes: Buffer, start: number, end: number): void;
  /** The other end takes so many bytes more: T8. */
  onCredit?(bytes: number): void;
  /** All records of a poll were handed out. */
  onRecordsEnd(): void;
  /** The connection is gone: closed at the other end, or, with an error, lost. Last call (T4). */
  onGone(error?: Error): void;
}

/** What ports share: the thread they are in. */
export interface PortContext {
  /** Doorbell of the thread at the other end. */
  readonly farBell: FarBell;
  readonly ringLater: (output: PairOutput) => void;
  /** Something came that makes no sense. */
  readonly onMisuse: (reason: string) => void;
}

/** One thread's side of one pair. */
export abstract class PairPort {
  readonly pair: RingPair;
  readonly state: PairState;
  readonly output: PairOutput;
  protected readonly side: PairSide;
  protected readonly reader: RingReader;
  protected readonly ends = new Map<number, RingEnd>();
  /** Reports something that makes no sense. */
  readonly misuse: (reason: string) => void;
  isClosed = false;
  readonly #farSide: PairSide;
  readonly #farBell: FarBell;
  readonly #touched: RingEnd[] = [];
  #last: RingEnd | undefined;

  constructor(pair: RingPair, side: PairSide, context: PortContext) {
    this.pair = pair;
    this.side = side;
    this.#farSide = side === 'server' ? 'client' : 'server';
    this.state = new PairState(pair.state);
    this.reader = new RingReader(side === 'server' ? pair.toServer : pair.toClient);
    this.misuse = context.onMisuse;
    this.#farBell = context.farBell;
    this.output = new PairOutput({
      ring: side === 'server' ? pair.toClient : pair.toServer,
      bell: context.farBell,
      state: this.state,
      side,
      ringLater: context.ringLater,
    });
  }

  /** A look at shared memory, for a thread about to sleep. */
  get hasWork(): boolean {
    // hot path
    return !this.reader.isEmpty || this.output.hasRoomGiven || this.hasStateChanged;
  }

  /** Reads at most `limit` records; `endPoll` follows. */
  poll(limit: number): number {
    // hot path
    if (this.output.hasRoomGiven) this.output.serveWaiters();
    const records = this.reader.poll(this.#onRecord, limit);
    if (!this.isClosed && this.hasStateChanged) this.onStateChange();
    return records;
  }

  /** Has what was read answered, and gives the other side its room back. */
  endPoll(): void {
    // hot path
    const touched = this.#touched;
    for (let index = 0; index < touched.length; index++) {
      const end = touched[index] as RingEnd;
      end.isTouched = false;
      end.onRecordsEnd();
    }
    touched.length = 0;
    const { state, reader } = this;
    if (state.needsRoom(this.#farSide) && reader.usedBytes <= reader.capacity / 2) {
      state.giveRoom(this.#farSide); // T3
      this.#farBell.ring();
    }
  }

  add(end: RingEnd): void {
    this.ends.set(end.id, end);
  }

  /** The end takes nothing more. */
  remove(end: RingEnd): void {
    if (this.#last === end) this.#last = undefined;
    this.ends.delete(end.id);
  }

  /** Gives up ends, all or those that `isLost`. */
  lose(error: Error, isLost?: (end: RingEnd) => boolean): void {
    for (const end of [...this.ends.values()]) {
      if (isLost !== undefined && !isLost(end)) continue;
      this.remove(end);
      end.onGone(error); // T4
    }
  }

  /** Leaves the pair; what was written is shown to the other side. */
  close(error: Error): void {
    if (this.isClosed) return;
    this.lose(error);
    this.isClosed = true;
    this.state.end(this.side);
    this.#farBell.ring();
  }

  protected abstract get hasStateChanged(): boolean;
  protected abstract onStateChange(): void;
  protected abstract onControl(type: number, bytes: Buffer, start: number, end: number): void;

  readonly #onRecord = (type: number, bytes: Buffer, start: number, end: number): void => {
    // hot path
    if (this.isClosed) return;
    if (type !== RECORD_DATA) {
      this.#onOther(type, bytes, start, end);
      return;
    }
    if (end - start < ID_BYTES) {
      this.misuse('a record without a connection');
      return;
    }
    const id = readInt32BE(bytes, start);
    let target = this.#last;
    if (target === undefined || target.id !== id) {
      target = this.ends.get(id);
      if (target === undefined) return; // T5: closed here, or opened for another epoch
      this.#last = target;
    }
    if (!target.isTouched) {
      target.isTouched = true;
      this.#touched.push(target);
    }
    target.onRecord(bytes, start + ID_BYTES, end);
  };

  #onOther(type: number, bytes: Buffer, start: number, end: number): void {
    if (type !== RECORD_CLOSE && type !== RECORD_CREDIT) {
      this.onControl(type, bytes, start, end);
      return;
    }
    const length = type === RECORD_CREDIT ? CREDIT_BYTES : ID_BYTES;
    const target = end - start < length ? undefined : this.ends.get(readInt32BE(bytes, start));
    if (target === undefined) return;
    if (type === RECORD_CREDIT) {
      target.onCredit?.(readInt32BE(bytes, start + ID_BYTES)); // T8
      return;
    }
    this.remove(target);
    target.onGone(); // T4
  }
}
