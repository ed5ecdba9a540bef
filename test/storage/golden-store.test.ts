import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type ManualScheduler, silentLogger, systemRandom } from '../../src/base/index.ts';
import { decodeRecord, encodeProperties } from '../../src/message/index.ts';
import { MessageStore, PutStatus } from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';
import { StoreFixture } from './store-fixture.ts';
import {
  fillGolden,
  GOLDEN_SIZES,
  type GoldenRecord,
  goldenFile,
  goldenNames,
  storeVectors,
  writeGolden,
} from './store-vectors.ts';

// Files written by RocketMQ 4.9.2's own store classes, and the same messages appended here.
const test = suite('storage/golden-store');
const { records } = storeVectors.goldenStore_4_9_2;

const check = (store: MessageStore, golden: GoldenRecord): void => {
  const bytes = store.messageAt(golden.physicalOffset);
  assert.ok(bytes, `no record at ${golden.physicalOffset}`);
  const message = decodeRecord(bytes as Buffer);
  assert.is(message.topic, golden.topic);
  assert.is(message.queueId, golden.queueId);
  assert.is(message.flag, golden.flag);
  assert.is(message.queueOffset, golden.queueOffset);
  assert.is(message.commitLogOffset, golden.physicalOffset);
  assert.is(message.bornTimestamp, golden.bornTimestamp);
  assert.is(message.storeTimestamp, golden.storeTimestamp);
  assert.is(message.body.toString('hex'), golden.body);
  assert.is(message.storeBytes, golden.size);
};

const openGolden = (isAborted: boolean): StoreFixture => {
  const fixture = new StoreFixture(GOLDEN_SIZES);
  fixture.memory.remove('/store');
  writeGolden(fixture.disk, '/store');
  if (isAborted) fixture.disk.writeFile('/store/abort', Buffer.alloc(0));
  fixture.open();
  return fixture;
};

for (const isAborted of [false, true]) {
  const how = isAborted ? 'after a crash' : 'closed in order';
  test(`a store RocketMQ wrote, ${how}, opens with every message and is not changed`, () => {
    const { store, disk, scheduler } = openGolden(isAborted);
    for (const golden of records) check(store, golden);
    const indexed = records.filter(({ sysFlag }) => (sysFlag & 0xc) === 0 || (sysFlag & 0xc) === 8);
    for (const golden of indexed) {
      const queue = store.queue(golden.topic, golden.queueId);
      assert.is(store.commitLogOffsetOf(queue, golden.queueOffset), golden.physicalOffset);
    }
    assert.is(store.appendedPosition, 3920);
    assert.is(store.queue('Roll', 5).maxOffset, 14);
    scheduler.advance(5_000);
    for (const name of goldenNames.filter((name) => /^(commitlog|consumequeue)/.test(name)))
      assert.equal(disk.readFile(join('/store', name)), goldenFile(name), name);
  });
}

test('the same messages appended here give the same bytes in log, queues and checkpoint', () => {
  const fixture = new StoreFixture(GOLDEN_SIZES);
  const batch = records.filter(({ topic }) => topic === 'BatchT');
  let nowMs = 0;
  const clock = { now: () => nowMs, monotonicMs: () => fixture.clock.monotonicMs() };
  const { disk, scheduler } = fixture;
  fixture.close();
  disk.remove('/store');
  const env = { disk, clock, scheduler, logger: silentLogger, random: systemRandom };
  const store = MessageStore.open(fixture.options, env);
  for (const golden of records.filter(({ topic }) => topic !== 'BatchT')) {
    nowMs = golden.storeTimestamp;
    fillGolden(store, golden);
    assert.is(store.append(store.message), PutStatus.PUT_OK);
    store.endTurn(); // The next one has a time of its own.
    assert.is(store.message.commitLogOffset, golden.physicalOffset);
  }
  // Batch properties are glued to the last item property there; here a separator is put between (docs/adr/0003-store.md).
  // As single messages with the glued text, the bytes must be the same again.
  for (const golden of batch) {
    nowMs = golden.storeTimestamp;
    fillGolden(store, golden);
    assert.is(store.append(store.message), PutStatus.PUT_OK);
    store.endTurn();
  }
  store.close(() => undefined);
  (scheduler as ManualScheduler).advance(1_000);
  for (const name of goldenNames.filter((name) => name !== 'lock' && name !== 'checkpoint'))
    assert.equal(disk.readFile(join('/store', name)), goldenFile(name), name);
  const written = disk.readFile('/store/checkpoint') ?? Buffer.alloc(0);
  // The third time belongs to the index.
  assert.equal(written.subarray(0, 16), goldenFile('checkpoint').subarray(0, 16));
  assert.is(written.length, 4096);
});

test('a batch is stored with a separator between item and request properties, tags found', () => {
  const { batch } = storeVectors;
  const fixture = new StoreFixture({ mappedFileSizeCommitLog: 8192 });
  const { store } = fixture;
  // Brings the log to the position the vectors were made at.
  fixture.put({ topic: 'filler', body: Buffer.alloc(batch.firstPhysicalOffset - 91 - 6) });
  const { message } = store;
  message.queue = store.queue('BatchT', 0);
  message.sysFlag = 0;
  message.bornTimestamp = 1_630_000_000_123;
  message.body = Buffer.from(batch.requestBodyHex, 'hex');
  message.bodyBytes = message.body.length;
  // RocketMQ 5 ends the request's properties with a separator; that is the caller's text, taken as it is.
  message.properties = Buffer.from(`${batch.batchProperties}\u0002`);
  message.propertiesBytes = message.properties.length;
  assert.is(store.appendBatch(message), PutStatus.PUT_OK);
  assert.is(message.messageCount, 3);
  assert.is(message.commitLogOffset, batch.firstPhysicalOffset);
  const timestampAt = 56;
  batch.storedHex_5_x_withSeparator.forEach((hex, index) => {
    const expected = Buffer.from(hex, 'hex');
    const stored = Buffer.from(store.messageAt(message.batchOffsets[index] ?? -1) ?? []);
    expected.copy(stored, timestampAt, timestampAt, timestampAt + 8);
    assert.is(stored.toString('hex'), hex);
  });
  const [first] = fixture.readAll('BatchT');
  assert.is(first?.properties.get('TAGS'), 'TB');
  assert.is(encodeProperties(first?.properties ?? {}).endsWith('DefaultCluster'), true);
});
