import * as assert from 'uvu/assert';
import { seededRandom } from '../../src/base/index.ts';
import { decodeRecords } from '../../src/message/index.ts';
import { GetResult, type StoreOptions } from '../../src/storage/index.ts';
import { COPIED_BYTES_MAX } from '../../src/storage/record-taker.ts';
import { suite } from '../support/suite.ts';
import { StoreFixture, TestOutput } from './store-fixture.ts';

const test = suite('storage/record-taker');
const SEED = 20_261_124;
const SIZES: Partial<StoreOptions> = {
  mappedFileSizeCommitLog: 4 * 1024 * 1024,
  mappedFileSizeConsumeQueue: 6_000_000,
};

/** What a pull gives: the records in order, put together from the output and what is lent. */
const pull = (fixture: StoreFixture, queueOffset: number, canLend = true) => {
  const output = new TestOutput();
  const result = new GetResult();
  result.canLend = canLend;
  output.length = 10; // As behind a header.
  fixture.store.getMessages(fixture.queue(), queueOffset, 32, undefined, output, result);
  const parts: Buffer[] = [];
  let start = 10;
  for (const { at, bytes } of result.runs) {
    parts.push(output.buffer.subarray(start, at), bytes);
    start = at;
  }
  parts.push(output.buffer.subarray(start, output.length));
  const all = Buffer.concat(parts);
  assert.is(all.length, result.bytes);
  const bodies = decodeRecords(all).map(({ body }) => body.toString());
  assert.is(bodies.length, result.messageCount);
  return { all, bodies, runs: result.runs, result, copied: output.length - 10 };
};

test('a long record is lent, a short one is copied', () => {
  const fixture = new StoreFixture(SIZES);
  fixture.put({ body: 'a'.repeat(COPIED_BYTES_MAX) });
  fixture.put({ body: 'b'.repeat(COPIED_BYTES_MAX - 1000) });
  const long = pull(fixture, 0);
  assert.is(long.bodies[0]?.length, COPIED_BYTES_MAX);
  const short = pull(fixture, 1);
  assert.equal([short.runs.length, short.bodies.length], [0, 1]);
  assert.is(pull(fixture, 0, false).runs.length, 0, 'a reader that cannot');
});

test('records side by side become one run, whatever their number', () => {
  const fixture = new StoreFixture(SIZES);
  for (let index = 0; index < 32; index++) fixture.put({ body: `${index}`.padEnd(5_000, '.') });
  const { runs, bodies, copied } = pull(fixture, 0);
  assert.equal([runs.length, bodies.length, copied], [1, 32, 0]);
});

test('records that lie apart are copied: a write for each would cost more', () => {
  const fixture = new StoreFixture(SIZES);
  for (let index = 0; index < 64; index++)
    fixture.put({ body: 'x'.repeat(5_000), queueId: index % 2 });
  const { runs, bodies } = pull(fixture, 0);
  assert.equal([runs.length, bodies.length], [0, 32]);
});

test('K1: what is lent stays after its segment went, until it is given back', () => {
  const hours = Array.from({ length: 24 }, (_, hour) => hour).join(';');
  const fixture = new StoreFixture({ ...SIZES, fileReservedTime: 0, deleteWhen: hours });
  for (let index = 0; index < 10; index++) fixture.put({ body: `${index}`.repeat(900_000) });
  const { runs, all } = pull(fixture, 0);
  const [run] = runs;
  if (run === undefined) throw new Error('nothing was lent');
  fixture.flush();
  fixture.scheduler.advance(200);
  assert.ok(fixture.store.cleanExpired(fixture.clock.now() + 1) > 0);
  assert.ok(run.bytes.equals(all));
  run.release();
  assert.throws(() => run.release(), /more often/);
});

for (const segments of ['mapped', 'windowed'] as const)
  test(`${segments}: any mixture of sizes and queues reads as copies do (seed ${SEED})`, () => {
    const random = seededRandom(SEED);
    const fixture = new StoreFixture(SIZES, { segments, windowBytes: 64 * 1024 });
    for (let index = 0; index < 400; index++) {
      const isLong = random.below(10) === 0;
      const bytes = random.below(isLong ? 300_000 : random.below(2) === 0 ? 20_000 : 100);
      fixture.put({ body: `${index}`.padEnd(bytes, 'x'), queueId: random.below(8) === 0 ? 1 : 0 });
    }
    let lent = 0;
    const { maxOffset } = fixture.queue();
    for (let next = 0; next < maxOffset; ) {
      const found = pull(fixture, next);
      assert.ok(found.all.equals(pull(fixture, next, false).all));
      lent += found.runs.length;
      for (const { release } of found.runs) release();
      next = found.result.nextBeginOffset;
    }
    assert.is(lent > 0, segments === 'mapped');
  });
