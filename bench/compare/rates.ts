/** A count at one moment. */
export interface Look {
  readonly ms: number;
  readonly stored: number;
}

/** How a count that `load` raises is watched. */
export interface Watch {
  readonly look: () => Promise<Look>;
  readonly windowMs: number;
  /** Before the first look: what is counted must be there. */
  readonly delayMs: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Runs `load` and takes the rate of each whole window of it, a second. Both have ended when this settles; where both
 * failed, the load's error is told.
 */
export const withRates = async <T>(
  { look, windowMs, delayMs }: Watch,
  load: () => Promise<T>,
): Promise<{ readonly result: T; readonly rates: readonly number[] }> => {
  const rates: number[] = [];
  let isOver = false;
  const watch = async (): Promise<void> => {
    await pause(delayMs);
    let last = await look();
    while (!isOver) {
      await pause(windowMs);
      if (isOver) return;
      const next = await look();
      if (!isOver) rates.push(((next.stored - last.stored) / (next.ms - last.ms)) * 1000);
      last = next;
    }
  };
  const loading = load().finally(() => {
    isOver = true;
  });
  const [loaded, watched] = await Promise.allSettled([loading, watch()]);
  if (loaded.status === 'rejected') throw loaded.reason;
  if (watched.status === 'rejected') throw watched.reason;
  return { result: loaded.value, rates };
};
