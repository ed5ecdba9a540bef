import { Worker } from 'node:worker_threads';
import { pace } from './pace.ts';

/** How busy two threads are, in ms a ms. */
export interface Shares {
  readonly application: number;
  readonly others: number;
}

/** Turns a second; each does a millisecond's work. */
const RATE = 1000;

/** Keeps the thread busy. */
export const compute = (ms: number): void => {
  for (const endMs = performance.now() + ms; performance.now() < endMs; );
};

/**
 * Paced as sends are: in each turn this thread computes, hands work to a worker, and computes again when that answers, half
 * of its share each time.
 */
export const computeInstead = async (
  shares: Shares,
  seconds: number,
  onStart: () => void,
  onEnd: () => void,
): Promise<void> => {
  const worker = new Worker(new URL('./computing.worker.js', import.meta.url));
  await new Promise((resolve) => worker.once('online', resolve));
  const halfMs = shares.application / 2;
  worker.on('message', () => compute(halfMs));
  onStart();
  await pace(RATE, seconds * 1000, 1, () => {
    compute(halfMs);
    worker.postMessage(shares.others);
  });
  onEnd();
  await worker.terminate();
};
