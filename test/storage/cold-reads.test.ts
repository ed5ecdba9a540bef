import * as assert from 'uvu/assert';
import {
  ColdReads,
  FETCH_BYTES,
  FETCHES_MAX,
  FETCHES_WAITING_MAX,
  PIECE_BYTES,
  WARM_MS,
} from '../../src/storage/cold-reads.ts';
import { GetResult } from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';
import { LogFixture } from './log-fixture.ts';
import { StoreFixture, TestOutput } from './store-fixture.ts';

const test = suite('storage/cold-reads');
const SEGMENT_BYTES = 8 * 1024 * 1024;
const NOTHING = (): void => undefined;

/** A log of 20 MiB in three segments that has left main memory. */
const coldLog = () => {
  const fixture = new LogFixture(SEGMENT_BYTES);
  const body = Buffer.alloc(100_000, 7);
  const records: number[] = [];
  while (fixture.positions.appended < 20 * 1024 * 1024) records.push(fixture.put(body));
  const fetched: string[] = [];
  fixture.disk.fetchDelayMs = (path) => {
    fetched.push(path);
    return 10;
  };
  fixture.disk.evict();
  const cold = new ColdReads(fixture.segments, fixture.positions, fixture.clock);
  return { fixture, records, fetched, cold };
};

test('what left main memory is cold until it was fetched, with what lies behind it', () => {
  const { fixture, cold } = coldLog();
  assert.not(cold.isWarm(300_000, 1000));
  let calls = 0;
  assert.ok(cold.fetch(300_000, 1000, () => calls++));
  assert.is(calls, 0);
  fixture.scheduler.advance(10);
  assert.is(calls, 1);
  assert.ok(cold.isWarm(300_000, 1000));
  assert.ok(cold.isWarm(PIECE_BYTES, FETCH_BYTES));
  assert.not(cold.isWarm(PIECE_BYTES - 1, 2));
  assert.not(cold.isWarm(PIECE_BYTES + FETCH_BYTES - 1, 2));
});

test('a record longer than a fetch is fetched whole', () => {
  const { fixture, cold } = coldLog();
  cold.fetch(1_000, 5_000_000, NOTHING);
  fixture.scheduler.advance(10);
  assert.ok(cold.isWarm(1_000, 5_000_000));
});

test('what was seen in memory is looked at again after a while', () => {
  const { fixture, cold } = coldLog();
  cold.fetch(0, 1, NOTHING);
  fixture.scheduler.advance(10);
  cold.begin();
  fixture.disk.evict();
  assert.ok(cold.isWarm(0, 1000), 'not asked again yet');
  fixture.clock.advance(WARM_MS);
  cold.begin();
  assert.not(cold.isWarm(0, 1000));
});

test('H2: few fetches run, a limited number waits, and no range is fetched twice at a time', () => {
  const { fixture, cold, fetched } = coldLog();
  let calls = 0;
  for (let count = 0; count < 3; count++)
    for (const position of [0, 3_000_000, 6_000_000, SEGMENT_BYTES])
      assert.ok(cold.fetch(position, 1000, () => calls++));
  assert.is(fetched.length, FETCHES_MAX);
  fixture.scheduler.advance(10);
  assert.is(calls, 6);
  fixture.scheduler.advance(10);
  assert.is(calls, 12);
  assert.is(fetched.length, 4);
});

test('a fetch more than may wait is refused', () => {
  const { cold } = coldLog();
  // Ranges that reach into the next segment are cut at its end, so that none of these covers another.
  const refused: number[] = [];
  for (let count = 0; count < FETCHES_WAITING_MAX + FETCHES_MAX + 5; count++)
    if (!cold.fetch(SEGMENT_BYTES - 10, 11, NOTHING)) refused.push(count);
  assert.is(refused.length, 5);
});

test('a reader that lives on fetches finds the next one done; one in warm memory causes none', () => {
  const { fixture, cold, fetched } = coldLog();
  cold.fetch(0, 1, NOTHING);
  fixture.scheduler.advance(10);
  cold.begin();
  cold.readAhead(100_000);
  assert.is(fetched.length, 1, 'enough is there');
  cold.readAhead(FETCH_BYTES / 2);
  cold.readAhead(FETCH_BYTES / 2 + 100);
  assert.is(fetched.length, 2, 'once');
  fixture.scheduler.advance(10);
  assert.ok(cold.isWarm(FETCH_BYTES, FETCH_BYTES));
  // Over the end of a segment.
  cold.fetch(SEGMENT_BYTES - 100, 10, NOTHING);
  fixture.scheduler.advance(10);
  cold.readAhead(SEGMENT_BYTES - 50);
  fixture.scheduler.advance(10);
  assert.ok(cold.isWarm(SEGMENT_BYTES + FETCH_BYTES / 2, 1000));
  const warm = coldLog();
  for (const { base } of [0, 1, 2].map((index) => warm.fixture.segments.at(index) ?? { base: 0 }))
    warm.fixture.disk
      .openSegment(warm.fixture.segments.pathOf(base), {
        bytes: SEGMENT_BYTES,
        create: false,
        writable: false,
      })
      .read(0, SEGMENT_BYTES);
  assert.ok(warm.cold.isWarm(FETCH_BYTES / 2, 1));
  warm.cold.readAhead(FETCH_BYTES / 2);
  assert.is(warm.fetched.length, 0);
});

test('a segment that goes while it is fetched ends the fetch; after close nobody is called', () => {
  const { fixture, cold } = coldLog();
  let calls = 0;
  for (const position of [0, 3_000_000, 6_000_000]) cold.fetch(position, 1, () => calls++);
  fixture.log.removeFirst();
  fixture.scheduler.advance(30);
  assert.is(calls, 3);
  cold.fetch(SEGMENT_BYTES, 1, () => calls++);
  cold.close();
  fixture.scheduler.advance(30);
  assert.is(calls, 3);
  assert.not(cold.fetch(SEGMENT_BYTES + 5_000_000, 1, NOTHING));
});

for (const segments of ['mapped', 'windowed'] as const) {
  test(`${segments}: a reader that can wait never makes the disk stall, and reads everything`, () => {
    const fixture = new StoreFixture(
      { mappedFileSizeCommitLog: 1024 * 1024, mappedFileSizeConsumeQueue: 6_000_000 },
      { segments, windowBytes: 64 * 1024 },
    );
    for (let index = 0; index < 3_000; index++)
      fixture.put({ body: `${index}-${'x'.repeat(1_000)}` });
    fixture.memory.evict('commitlog');
    fixture.memory.stalls = 0;
    const result = new GetResult();
    result.canWait = true;
    let messages = 0;
    let waits = 0;
    for (let next = 0; next < 3_000; next = result.nextBeginOffset) {
      const output = new TestOutput();
      fixture.store.getMessages(fixture.queue(), next, 32, undefined, output, result);
      messages += result.messageCount;
      fixture.scheduler.runDeferred();
      if (!result.isCold) continue;
      assert.equal([result.messageCount, output.length], [0, 0]);
      waits += 1;
      let isFetched = false;
      fixture.store.cold.fetch(result.coldPosition, result.coldBytes, () => {
        isFetched = true;
      });
      fixture.scheduler.advance(1);
      assert.ok(isFetched);
      result.nextBeginOffset = next;
    }
    assert.is(messages, 3_000);
    assert.is(fixture.memory.stalls, 0);
    assert.ok(waits > 0 && waits <= 4, `${waits} waits`);
    fixture.memory.evict('commitlog');
    fixture.clock.advance(WARM_MS);
    result.canWait = false;
    fixture.store.getMessages(fixture.queue(), 0, 32, undefined, new TestOutput(), result);
    assert.ok(fixture.memory.stalls > 0, 'one that cannot wait does');
  });
}
