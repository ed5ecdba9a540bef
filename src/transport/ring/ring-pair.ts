import { assert } from '../../base/index.ts';
import { createRing, Doorbell } from '../../ring/index.ts';
import { openDoorbell } from './hub-bell.ts';

// Shared memory between one server thread and one client thread. It outlives both: a thread that takes the place of a
// dead one goes on with the same memory. Words of `state`, int32:
//
//   word  field             written by           meaning
//      0  server epoch      server, supervisor   odd: serving; even: nobody serves; only grows
//      1  client epoch      client, supervisor   odd: connected; even: nobody is there; only grows
//      2  server is closed  supervisor           1: no server will follow, nobody need wait for one
//      3  last connection   client               connections of a pair never share an id
//     32  server needs room server, client       1: the server waits for room in `toClient`
//     64  client needs room client, server       1: the client waits for room in `toServer`

const SERVER_EPOCH_WORD = 0;
const CLIENT_EPOCH_WORD = 1;
const SERVER_CLOSED_WORD = 2;
const CONNECTION_WORD = 3;
const SERVER_ROOM_WORD = 32;
const CLIENT_ROOM_WORD = 64;
const STATE_BYTES = 96 * Int32Array.BYTES_PER_ELEMENT;

/** Bytes of a ring where nobody says otherwise: small enough to stay in a core's own cache. */
export const RING_PAIR_BYTES = 1024 * 1024;
/** Smallest ring of a pair: a record, and room for the next one. */
export const RING_PAIR_BYTES_MIN = 1024;

/**
 * Two rings, the doorbells of the two threads that read them, and words of state. Plain shared memory: it is handed to
 * the threads with `workerData` or `postMessage`.
 */
export interface RingPair {
  /** Records from the client's thread to the server's. */
  readonly toServer: SharedArrayBuffer;
  readonly toClient: SharedArrayBuffer;
  /** Doorbell of the server's thread, the same in all pairs that thread reads. */
  readonly serverDoorbell: SharedArrayBuffer;
  /** Doorbell of the client's thread, the same in all pairs that thread reads. */
  readonly clientDoorbell: SharedArrayBuffer;
  readonly state: SharedArrayBuffer;
}

/** What a pair is made with. */
export interface RingPairOptions {
  /** Bytes of each ring, a power of two (default 1 MiB). */
  readonly bytes?: number;
  /** Doorbell of the server's thread; `Doorbell.memory()` makes one, and a new one is the default. */
  readonly serverDoorbell?: SharedArrayBuffer;
  readonly clientDoorbell?: SharedArrayBuffer;
}

/**
 * Makes the memory of a pair.
 * @throws {RingError} CAPACITY_INVALID
 * @thread any
 */
export function createRingPair(options: RingPairOptions = {}): RingPair {
  const bytes = options.bytes ?? RING_PAIR_BYTES;
  assert(
    bytes >= RING_PAIR_BYTES_MIN,
    `a ring of a pair has at least ${RING_PAIR_BYTES_MIN} bytes`,
  );
  return {
    toServer: createRing(bytes),
    toClient: createRing(bytes),
    serverDoorbell: options.serverDoorbell ?? Doorbell.memory(),
    clientDoorbell: options.clientDoorbell ?? Doorbell.memory(),
    state: new SharedArrayBuffer(STATE_BYTES),
  };
}

/** Whose half of a pair. */
export type PairSide = 'server' | 'client';

/** The words of a pair, as one thread sees them. */
export class PairState {
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    assert(memory.byteLength === STATE_BYTES, 'the memory is the state of a pair');
    this.#words = new Int32Array(memory);
  }

  /** Odd while that side is there. */
  epoch(side: PairSide): number {
    // hot path
    return Atomics.load(this.#words, side === 'server' ? SERVER_EPOCH_WORD : CLIENT_EPOCH_WORD);
  }

  /** Takes up that side, after whoever had it before; returns the new epoch. */
  begin(side: PairSide): number {
    if (side === 'server') Atomics.store(this.#words, SERVER_CLOSED_WORD, 0);
    return this.#advance(side, 1);
  }

  /** That side is gone. Does nothing when it is marked so already, unless that is new: nobody will follow. */
  end(side: PairSide, isFinal = false): void {
    if (side === 'server' && isFinal) Atomics.store(this.#words, SERVER_CLOSED_WORD, 1);
    if (isFinal || this.epoch(side) % 2 !== 0) this.#advance(side, 0);
  }

  /** No server will follow. */
  get isServerClosed(): boolean {
    return Atomics.load(this.#words, SERVER_CLOSED_WORD) === 1;
  }

  /** An id no connection of this pair had before (they wrap after 2^32). */
  nextConnectionId(): number {
    return (Atomics.add(this.#words, CONNECTION_WORD, 1) + 1) | 0;
  }

  /** Says that `side` waits for room in the ring it writes. */
  askForRoom(side: PairSide): void {
    Atomics.store(this.#words, roomWord(side), 1);
  }

  /** True while `side` waits for room. */
  needsRoom(side: PairSide): boolean {
    // hot path
    return Atomics.load(this.#words, roomWord(side)) === 1;
  }

  /** There is room for `side` again. */
  giveRoom(side: PairSide): void {
    Atomics.store(this.#words, roomWord(side), 0);
  }

  #advance(side: PairSide, parity: 0 | 1): number {
    const word = side === 'server' ? SERVER_EPOCH_WORD : CLIENT_EPOCH_WORD;
    const step = (Atomics.load(this.#words, word) & 1) === parity ? 2 : 1;
    return (Atomics.add(this.#words, word, step) + step) | 0;
  }
}

/**
 * Tells the client that the server's thread is dead: what waits for an answer fails at once. New calls wait for the
 * thread that takes its place, unless `isFinal`.
 * @thread supervisor, after the thread's exit
 */
export function markServerGone(pair: RingPair, isFinal = false, openBell = openDoorbell): void {
  new PairState(pair.state).end('server', isFinal);
  openBell(pair.clientDoorbell).ring();
}

/**
 * Tells the server that the client's thread is dead: all its connections are closed.
 * @thread supervisor, after the thread's exit
 */
export function markClientGone(pair: RingPair, openBell = openDoorbell): void {
  new PairState(pair.state).end('client');
  openBell(pair.serverDoorbell).ring();
}

function roomWord(side: PairSide): number {
  return side === 'server' ? SERVER_ROOM_WORD : CLIENT_ROOM_WORD;
}
