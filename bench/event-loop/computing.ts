import { Worker } from 'node:worker_threads';

/** How busy two threads are, in ms a ms. */
export interface Shares {
  readonly application: number;
  readonly others: number;
}

const TICK_MS = 1;
/** After a stall the work of more ms is left out. */
const WORK_MS_MAX = 40;

/** Keeps the thread busy. */
export const compute = (ms: number): void => {
  for (const endMs = performance.now() + ms; performance.now() < endMs; );
};

/**
 * A timer, as for sends: at each tick this thread computes, hands work to a worker, and computes again when that answers,
 * half of its share each time.
 */
export const computeInstead = async (
  shares: Shares,
  seconds: number,
  onStart: () => void,
  onEnd: () => void,
): Promise<void> => {
  const worker = new Worker(new URL('./computing.worker.js', import.meta.url));
  await new Promise((resolve) => worker.once('online', resolve));
  onStart();
  const startMs = performance.now();
  let lastMs = startMs;
  const half = shares.application / 2;
  worker.on('message', () => compute(half * TICK_MS));
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const nowMs = performance.now();
      const ms = Math.min(nowMs - lastMs, WORK_MS_MAX);
      lastMs = nowMs;
      compute(half * ms);
      worker.postMessage(shares.others * ms);
      if (nowMs - startMs < seconds * 1000) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
  onEnd();
  await worker.terminate();
};
