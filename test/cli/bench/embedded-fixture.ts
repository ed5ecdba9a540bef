import type { Embedded } from '../../../src/cli/bench/bench-options.ts';
import type { SendPlan } from '../../../src/cli/bench/embedded-sends.ts';
import type { ClientNode } from '../../../src/client/index.ts';

/** Never asked to stop. */
export const goesOn: AbortSignal = new AbortController().signal;

/** Sends of ten bytes, 200 of them, 20 at a time. */
export const sendPlan = (node: ClientNode, more: Partial<SendPlan> = {}): SendPlan => ({
  where: { node },
  topic: 'T',
  bodyBytes: 10,
  lanes: 20,
  batch: 1,
  seconds: 0,
  warmSeconds: 0,
  quantity: 200,
  stop: goesOn,
  onTick: () => undefined,
  ...more,
});

/** A small run. */
export const smallRun: Embedded = {
  seconds: 0,
  warmSeconds: 0,
  quantity: 100,
  bodyBytes: 20,
  inFlight: 10,
  batchSize: 5,
  batches: 2,
  flush: 'ASYNC_FLUSH',
  spinUs: undefined,
  store: undefined,
};
