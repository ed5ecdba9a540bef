import type { Clock, Logger, Scheduler } from '../base/index.ts';
import type { ActorCell, Ending } from './cell.ts';
import type { EndReason } from './restart-policy.ts';

/** What the end of an incarnation needs of its shard. */
export interface EndingHost {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Runs `job` soon, with no actor on the stack. */
  enqueueJob(job: () => void): void;
}

/** The steps around the actor's own: `endChildren` runs between `drain` and `stop`. */
export interface EndingSteps {
  endChildren(next: () => void): void;
  done(): void;
}

/**
 * Ends one incarnation: `drain` (bounded by `shutdownMs`, not after a failure), children, `stop`. Asked again while it
 * is under way it only adds a callback; where nothing is alive it calls back at once.
 */
export function endIncarnation(
  cell: ActorCell<never>,
  reason: EndReason,
  host: EndingHost,
  steps: EndingSteps,
): void {
  if (cell.ending !== undefined) {
    cell.ending.callbacks.push(steps.done);
    return;
  }
  if (!cell.isAlive) {
    cell.close();
    steps.done();
    return;
  }
  const why = cell.failure === undefined ? reason : 'failure';
  const ending: Ending = { callbacks: [steps.done] };
  cell.ending = ending;
  drain(cell, ending, why, host, () => {
    cell.close();
    cell.incarnation?.close();
    steps.endChildren(() => conclude(cell, ending, why, host));
  });
}

/** Lets the actor finish its work in hand, with messages and timers still arriving. */
function drain(
  cell: ActorCell<never>,
  ending: Ending,
  why: EndReason,
  host: EndingHost,
  next: () => void,
): void {
  if (why === 'failure' || cell.behavior.drain === undefined) {
    next();
    return;
  }
  const giveUp = (): void => {
    if (ending.giveUpDrain === undefined) return;
    delete ending.giveUpDrain;
    ending.timer?.cancel();
    next();
  };
  ending.giveUpDrain = giveUp;
  // The actor may say so from its own `receive`, where it cannot be stopped.
  const finished = (): void => host.enqueueJob(giveUp);
  ending.timer = host.scheduler.setTimer(cell.spec.shutdownMs, () => {
    const facts = { id: cell.id, shutdownMs: cell.spec.shutdownMs };
    host.logger.warn(facts, 'actor did not finish its work in time and is stopped');
    giveUp();
  });
  cell.open();
  try {
    cell.behavior.drain(finished);
  } catch (error) {
    host.logger.error({ id: cell.id, err: error }, 'actor failed to finish its work');
    finished();
  }
}

function conclude(cell: ActorCell<never>, ending: Ending, why: EndReason, host: EndingHost): void {
  const startMs = host.clock.monotonicMs();
  try {
    cell.behavior.stop?.(why);
  } catch (error) {
    host.logger.error({ id: cell.id, err: error }, 'actor failed in its stop');
  }
  const tookMs = host.clock.monotonicMs() - startMs;
  if (cell.spec.shutdownMs > 0 && tookMs > cell.spec.shutdownMs) {
    host.logger.warn({ id: cell.id, tookMs }, 'actor took longer to stop than its shutdownMs');
  }
  cell.isAlive = false;
  cell.ending = undefined;
  for (const callback of ending.callbacks) callback();
}
