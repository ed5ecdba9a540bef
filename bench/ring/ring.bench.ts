// Measures: a record of 16 payload bytes from one thread to another, and waking a thread that sleeps.
// Threads: 2, both busy for throughput (as a shard under load), both asleep in turns for the round trip.
// Unit: nanoseconds a record (median of rounds); microseconds a round trip (percentiles).
// Peers in the same run: ringbuf.js (four int32 a push) and postMessage.
import { once } from 'node:events';
import { createHistogram } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { RingBuffer } from 'ringbuf.js';
import { assert, readInt32BE, systemClock } from '../../src/base/index.ts';
import { createRing, Doorbell, RingReader, RingWriter } from '../../src/ring/index.ts';
import { percentiles, repeat, report, size } from '../support/measure.ts';
import type { RingBenchTask } from './ring-bench.worker.ts';

const RING_BYTES = 64 * 1024;
const ROUNDS = size(1, 7);
const records = size(100_000, 10_000_000);
const messages = size(10_000, 300_000);
const trips = size(500, 20_000);

const withWorker = async (
  kind: RingBenchTask['kind'],
  count: number,
  body: (task: RingBenchTask, worker: Worker) => number | Promise<number>,
): Promise<number> => {
  const task: RingBenchTask = {
    kind,
    count,
    there:
      kind === 'ringbuf'
        ? RingBuffer.getStorageForCapacity(RING_BYTES / 4, Int32Array)
        : createRing(RING_BYTES),
    back: createRing(RING_BYTES),
    bellThere: Doorbell.memory(),
    bellBack: Doorbell.memory(),
    go: new SharedArrayBuffer(4),
  };
  const worker = new Worker(new URL('./ring-bench.worker.js', import.meta.url), {
    workerData: task,
  });
  await once(worker, 'message');
  const startNs = process.hrtime.bigint();
  const go = new Int32Array(task.go);
  Atomics.store(go, 0, 1);
  Atomics.notify(go, 0);
  const received = await body(task, worker);
  const elapsedNs = Number(process.hrtime.bigint() - startNs);
  assert(received === count, `${kind}: ${received} of ${count} records arrived`);
  await worker.terminate();
  return elapsedNs / count;
};

const readRing = (task: RingBenchTask): number => {
  const reader = new RingReader(task.there);
  let expected = 0;
  const take = (_type: number, bytes: Buffer, start: number): void => {
    if (readInt32BE(bytes, start) === expected) expected += 1;
  };
  let taken = 0;
  while (taken < task.count) taken += reader.poll(take, 256);
  return expected;
};

const readRingbuf = (task: RingBenchTask): number => {
  const ring = new RingBuffer(task.there, Int32Array);
  const record = new Int32Array(4);
  let expected = 0;
  for (let taken = 0; taken < task.count; taken++) {
    while (ring.availableRead() < record.length);
    ring.pop(record);
    if (record[0] === expected) expected += 1;
  }
  return expected;
};

const readMessages = (task: RingBenchTask, worker: Worker): Promise<number> =>
  new Promise((resolve) => {
    let expected = 0;
    worker.on('message', (message: { sequence: number }) => {
      if (message.sequence === expected) expected += 1;
      if (expected === task.count) resolve(expected);
    });
  });

/** One request and one answer at a time; both sides are asleep when it reaches them. */
const tripTimes = (kind: 'echo-wait' | 'echo-park' | 'echo-message') => {
  const histogram = createHistogram();
  let startNs = process.hrtime.bigint();
  const lap = (): void => {
    const endNs = process.hrtime.bigint();
    histogram.record(endNs - startNs);
    startNs = endNs;
  };
  const run = withWorker(kind, trips, (task, worker) => {
    const writer = new RingWriter(task.back);
    const reader = new RingReader(task.there);
    const far = new Doorbell(task.bellBack);
    const near = new Doorbell(task.bellThere, {
      hasWork: () => !reader.isEmpty,
      clock: systemClock,
      spinUs: 0,
    });
    let answered = 0;
    const take = (): void => {
      answered += 1;
      lap();
    };
    const ask = (): void => {
      if (writer.claim(16, 1) >= 0) writer.commit();
      far.ring();
    };
    startNs = process.hrtime.bigint();
    if (kind === 'echo-wait') {
      while (answered < trips) {
        ask();
        while (reader.poll(take, 1) === 0) near.waitSync(10_000);
      }
      return answered;
    }
    return new Promise<number>((resolve) => {
      const finish = (): void => {
        near.close();
        resolve(answered);
      };
      const turn = (): void => {
        do {
          while (reader.poll(take, 1) === 1) {
            if (answered < trips) ask();
          }
          if (answered === trips) {
            finish();
            return;
          }
        } while (!near.park(turn));
      };
      if (kind === 'echo-park') {
        ask();
        turn();
        return;
      }
      worker.on('message', () => {
        take();
        if (answered < trips) worker.postMessage(1);
        else finish();
      });
      worker.postMessage(1);
    });
  });
  return run.then(() => percentiles(histogram));
};

const throughput = { bytes: 16, ringBytes: RING_BYTES };
for (const kind of ['commit', 'stage'] as const) {
  const result = await repeat(ROUNDS, () => withWorker(kind, records, readRing));
  report(`ring/throughput-${kind}`, 'ns', { ...result, ...throughput });
}
const ringbuf = await repeat(ROUNDS, () => withWorker('ringbuf', records, readRingbuf));
report('ring/throughput-ringbuf.js', 'ns', { ...ringbuf, ...throughput });
const posted = await repeat(ROUNDS, () => withWorker('message', messages, readMessages));
report('ring/throughput-postMessage', 'ns', posted);
for (const kind of ['echo-wait', 'echo-park', 'echo-message'] as const) {
  report(`ring/round-trip-${kind}`, 'us', await tripTimes(kind));
}
