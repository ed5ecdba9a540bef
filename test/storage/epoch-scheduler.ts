import type { Scheduler } from '../../src/base/index.ts';

/** The scheduler as one process sees it: what a dead one left behind never runs. */
export function epochScheduler(scheduler: Scheduler, isAlive: () => boolean): Scheduler {
  const guard = (callback: () => void) => (): void => {
    if (isAlive()) callback();
  };
  return {
    setTimer: (delayMs, callback, keepAlive) =>
      scheduler.setTimer(delayMs, guard(callback), keepAlive),
    defer: (callback) => scheduler.defer(guard(callback)),
  };
}
