import * as assert from 'uvu/assert';
import { encodeBatch, tagsCode } from '../../src/message/index.ts';
import { PutStatus } from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';
import { fill, StoreFixture } from './store-fixture.ts';

const test = suite('storage/appender');

test('A1: a queue offset is used up only by a record that was stored', () => {
  const fixture = new StoreFixture({ maxMessageSize: 1000 });
  const { store } = fixture;
  assert.is(fixture.put({ body: 'a' }), PutStatus.PUT_OK);
  assert.is(fixture.put({ body: 'x'.repeat(1000) }), PutStatus.MESSAGE_ILLEGAL);
  // No segment can be made: refused by the log itself.
  while (store.appendedPosition < 1200) fixture.put({ topic: 'other', body: 'x'.repeat(100) });
  fixture.disk.makeFolder('/store/commitlog/00000000000000002048');
  const failed = PutStatus.CREATE_MAPEDFILE_FAILED;
  assert.is(fixture.put({ body: 'x'.repeat(800) }), failed);
  fixture.disk.remove('/store/commitlog/00000000000000002048');
  assert.is(fixture.put({ body: 'b' }), PutStatus.PUT_OK);
  assert.is(store.message.queueOffset, 1);
  assert.equal(fixture.bodies(), ['a', 'b']);
});

test('limits are those of RocketMQ: topic, properties, whole record', () => {
  const fixture = new StoreFixture({ mappedFileSizeCommitLog: 128 * 1024, maxMessageSize: 40_000 });
  const ok = PutStatus.PUT_OK;
  assert.is(fixture.put({ topic: 'T'.repeat(127), body: '' }), ok);
  assert.is(fixture.put({ topic: 'T'.repeat(128), body: '' }), PutStatus.MESSAGE_ILLEGAL);
  assert.is(fixture.put({ body: '', properties: { a: 'x'.repeat(32_765) } }), ok);
  const tooMany = { a: 'x'.repeat(32_766) };
  assert.is(fixture.put({ body: '', properties: tooMany }), PutStatus.PROPERTIES_SIZE_EXCEEDED);
  assert.is(fixture.put({ body: 'x'.repeat(40_000 - 92) }), ok);
  assert.is(fixture.put({ body: 'x'.repeat(40_000 - 91) }), PutStatus.MESSAGE_ILLEGAL);
});

test('half and rolled-back records carry offset 0 and take no place in the queue', () => {
  const fixture = new StoreFixture();
  const offsets = [0, 4, 8, 12, 0].map((sysFlag) => {
    fixture.put({ body: `${sysFlag}`, sysFlag });
    return fixture.store.message.queueOffset;
  });
  assert.equal(offsets, [0, 0, 1, 0, 2]);
  assert.equal(fixture.bodies(), ['0', '8', '0']);
});

test('A2: store times never decrease, whatever the clock does', () => {
  const fixture = new StoreFixture();
  const { clock } = fixture;
  fixture.put({ body: 'a' });
  const first = fixture.store.message.storeTimestamp;
  clock.now = () => first - 10_000;
  fixture.put({ body: 'b' });
  assert.is(fixture.store.message.storeTimestamp, first);
  fixture.kill();
  fixture.put({ body: 'c' });
  assert.is(fixture.store.message.storeTimestamp, first, 'not even over a restart');
});

test('the messages of a turn have one store time, those of the next a later one', () => {
  const fixture = new StoreFixture();
  const { store, clock, scheduler } = fixture;
  fixture.put({ body: 'x' });
  const start = store.message.storeTimestamp;
  const times = [0, 1, 2, 3].map((step) => {
    if (step === 2) store.endTurn();
    // In a later turn the store ends the last one by itself.
    if (step === 3) scheduler.advance(5);
    else clock.advance(5);
    store.append(store.message);
    return store.message.storeTimestamp - start;
  });
  assert.equal(times, [5, 5, 15, 20]);
});

test('positions and lengths are told', () => {
  const fixture = new StoreFixture();
  fixture.put({ body: 'a' });
  const { message } = fixture.store;
  assert.is(message.commitLogOffset, 0);
  assert.is(message.recordBytes, 93);
  assert.is(message.endPosition, 93);
  assert.is(message.messageCount, 1);
  fixture.put({ body: 'b' });
  assert.is(message.commitLogOffset, 93);
});

const batchOf = (count: number, body = 'item'): Buffer =>
  encodeBatch(
    Array.from({ length: count }, (_, index) => ({
      flag: index,
      body: Buffer.from(`${body} ${index}`),
      properties: { KEYS: `k${index}`, TAGS: `Tag${index}` },
    })),
  );

const putBatch = (
  fixture: StoreFixture,
  body: Buffer,
  properties: Record<string, string> = { CLUSTER: 'c' },
  sysFlag = 0,
): PutStatus => {
  const { store } = fixture;
  fill(store, { body, properties, sysFlag });
  const status = store.appendBatch(store.message);
  store.endTurn();
  return status;
};

test('a batch becomes records with consecutive offsets, their own flags and tags', () => {
  const fixture = new StoreFixture();
  fixture.put({ body: 'before' });
  assert.is(putBatch(fixture, batchOf(5)), PutStatus.PUT_OK);
  const { message } = fixture.store;
  assert.is(message.queueOffset, 1);
  assert.is(message.messageCount, 5);
  const stored = fixture.readAll().slice(1);
  assert.equal(
    stored.map(({ commitLogOffset }) => commitLogOffset),
    message.batchOffsets.slice(0, 5),
  );
  stored.forEach((one, index) => {
    assert.is(one.body.toString(), `item ${index}`);
    assert.is(one.flag, index);
    assert.is(one.queueOffset, index + 1);
    assert.is(one.properties.get('TAGS'), `Tag${index}`);
    assert.is(one.properties.get('CLUSTER'), 'c');
  });
});

test('a batch is indexed alike at once, after a flush and in a replay', () => {
  const codes = (fixture: StoreFixture): string => {
    const { store } = fixture;
    const found = [];
    for (const code of [0, 1, 2].map((index) => tagsCode(`Tag${index}`)))
      found.push(fixture.readAll('T', 0, 0, { matches: (unit) => unit === code }).length);
    return `${found.join()} of ${store.queue('T', 0).maxOffset}`;
  };
  for (const flushDiskType of ['ASYNC_FLUSH', 'SYNC_FLUSH'] as const) {
    const fixture = new StoreFixture({ flushDiskType });
    putBatch(fixture, batchOf(3));
    putBatch(fixture, batchOf(3), { TAGS: 'Tag1' });
    fixture.flush();
    assert.is(codes(fixture), '1,4,1 of 6', flushDiskType);
    fixture.kill();
    assert.is(codes(fixture), '1,4,1 of 6', `${flushDiskType}, replayed`);
  }
});

test('a batch lies in one segment', () => {
  const fixture = new StoreFixture();
  for (let index = 0; index < 20; index++) {
    assert.is(putBatch(fixture, batchOf(6)), PutStatus.PUT_OK);
    const { commitLogOffset, endPosition } = fixture.store.message;
    assert.is(Math.floor(commitLogOffset / 2048), Math.floor((endPosition - 1) / 2048));
  }
  assert.is(fixture.bodies().length, 120);
});

test('a batch is stored whole or not at all', () => {
  const fixture = new StoreFixture({ maxMessageSize: 1000 });
  const whole = batchOf(3);
  const before = fixture.store.appendedPosition;
  const illegal = PutStatus.MESSAGE_ILLEGAL;
  assert.is(putBatch(fixture, batchOf(20)), illegal, 'all together are too large');
  assert.is(putBatch(fixture, Buffer.alloc(0)), illegal, 'nothing in it');
  for (let length = 1; length < whole.length; length += 5)
    if (length % (whole.length / 3) !== 0)
      assert.is(putBatch(fixture, whole.subarray(0, length)), illegal, `cut at ${length}`);
  assert.is(putBatch(fixture, whole, {}, 4), illegal, 'transactions go one by one');
  assert.is(fixture.store.appendedPosition, before);
  assert.is(putBatch(fixture, whole), PutStatus.PUT_OK);
  assert.is(fixture.store.message.queueOffset, 0);
});

test('properties of item and batch together keep the limit of one record', () => {
  const fixture = new StoreFixture({ mappedFileSizeCommitLog: 128 * 1024 });
  const items = encodeBatch([
    { flag: 0, body: Buffer.from('b'), properties: { a: 'x'.repeat(32_000) } },
  ]);
  const status = putBatch(fixture, items, { b: 'y'.repeat(1000) });
  assert.is(status, PutStatus.PROPERTIES_SIZE_EXCEEDED);
});

test('a message for a queue that was deleted goes to its successor', () => {
  const fixture = new StoreFixture();
  fixture.put({ body: 'old' });
  fill(fixture.store, { body: 'new' });
  fixture.store.deleteTopic('T');
  assert.is(fixture.store.append(fixture.store.message), PutStatus.PUT_OK);
  assert.is(fixture.store.message.queueOffset, 0);
  assert.equal(fixture.bodies(), ['new']);
});
