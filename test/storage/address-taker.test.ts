import * as assert from 'uvu/assert';
import { ManualScheduler, seededRandom } from '../../src/base/index.ts';
import {
  decodeRecords,
  LOG_RUN_BYTES,
  logRunBytes,
  logRunOffset,
  tagsCode,
} from '../../src/message/index.ts';
import { ADDRESSED_BYTES_MAX, ADDRESSED_MESSAGES_MAX } from '../../src/storage/address-taker.ts';
import {
  createBodyReader,
  GetResult,
  type MemoryDiskOptions,
  type QueueFilter,
  type StoreOptions,
} from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';
import { StoreFixture, TestOutput } from './store-fixture.ts';

const test = suite('storage/address-taker');
const SEED = 20_261_124;
const LARGE: Partial<StoreOptions> = {
  mappedFileSizeCommitLog: 4 * 1024 * 1024,
  mappedFileSizeConsumeQueue: 6_000_000,
};

const read = (
  fixture: StoreFixture,
  asAddresses: boolean,
  queueOffset: number,
  { messagesMax = 32, filter }: { messagesMax?: number; filter?: QueueFilter | undefined } = {},
) => {
  const output = new TestOutput();
  const result = new GetResult();
  result.asAddresses = asAddresses;
  fixture.store.getMessages(fixture.queue(), queueOffset, messagesMax, filter, output, result);
  const { status, nextBeginOffset, messageCount, bytes } = result;
  const body = output.buffer.subarray(0, output.length);
  return { body, status, nextBeginOffset, messageCount, bytes };
};

/** The records at the addresses, as another thread reads them. */
const follow = (fixture: StoreFixture, runs: Buffer): Buffer => {
  const { clock, disk, store } = fixture;
  const reader = createBodyReader({
    disk,
    folder: store.paths.commitLog,
    segmentBytes: store.settings.mappedFileSizeCommitLog,
    clock,
    scheduler: new ManualScheduler(clock),
  });
  const parts: Buffer[] = [];
  for (let at = 0; at < runs.length; at += LOG_RUN_BYTES) {
    const part = Buffer.alloc(logRunBytes(runs, at));
    assert.ok(reader.copyTo(logRunOffset(runs, at), part.length, part, 0));
    parts.push(part);
  }
  reader.close();
  return Buffer.concat(parts);
};

const DISKS: Readonly<Record<string, Partial<MemoryDiskOptions>>> = {
  'mapped segments': {},
  'segments in windows': { segments: 'windowed' },
};
for (const [name, disk] of Object.entries(DISKS)) {
  test(`the addresses lead to the records a copying read gives (${name}, seed ${SEED})`, () => {
    const random = seededRandom(SEED);
    const fixture = new StoreFixture({}, disk);
    for (let index = 0; index < 300; index++)
      fixture.put({
        body: 'x'.repeat(1 + random.below(300)),
        queueId: random.below(3) === 0 ? 1 : 0,
        properties: { TAGS: `t${index % 3}` },
      });
    const { minOffset, maxOffset } = fixture.queue();
    const filters = [undefined, { matches: (code: number) => code === tagsCode('t1') }];
    for (const filter of filters) {
      for (let from = minOffset - 1; from <= maxOffset + 1; from += 1 + random.below(5)) {
        const copied = read(fixture, false, from, { filter });
        const addressed = read(fixture, true, from, { filter });
        assert.is(follow(fixture, addressed.body).equals(copied.body), true, `from ${from}`);
        assert.equal({ ...addressed, body: 0 }, { ...copied, body: 0 });
      }
    }
  });
}

test('records side by side are one run, and as many come as its own limits allow', () => {
  const fixture = new StoreFixture(LARGE);
  for (let index = 0; index < 1500; index++) fixture.put({ body: `${index}` });
  const many = read(fixture, true, 0, { messagesMax: 5000 });
  assert.is(many.messageCount, ADDRESSED_MESSAGES_MAX);
  assert.is(many.nextBeginOffset, ADDRESSED_MESSAGES_MAX);
  assert.is(many.body.length, LOG_RUN_BYTES);
  assert.is(read(fixture, true, 0, { messagesMax: 100 }).messageCount, 100);
  assert.is(read(fixture, false, 0, { messagesMax: 5000 }).messageCount, 32);
});

test('bytes are limited, but one record is always given', () => {
  const fixture = new StoreFixture({ ...LARGE, maxMessageSize: 4 * 1024 * 1024 });
  const halves = ADDRESSED_BYTES_MAX / 2 + 1;
  for (const length of [ADDRESSED_BYTES_MAX + 1, halves, halves, 5])
    fixture.put({ body: Buffer.alloc(length, 'x') });
  assert.is(read(fixture, true, 0).messageCount, 1);
  assert.is(read(fixture, true, 1).messageCount, 1);
  assert.is(read(fixture, true, 2).messageCount, 2);
});

test('a damaged record is left out', () => {
  const fixture = new StoreFixture(LARGE);
  for (const body of ['a', 'b', 'c']) fixture.put({ body });
  const [, second] = decodeRecords(read(fixture, false, 0).body);
  const path = `${fixture.store.paths.commitLog}/${'0'.repeat(20)}`;
  const inode = fixture.memory.readFile(path) as Buffer;
  assert.ok(second && inode.length > second.commitLogOffset);
  const segment = fixture.memory.openSegment(path, {
    bytes: fixture.store.settings.mappedFileSizeCommitLog,
    create: false,
    writable: true,
  });
  const at = second?.commitLogOffset ?? 0;
  segment.moveWindow(at, 8);
  segment.window.fill(7, at + 4 - segment.windowStart, at + 8 - segment.windowStart);
  segment.writeOut(at, at + 8);
  const { body, messageCount } = read(fixture, true, 0);
  assert.is(messageCount, 2);
  assert.is(body.length, 2 * LOG_RUN_BYTES);
  const bodies = decodeRecords(follow(fixture, body)).map((record) => record.body.toString());
  assert.equal(bodies, ['a', 'c']);
});
