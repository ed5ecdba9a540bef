import { defineActor } from '../actors/index.ts';
import type { Scheduler } from '../base/index.ts';

/** Name and id of the actor that breaks its thread. */
export const FAULT_ACTOR = 'fault';

/** How the thread is to end: by an error nobody catches, or by `process.exit`. */
export interface FaultMessage {
  readonly kind: 'throw' | 'exit';
}

/** Exit code of a thread that was told to exit. */
export const FAULT_EXIT_CODE = 7;

/** Ends its thread as a bug would, outside of every actor's turn; started only where tests asked for faults. */
export const createFaultActor = (scheduler: Scheduler) =>
  defineActor<undefined, FaultMessage>({
    name: FAULT_ACTOR,
    start: () => ({
      receive: ({ kind }) =>
        scheduler.defer(() => {
          if (kind === 'exit') process.exit(FAULT_EXIT_CODE);
          throw new Error('a fault was asked for');
        }),
    }),
  });
