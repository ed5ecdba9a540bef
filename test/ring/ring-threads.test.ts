// The ring between real threads, at a size for every day; ring.stress.ts has the long version.
import { Worker } from 'node:worker_threads';
import { equal, is, match, ok } from 'uvu/assert';
import { errorMessage } from '../../src/base/index.ts';
import { createRing, RingReader, RingWriter } from '../../src/ring/index.ts';
import { suite } from '../support/suite.ts';
import { type CrossingOptions, cross, type Fault } from './crossing.ts';
import { DYING_BYTES, type DyingTask } from './dying.worker.ts';
import { ping, type Sleep } from './ping.ts';

const test = suite('ring between threads');

const SHORT: CrossingOptions = {
  producers: 1,
  records: 500_000,
  ringBytes: 4096,
  startPosition: 2 ** 32 - 2 ** 20,
  payloadBytesMax: 100,
  batch: 1,
  fault: 'none',
  patienceMs: 15_000,
};

const expectAll = async (options: CrossingOptions): Promise<void> => {
  const result = await cross(options);
  is(result.fault, undefined);
  is(result.received, options.records * options.producers);
};

test(
  'R1–R6: committed records cross the wrap at 2^32 in order and undamaged',
  () => expectAll(SHORT),
  120_000,
);

test(
  'R1–R6: staged records cross the wrap at 2^31 in order and undamaged',
  () => expectAll({ ...SHORT, startPosition: 2 ** 31 - 2 ** 20, batch: 16 }),
  120_000,
);

test(
  'R5: records as large as the ring cross in order and undamaged',
  () => expectAll({ ...SHORT, records: 20_000, ringBytes: 256, payloadBytesMax: 248 }),
  120_000,
);

test(
  'R4, R7: three producers with one doorbell are read in order and undamaged',
  () => expectAll({ ...SHORT, producers: 3, records: 100_000, batch: 4 }),
  120_000,
);

const broken: readonly Fault[] = ['early-tail', 'early-head'];
for (const fault of broken) {
  test(`a ring broken on purpose (${fault}) is found out`, async () => {
    const result = await cross({ ...SHORT, ringBytes: 512, fault });
    match(result.fault ?? 'nothing was found', /damaged|claims/);
  }, 120_000);
}

const sleeps: readonly (readonly [Sleep, Sleep])[] = [
  ['wait', 'wait'],
  ['park', 'park'],
  ['park', 'wait'],
];
for (const [here, there] of sleeps) {
  test(`R6: no wake-up is lost between a thread that ${here}s and one that ${there}s`, async () => {
    is(await ping(here, there, 10_000), 10_000);
  }, 120_000);
}

test('a doorbell broken on purpose (the last look comes before parked) is found out', async () => {
  const outcome = await ping('wait-broken', 'wait', 10_000).catch(errorMessage);
  match(`${outcome}`, /^slept in cycle/);
}, 120_000);

/** Starts a writer, ends it after `records` were begun, and returns once it is gone. */
const killWriter = async (task: Omit<DyingTask, 'progress'>, records: number): Promise<void> => {
  const progress = new SharedArrayBuffer(8);
  const worker = new Worker(new URL('./dying.worker.js', import.meta.url), {
    workerData: { ...task, progress } satisfies DyingTask,
  });
  const words = new Int32Array(progress);
  for (let begun = 0; begun < records; begun = Atomics.load(words, 0)) {
    is(Atomics.wait(words, 0, begun, 20_000) === 'timed-out', false, 'the writer started');
  }
  await worker.terminate();
};

const readAll = (reader: RingReader): number[] => {
  const types: number[] = [];
  const take = (type: number, bytes: Buffer, start: number, end: number): void => {
    is(end - start, DYING_BYTES);
    for (let at = start; at < end; at++) is(bytes[at], type & 0xff, 'a whole payload');
    types.push(type);
  };
  while (!reader.isEmpty) reader.poll(take, 100);
  return types;
};

for (const kind of ['claimed', 'staged'] as const) {
  test(`R8: a writer ended with a record ${kind} leaves nothing half-visible`, async () => {
    const ring = createRing(256, 2 ** 32 - 64);
    const reader = new RingReader(ring);
    await killWriter({ kind, ring, firstType: 5 }, 1);
    is(reader.isEmpty, true);
    const successor = new RingWriter(ring);
    const index = successor.claim(DYING_BYTES, 9);
    successor.bytes.fill(9, index, index + DYING_BYTES);
    successor.commit();
    equal(readAll(reader), [9]);
  });
}

test('R8: writers ended at any moment lose nothing they published and damage nothing', async () => {
  const ring = createRing(1024, 2 ** 31 - 512);
  const reader = new RingReader(ring);
  let nextType = 1;
  for (let death = 0; death < 12; death++) {
    await killWriter({ kind: 'writing', ring, firstType: nextType }, 1 + death);
    const types = readAll(reader);
    ok(types.length > death);
    equal(
      types,
      types.map((_, index) => nextType + index),
    );
    nextType += types.length;
  }
}, 60_000);
