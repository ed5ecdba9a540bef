const TICK_MS = 1;

/**
 * Calls `work` `rate` times a second until `ms` are over: at each millisecond as often as is due by then, and no more than
 * `turnMax` times before the event loop has gone around, as requests come to a server. So what was held up is caught up
 * with, and catching up holds up nobody else.
 */
export const pace = (rate: number, ms: number, turnMax: number, work: () => void): Promise<void> =>
  new Promise((resolve) => {
    const startMs = performance.now();
    let done = 0;
    let isCatchingUp = false;
    const turn = (): void => {
      const elapsedMs = Math.min(ms, performance.now() - startMs);
      const due = Math.floor((elapsedMs / 1000) * rate);
      for (const end = Math.min(due, done + turnMax); done < end; done++) work();
      isCatchingUp = done < due;
      if (isCatchingUp) setImmediate(turn);
      else if (elapsedMs >= ms) {
        clearInterval(timer);
        resolve();
      }
    };
    const timer = setInterval(() => {
      if (!isCatchingUp) turn();
    }, TICK_MS);
  });
