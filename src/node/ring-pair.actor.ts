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
}

/** The client's thread is gone, or needs the pair no longer. */
export interface RingPairMessage {
  readonly kind: 'detach';
}

/**
 * Serves one pair of rings until it is told to detach: one actor for each thread that speaks to this server through rings.
 * Where its whole shard stops, the pair stays: the server, which stops later, has answers to give and connections to close.
 */
export const createRingPairActor = (host: PairHost) =>
  defineActor<RingPairConfig, RingPairMessage>({
    name: RING_PAIR_ACTOR,
    start({ pair }, context) {
      host.add(pair);
      return {
        receive() {
          host.remove(pair);
          context.stop(context.self);
        },
      };
    },
  });
