import * as assert from 'uvu/assert';
import { readInt32BE, seededRandom } from '../../src/base/index.ts';
import { decodeRecord, encodeProperties } from '../../src/message/index.ts';
import { MemoryDisk, PutStatus, readPositions } from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';
import { checkRecovered, StoreModel } from './crash-model.ts';
import { BORN_HOST, fill, StoreFixture } from './store-fixture.ts';

/** Matches the codes given, as a tag subscription does. */
const onlyTags = (codes: readonly number[]) => ({
  matches: (code: number) => codes.includes(code),
});

const test = suite('storage/message-store');

const numbers = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `message ${from + index}`);

test('what was appended is read back in order, across rolled segments and queue files', () => {
  const fixture = new StoreFixture();
  for (const body of numbers(100)) assert.is(fixture.put({ body }), PutStatus.PUT_OK);
  assert.equal(fixture.bodies(), numbers(100));
  assert.ok(fixture.store.appendedPosition > 4 * 2048);
  assert.is(fixture.store.dispatchedPosition, fixture.store.appendedPosition);
});

test('an orderly close leaves no abort marker and everything comes back', () => {
  const fixture = new StoreFixture();
  for (const body of numbers(50)) fixture.put({ body });
  const end = fixture.store.appendedPosition;
  assert.is(fixture.close(), undefined);
  assert.is(fixture.disk.stat('/store/abort'), undefined);
  fixture.memory.cutPower({ seed: 1, keepUnsynced: 0 });
  fixture.open();
  assert.is(fixture.store.appendedPosition, end);
  assert.is(fixture.store.flushedPosition, end);
  assert.equal(fixture.bodies(), numbers(50));
  fixture.put({ body: 'next' });
  assert.equal(fixture.bodies(), [...numbers(50), 'next']);
});

test('an empty store opens, closes and leaves only its folders and checkpoint', () => {
  const fixture = new StoreFixture();
  fixture.scheduler.advance(3_000);
  assert.ok(fixture.disk.stat('/store/abort'));
  fixture.close();
  assert.equal(fixture.disk.list('/store/commitlog'), []);
  fixture.open();
  assert.is(fixture.put({ body: 'a' }), PutStatus.PUT_OK);
});

test('a killed process loses nothing', () => {
  for (const segments of ['mapped', 'windowed'] as const) {
    const fixture = new StoreFixture({}, { segments, windowBytes: 4096 });
    for (let round = 0; round < 5; round++) {
      for (const body of numbers(30, round * 30)) fixture.put({ body });
      fixture.kill();
      assert.equal(fixture.bodies(), numbers((round + 1) * 30));
    }
  }
});

test('random work, restarts of every kind among it, leaves what a plain list would hold', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = seededRandom(seed);
    const flushDiskType = seed % 2 === 0 ? 'SYNC_FLUSH' : 'ASYNC_FLUSH';
    let disk: MemoryDisk | undefined;
    const model = new StoreModel(seed, { flushDiskType }, ({ clock, scheduler }) => {
      disk = new MemoryDisk({ clock, scheduler, segments: seed % 3 === 0 ? 'windowed' : 'mapped' });
      return disk;
    });
    for (let step = 0; step < 150; step++) {
      model.step();
      const choice = random.below(12);
      if (choice === 0) {
        model.store.close(() => undefined);
        model.scheduler.advance(1_000);
        model.open();
      } else if (choice === 1) {
        model.endTurn();
        disk?.killProcess();
        model.open();
      } else if (choice === 2) {
        model.endTurn();
        const { positionMemory } = model.store;
        disk?.killProcess();
        model.open({ resumeFrom: positionMemory });
      } else if (choice === 3) {
        model.endTurn();
        model.store.flush(() => undefined);
        model.scheduler.runDeferred();
        checkRecovered(model.store, model.expected, model.store.appendedPosition);
      }
    }
    model.store.flush(() => undefined);
    model.scheduler.advance(10);
    checkRecovered(model.store, model.expected, model.store.appendedPosition);
  }
});

test('SYNC_FLUSH: sends of one turn share a flush, and are seen after it', () => {
  const fixture = new StoreFixture({ flushDiskType: 'SYNC_FLUSH' });
  fixture.scheduler.runDeferred();
  let syncs = 0;
  fixture.memory.syncDelayMs = (path) => {
    if (path.includes('commitlog')) syncs += 1;
    return 5;
  };
  const flushed: number[] = [];
  fixture.store.onFlushed = (position) => flushed.push(position);
  for (const body of numbers(10)) fixture.put({ body });
  fixture.store.requestFlush();
  assert.is(fixture.queue().maxOffset, 0);
  fixture.scheduler.advance(6);
  assert.is(syncs, 1);
  assert.equal(flushed, [fixture.store.appendedPosition]);
  assert.equal(fixture.bodies(), numbers(10));
});

test('arrivals are told for queues with waiters only, in both flush modes', () => {
  for (const flushDiskType of ['ASYNC_FLUSH', 'SYNC_FLUSH'] as const) {
    const fixture = new StoreFixture({ flushDiskType });
    const told: string[] = [];
    fixture.store.onArrival = (queue, queueOffset, tagsCode) => {
      told.push(`${queue.topic} ${queueOffset} ${tagsCode}`);
      assert.is(queue.maxOffset, queueOffset + 1, 'it can be read at once');
    };
    fixture.queue('A').hasWaiters = true;
    fixture.put({ topic: 'A', body: '1', properties: { TAGS: 'a' } });
    fixture.put({ topic: 'B', body: '2' });
    fixture.flush();
    assert.equal(told, ['A 0 97'], flushDiskType);
  }
});

test('a turn that nobody ends is ended by the store', () => {
  const fixture = new StoreFixture({ flushDiskType: 'SYNC_FLUSH' });
  fill(fixture.store, { body: 'a' });
  fixture.store.append(fixture.store.message);
  fixture.scheduler.runDeferred();
  assert.is(readPositions(fixture.store.positionMemory).appended, fixture.store.appendedPosition);
  assert.equal(fixture.bodies(), ['a']);
});

test('a record is found by its position, and nothing else is taken for one', () => {
  const fixture = new StoreFixture();
  fixture.put({ body: 'first' });
  fixture.put({ body: 'second', bornHost: Buffer.alloc(16, 9) });
  const { commitLogOffset, endPosition } = fixture.store.message;
  const record = fixture.store.messageAt(commitLogOffset);
  assert.is(decodeRecord(record ?? Buffer.alloc(0)).body.toString(), 'second');
  for (let at = -3; at <= endPosition + 3; at++)
    if (at !== 0 && at !== commitLogOffset) assert.is(fixture.store.messageAt(at), undefined);
});

test('a body that looks like a record is not taken for one', () => {
  const fixture = new StoreFixture();
  fixture.put({ body: 'inner' });
  const inner = Buffer.from(fixture.store.messageAt(0) ?? []);
  fixture.put({ body: inner });
  const outer = fixture.store.message.commitLogOffset;
  const bodyAt = outer + 88;
  assert.is(readInt32BE(fixture.store.messageAt(outer) ?? Buffer.alloc(0), 84), inner.length);
  assert.is(fixture.store.messageAt(bodyAt), undefined);
});

test('a deleted topic is gone at once and after a restart; a new one begins at 0', () => {
  const fixture = new StoreFixture();
  for (const body of numbers(30)) fixture.put({ body });
  fixture.put({ topic: 'other', body: 'stays' });
  fixture.store.deleteTopic('T');
  assert.equal(fixture.store.topics(), ['other']);
  fixture.close();
  fixture.open();
  assert.equal(fixture.store.topics(), ['other']);
  fixture.put({ body: 'new' });
  assert.is(fixture.store.message.queueOffset, 0);
  fixture.kill();
  assert.equal(fixture.bodies(), ['new']);
  assert.equal(fixture.bodies('other'), ['stays']);
});

test('filters see the same codes before and after a restart', () => {
  const fixture = new StoreFixture();
  for (const TAGS of ['a', 'b', 'a', '标签']) fixture.put({ body: TAGS, properties: { TAGS } });
  const matching = (): number[] =>
    [97, 98].map((code) => fixture.readAll('T', 0, 0, onlyTags([code])).length);
  assert.equal(matching(), [2, 1]);
  fixture.kill();
  assert.equal(matching(), [2, 1]);
});

test('properties, hosts and flags come back as they were given', () => {
  const fixture = new StoreFixture();
  const properties = { KEYS: 'k1 k2', TAGS: 'TagA', 名: '值' };
  fixture.put({ body: 'b', properties, flag: 7, bornTimestamp: 123 });
  const [message] = fixture.readAll();
  assert.is(encodeProperties(message?.properties ?? {}), encodeProperties(properties));
  assert.is(message?.bornHost, `${BORN_HOST.join('.')}:54321`);
  assert.is(message?.storeHost, '192.168.0.1:10911');
  assert.is(message?.flag, 7);
  assert.is(message?.bornTimestamp, 123);
});

test('a closed store takes nothing', () => {
  const fixture = new StoreFixture();
  const { store } = fixture;
  fixture.close();
  fill(store, { body: 'a' });
  assert.is(store.append(store.message), PutStatus.SERVICE_NOT_AVAILABLE);
  assert.is(store.appendBatch(store.message), PutStatus.SERVICE_NOT_AVAILABLE);
});
