// Tasks that the pool's tests run on helper threads.
import { threadId } from 'node:worker_threads';

export const double = (value: number): number => value * 2;

export const where = (): number => threadId;

export const later = async (value: number): Promise<number> => {
  await new Promise((resolve) => setImmediate(resolve));
  return value + 1;
};

export const fail = (): never => {
  throw Object.assign(new Error('task failed'), { code: 'TASK' });
};

export const never = (): Promise<never> =>
  new Promise(() => {
    setInterval(() => undefined, 1_000);
  });

/** Says in the first word that it began, in the second that it came to its end. */
export const slow = async (words: Int32Array): Promise<void> => {
  Atomics.store(words, 0, 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  Atomics.store(words, 1, 1);
};
