import * as assert from 'uvu/assert';
import { seededRandom } from '../../src/base/index.ts';
import { suite } from '../support/suite.ts';
import { BORN_HOST, StoreFixture } from './store-fixture.ts';

const test = suite('storage/queue-time');
const START = 1_700_000_000_000;

/** Stores one message at each of the given times after the start, each unit in its file at once. */
const withTimes = (times: readonly number[], options = {}): StoreFixture => {
  const fixture = new StoreFixture({ mappedFileSizeConsumeQueue: 6_000_000, ...options });
  for (const ms of times) {
    fixture.clock.advance(START + ms - fixture.clock.now());
    fixture.put({ body: `${ms}` });
  }
  return fixture;
};

const search = (fixture: StoreFixture, ms: number): number =>
  fixture.store.queueOffsetByTime(fixture.queue(), START + ms);

test('the record stored nearest to a time is found, the older of two equally near', () => {
  const fixture = withTimes([0, 10, 20, 100]);
  for (const [ms, expected] of [
    [-5, 0],
    [0, 0],
    [4, 0],
    [5, 0],
    [6, 1],
    [10, 1],
    [59, 2],
    [60, 2],
    [61, 3],
    [100, 3],
    [1000, 3],
  ] as const)
    assert.is(search(fixture, ms), expected, `at ${ms}`);
});

test('an empty queue answers 0', () => {
  const fixture = withTimes([]);
  assert.is(search(fixture, 0), 0);
});

test('one file at a time: the first one that was written to at or after the time', () => {
  // Ten units a file; each file's last write is that of its last unit.
  const times = Array.from({ length: 35 }, (_, index) => index * 1000);
  const fixture = new StoreFixture({ mappedFileSizeConsumeQueue: 200 });
  for (const ms of times) {
    fixture.clock.advance(START + ms - fixture.clock.now());
    fixture.put({ body: `${ms}` });
    fixture.store.queue('T', 0).writeOut();
  }
  for (const ms of [0, 4_600, 9_000, 9_400, 9_600, 25_300, 34_000, 99_000]) {
    const file = Math.min(3, Math.max(0, Math.ceil((ms - 9_000) / 10_000)));
    const [low, high] = [file * 10, Math.min(34, file * 10 + 9)];
    const nearest = Math.min(high, Math.max(low, Math.round(ms / 1000 - 1e-9)));
    assert.is(search(fixture, ms), nearest, `at ${ms}`);
  }
});

test('in one file the answer is that of a linear search', () => {
  const random = seededRandom(3);
  for (let round = 0; round < 20; round++) {
    const times: number[] = [];
    for (let ms = 0, count = random.below(40); count >= 0; count--) {
      ms += random.below(30);
      times.push(ms);
    }
    const fixture = withTimes(times);
    for (let probe = -10; probe < 700; probe += 17) {
      const found = search(fixture, probe);
      const distances = times.map((ms) => Math.abs(ms - probe));
      assert.is(Math.abs((times[found] ?? Number.NaN) - probe), Math.min(...distances));
    }
  }
});

test('records that expired are passed over', () => {
  const fixture = withTimes(
    Array.from({ length: 60 }, (_, index) => index * 10),
    {
      fileReservedTime: 0,
      deleteWhen: '00;01;02;03;04;05;06;07;08;09;10;11;12;13;14;15;16;17;18;19;20;21;22;23',
    },
  );
  fixture.flush();
  fixture.scheduler.advance(1_000);
  assert.ok(fixture.store.cleanExpired(fixture.clock.now() + 1) > 0);
  const first = fixture.queue().minOffset;
  assert.ok(first > 0);
  assert.is(search(fixture, 0), first);
  assert.is(search(fixture, 590), 59);
});

test('store times are read behind IPv6 hosts as well', () => {
  const fixture = withTimes([]);
  fixture.put({ body: 'a', bornHost: Buffer.alloc(16, 1) });
  fixture.clock.advance(50);
  fixture.put({ body: 'b', bornHost: BORN_HOST });
  const queue = fixture.queue();
  assert.is(fixture.store.storeTimestampAt(queue, 0), START);
  assert.is(fixture.store.storeTimestampAt(queue, 1), START + 50);
  assert.is(fixture.store.storeTimestampAt(queue, 2), -1);
  assert.is(fixture.store.earliestStoreTimestamp(queue), START);
});
