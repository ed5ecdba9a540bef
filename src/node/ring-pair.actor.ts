import { defineActor } from '../actors/index.ts';
import type { RingPair } from '../transport/index.ts';

/** Name of the actor that serves one pair of rings. */
export const RING_PAIR_ACTOR = 'ring-pair';

/** Where pairs are served. */
export interface PairHost {
  add(pair: RingPair): void;
  remove(pair: RingPair): void;
}

/** What the actor is started with: shared memory. */
export interface RingPairConfig {
  readonly pair: RingPair;
  /** Where the client's end may come: see `markDetached`. */
  readonly detached?: SharedArrayBuffer;
}

/** The client's thread is gone, or needs the pair no longer; `look` whether that came before it could be heard. */
export interface RingPairMessage {
  readonly kind: 'detach' | 'look';
}

/** Memory of one word for `detached`: 1 once the client needs its pairs no longer. */
export const detachedWord = (): SharedArrayBuffer =>
  new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);

/**
 * Says that a client is done with its pairs. A thread that runs is to be told with a message as well; one that is just
 * starting does not hear it, and looks at the word when it would hear one.
 * @thread any
 */
export const markDetached = (word: SharedArrayBuffer): void => {
  Atomics.store(new Int32Array(word), 0, 1);
};

const isDetached = (word: SharedArrayBuffer | undefined): boolean =>
  word !== undefined && Atomics.load(new Int32Array(word), 0) === 1;

/**
 * Serves one pair of rings until it is told to detach: one actor for each thread that speaks to this server through rings.
 * Where its whole shard stops, the pair stays: the server, which stops later, has answers to give and connections to close.
 */
export const createRingPairActor = (host: PairHost) =>
  defineActor<RingPairConfig, RingPairMessage>({
    name: RING_PAIR_ACTOR,
    start({ pair, detached }, context) {
      host.add(pair);
      context.self.tell({ kind: 'look' });
      return {
        receive({ kind }) {
          if (kind === 'look' && !isDetached(detached)) return;
          host.remove(pair);
          context.stop(context.self);
        },
      };
    },
  });
