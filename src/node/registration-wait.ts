import { type ActorRef, defineActor } from '../actors/index.ts';
import type { BrokerMessage } from '../broker/index.ts';

/** Time a starting node waits for its name servers; a broker that nobody knows yet serves all the same. */
const WAIT_MS = 7_000;

/** Whom to ask, and whom to tell. */
export interface RegistrationWaitConfig {
  readonly broker: ActorRef<BrokerMessage>;
  readonly done: () => void;
}

/** Asks a broker to say when its first registration is over, so that who starts a node finds its broker in the route. */
export const registrationWaitActor = defineActor<RegistrationWaitConfig, true | undefined>({
  name: 'registration-wait',
  start({ broker, done }, context) {
    context.ask<true>(
      (replyTo) => broker.tell({ kind: 'whenRegistered', replyTo }),
      WAIT_MS,
      (reply) => reply,
    );
    return {
      receive() {
        done();
        context.stop(context.self);
      },
    };
  },
});
