import { workerData } from 'node:worker_threads';
import { RingWriter } from '../../src/ring/index.ts';

/** A writer that is terminated by the test. */
export interface DyingTask {
  /** Stop for ever between claim and commit, or write on until the end comes. */
  readonly kind: 'claimed' | 'staged' | 'writing';
  readonly ring: SharedArrayBuffer;
  /** Type of the first record; each next one is one higher. */
  readonly firstType: number;
  /** Word 0: number of records begun. */
  readonly progress: SharedArrayBuffer;
}

/** Payload bytes of each record, all of them the low byte of the record's type. */
export const DYING_BYTES = 24;

const run = (task: DyingTask): void => {
  const writer = new RingWriter(task.ring);
  const progress = new Int32Array(task.progress);
  const sleepForEver = (): void => {
    Atomics.store(progress, 0, 1);
    Atomics.notify(progress, 0);
    Atomics.wait(progress, 1, 0);
  };
  let type = task.firstType;
  for (;;) {
    const index = writer.claim(DYING_BYTES, type);
    if (index < 0) continue;
    writer.bytes.fill(type & 0xff, index, index + DYING_BYTES / 2);
    if (task.kind === 'claimed') sleepForEver();
    writer.bytes.fill(type & 0xff, index, index + DYING_BYTES);
    if (task.kind === 'staged') {
      writer.stage();
      sleepForEver();
    }
    writer.commit();
    type += 1;
    Atomics.add(progress, 0, 1);
    Atomics.notify(progress, 0);
  }
};

if (workerData !== null && workerData !== undefined) run(workerData as DyingTask);
