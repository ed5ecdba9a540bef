// The long version of ring-threads.test.ts: enough bytes to wrap the counters by themselves, enough sleeps to meet
// every order of the doorbell. Takes some minutes on two cores.
import { is, ok } from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { type CrossingOptions, cross } from './crossing.ts';
import { ping, type Sleep } from './ping.ts';

const test = suite('ring stress');
const HOUR_MS = 60 * 60_000;

const LONG: CrossingOptions = {
  producers: 1,
  records: 50_000_000,
  ringBytes: 64 * 1024,
  startPosition: 0,
  payloadBytesMax: 200,
  batch: 1,
  fault: 'none',
  patienceMs: 60_000,
};

const expectAll = async (options: CrossingOptions): Promise<void> => {
  const result = await cross(options);
  is(result.fault, undefined);
  is(result.received, options.records * options.producers);
};

test(
  'R1–R6: 50 million committed records, more than 2^32 bytes, cross undamaged',
  async () => {
    // Mean record: half the payload, two words, half the rounding.
    ok(LONG.records * (LONG.payloadBytesMax / 2 + 8 + 3.5) > 2 ** 32);
    await expectAll(LONG);
  },
  HOUR_MS,
);

test(
  'R1–R6: 50 million staged records cross undamaged',
  () => expectAll({ ...LONG, batch: 16, startPosition: 2 ** 31 }),
  HOUR_MS,
);

test(
  'R1–R6: a ring that is always full or empty',
  () => expectAll({ ...LONG, records: 10_000_000, ringBytes: 256, payloadBytesMax: 100 }),
  HOUR_MS,
);

test(
  'R4, R7: four producers with one doorbell',
  () => expectAll({ ...LONG, producers: 4, records: 2_500_000, ringBytes: 4096, batch: 4 }),
  HOUR_MS,
);

const sleeps: readonly (readonly [Sleep, Sleep])[] = [
  ['wait', 'wait'],
  ['park', 'park'],
  ['park', 'wait'],
];
for (const [here, there] of sleeps) {
  test(
    `R6: a million wake-ups between a thread that ${here}s and one that ${there}s`,
    async () => {
      is(await ping(here, there, 1_000_000), 1_000_000);
    },
    HOUR_MS,
  );
}
