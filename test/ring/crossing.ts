import { Worker } from 'node:worker_threads';
import { createRing, Doorbell } from '../../src/ring/index.ts';

/** A mistake built in on purpose, so that a test can show that it would be found. */
export type Fault =
  | 'none'
  /** The writer moves tail before the payload is there (against R2). */
  | 'early-tail'
  /** The reader moves head before it has read (against R3). */
  | 'early-head';

/** Records of known content from writer threads to one reader thread. */
export interface CrossingOptions {
  readonly producers: number;
  /** Records of each producer. */
  readonly records: number;
  readonly ringBytes: number;
  readonly startPosition: number;
  readonly payloadBytesMax: number;
  /** Records staged before they are published; 1 commits each. */
  readonly batch: number;
  readonly fault: Fault;
  /** A thread that waits longer than this reports a lost wake-up. */
  readonly patienceMs: number;
}

/** What one thread of a crossing is given. */
export interface CrossingTask extends CrossingOptions {
  /** Which producer this thread is; -1 is the reader. */
  readonly producerIndex: number;
  readonly rings: readonly SharedArrayBuffer[];
  /** Wakes the reader. */
  readonly bell: SharedArrayBuffer;
  /** Wakes a writer that found its ring full. */
  readonly roomBells: readonly SharedArrayBuffer[];
}

/** How a crossing ended. */
export interface CrossingResult {
  readonly received: number;
  /** How often the reader went to sleep. */
  readonly parks: number;
  /** The first thing that was wrong. */
  readonly fault: string | undefined;
}

/** Runs the threads of a crossing; the reader's verdict ends them all. */
export const cross = async (options: CrossingOptions): Promise<CrossingResult> => {
  const each = <T>(make: () => T): T[] => Array.from({ length: options.producers }, make);
  const shared = {
    ...options,
    rings: each(() => createRing(options.ringBytes, options.startPosition)),
    bell: Doorbell.memory(),
    roomBells: each(() => Doorbell.memory()),
  };
  const start = (producerIndex: number): Worker =>
    new Worker(new URL('./crossing.worker.js', import.meta.url), {
      workerData: { ...shared, producerIndex } satisfies CrossingTask,
    });
  const workers = [-1, ...shared.rings.keys()].map(start);
  try {
    return await new Promise<CrossingResult>((resolve, reject) => {
      for (const worker of workers) {
        worker.on('error', reject);
        worker.on('message', resolve);
      }
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
};
