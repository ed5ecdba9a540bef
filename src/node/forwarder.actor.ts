import { type ActorDefinition, defineActor } from '../actors/index.ts';
import type { Network, Scheduler } from '../base/index.ts';
import { Forwarder, type ListenAt, type RingHub, type RingPair } from '../transport/index.ts';

/** Name of the actor that accepts connections for a broker of another thread. */
export const FORWARDER_ACTOR = 'forwarder';

/** What is no actor around a forwarder. */
export interface ForwarderEnvironment {
  readonly network: Network;
  readonly scheduler: Scheduler;
  /** This thread's rings; closed by the actor. */
  readonly hub: RingHub;
}

/** What the actor is started with: shared memory and plain data. */
export interface ForwarderConfig {
  /** Leads to the broker. */
  readonly pair: RingPair;
  /** Listening addresses: those of the broker. */
  readonly listen: readonly ListenAt[];
}

/** A port could not be listened on. */
export interface ForwarderMessage {
  readonly kind: 'listenFailed';
  readonly error: Error;
}

/** Accepts a broker's connections as long as it lives. */
export const createForwarderActor = (
  environment: ForwarderEnvironment,
): ActorDefinition<ForwarderConfig, ForwarderMessage> =>
  defineActor<ForwarderConfig, ForwarderMessage>({
    name: FORWARDER_ACTOR,
    start({ pair, listen }, context) {
      const { clock, logger } = context;
      const forwarder = new Forwarder({ ...environment, clock, logger, pair });
      for (const at of listen) {
        forwarder.listen(at, (error) => {
          if (error !== undefined) context.self.tell({ kind: 'listenFailed', error });
        });
      }
      return {
        receive({ error }) {
          throw error;
        },
        drain: (done) => forwarder.close(done),
        stop: () => environment.hub.close(),
        inspect: () => ({ connections: forwarder.connections }),
      };
    },
  });
