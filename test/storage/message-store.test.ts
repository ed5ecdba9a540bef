import * as assert from 'uvu/assert';
import { errorCode, readInt32BE, seededRandom } from '../../src/base/index.ts';
import { decodeRecord, encodeProperties } from '../../src/message/index.ts';
import {
  LogPositions,
  MemoryDisk,
  PutStatus,
  readPositions,
  TagFilter,
} from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';
import { checkRecovered, StoreModel } from './crash-model.ts';
import { BORN_HOST, fill, StoreFixture } from './store-fixture.ts';

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

test('a successor of a dead shard begins where the queues were complete, not at the checkpoint', () => {
  const fixture = new StoreFixture({ positionMemory: LogPositions.createMemory() });
  for (const body of numbers(40)) fixture.put({ body });
  fixture.scheduler.advance(150);
  for (const body of numbers(20, 40)) fixture.put({ body });
  const { positionMemory } = fixture.store;
  const indexed = readPositions(positionMemory).indexed;
  assert.ok(indexed > 0 && indexed < fixture.store.appendedPosition);
  fixture.memory.killProcess();
  // Damage before `indexed` is not even looked at.
  fixture.disk
    .openFile('/store/commitlog/00000000000000000000', { create: false, bytes: 0 })
    .write(8, Buffer.from('bad!'));
  fixture.open({ resumeFrom: positionMemory });
  assert.equal(fixture.bodies(), numbers(60));
  assert.is(fixture.store.positionMemory, positionMemory);
  assert.equal(
    fixture.logs.filter(({ level }) => level === 'error'),
    [],
  );
});

test('positions of a dead shard that lead nowhere are not believed', () => {
  const fixture = new StoreFixture();
  for (const body of numbers(30)) fixture.put({ body });
  const positions = new LogPositions();
  positions.appended = 5_000;
  positions.setDispatched(777);
  positions.setIndexed(777);
  positions.publish();
  fixture.memory.killProcess();
  fixture.open({ resumeFrom: positions.memory });
  assert.equal(fixture.bodies(), numbers(30));
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

test('the first failed flush is the end: no OK after it, and reopening recovers', () => {
  const fixture = new StoreFixture({ flushDiskType: 'SYNC_FLUSH' });
  fixture.put({ body: 'safe' });
  fixture.flush();
  fixture.memory.failNextSync('commitlog');
  fixture.put({ body: 'lost' });
  fixture.flush();
  assert.ok(fixture.failure);
  assert.is(fixture.put({ body: 'refused' }), PutStatus.SERVICE_NOT_AVAILABLE);
  assert.not(fixture.store.isWritable);
  assert.equal(fixture.bodies(), ['safe'], 'reads go on');
  assert.ok(fixture.close());
  assert.ok(fixture.disk.stat('/store/abort'), 'that was no orderly close');
  fixture.memory.cutPower({ seed: 3, keepUnsynced: 0 });
  fixture.open();
  assert.equal(fixture.bodies(), ['safe']);
  assert.is(fixture.put({ body: 'again' }), PutStatus.PUT_OK);
});

test('a failed flush of a queue or of the marker ends the store as well', () => {
  const queues = new StoreFixture();
  queues.put({ body: 'a' });
  queues.memory.failNextSync('consumequeue');
  queues.scheduler.advance(2_000);
  assert.ok(queues.failure);
  const marker = new StoreFixture();
  marker.close();
  marker.memory.failNextSync('abort');
  marker.open();
  marker.scheduler.advance(10);
  assert.ok(marker.failure);
  assert.is(marker.put({ body: 'a' }), PutStatus.SERVICE_NOT_AVAILABLE);
});

test('a write that fails at the end of a turn ends the store', () => {
  const fixture = new StoreFixture({}, { segments: 'windowed', windowBytes: 4096 });
  fixture.put({ body: 'a' });
  fixture.memory.failNextWrite('commitlog');
  fixture.put({ body: 'b' });
  assert.ok(fixture.failure);
});

test('a full disk refuses sends with an alarm, reads go on, and sends come back', () => {
  const fixture = new StoreFixture(
    { mappedFileSizeCommitLog: 256 * 1024 },
    { allocateBytes: 4096 },
  );
  for (const body of numbers(20)) fixture.put({ body });
  fixture.scheduler.advance(200);
  fixture.memory.setCapacity(fixture.memory.usedBytes);
  const statuses = new Set<PutStatus>();
  for (let index = 0; index < 3_000; index++) statuses.add(fixture.put({ body: 'x'.repeat(50) }));
  assert.equal([...statuses].sort(), [PutStatus.PUT_OK, PutStatus.SERVICE_NOT_AVAILABLE]);
  assert.ok(fixture.logs.some(({ level }) => level === 'error'));
  assert.equal(fixture.bodies().slice(0, 20), numbers(20));
  fixture.memory.setCapacity(1e9);
  fixture.scheduler.advance(200);
  assert.is(fixture.put({ body: 'again' }), PutStatus.PUT_OK);
  assert.is(fixture.bodies().at(-1), 'again');
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

test('consume queues that were deleted by hand are made again from the log', () => {
  for (const isCrashed of [false, true]) {
    const fixture = new StoreFixture();
    for (const body of numbers(60)) fixture.put({ body, queueId: body.length % 2 });
    const before = [fixture.bodies('T', 0), fixture.bodies('T', 1)];
    if (isCrashed) fixture.memory.killProcess();
    else fixture.close();
    fixture.disk.remove('/store/consumequeue');
    fixture.open();
    assert.equal([fixture.bodies('T', 0), fixture.bodies('T', 1)], before);
  }
});

test('a queue that lost units in its middle is filled again from the whole log', () => {
  const fixture = new StoreFixture();
  for (const body of numbers(60)) fixture.put({ body });
  fixture.flush();
  fixture.scheduler.advance(1_500);
  fixture.put({ body: 'late' });
  fixture.scheduler.advance(20_000);
  fixture.put({ body: 'later' });
  fixture.memory.killProcess();
  fixture.disk.remove('/store/consumequeue/T/0/00000000000000000400');
  fixture.open();
  assert.equal(fixture.bodies(), [...numbers(60), 'late', 'later']);
});

test('damage in the middle: the other messages are there, offsets stay, an alarm is raised', () => {
  const fixture = new StoreFixture();
  const positions = numbers(30).map((body) => {
    fixture.put({ body });
    return fixture.store.message.commitLogOffset;
  });
  fixture.memory.killProcess();
  const bad = positions[5] ?? 0;
  const file = fixture.disk.openFile('/store/commitlog/00000000000000000000', {
    create: false,
    bytes: 0,
  });
  file.write(bad + 2, Buffer.alloc(60, 0xee));
  fixture.open();
  const found = fixture.readAll();
  assert.is(found.length, 29);
  for (const { queueOffset, body } of found) assert.is(body.toString(), `message ${queueOffset}`);
  const filler = decodeRecord(fixture.store.messageAt(bad) ?? Buffer.alloc(0));
  assert.ok('rmq_sys_DAMAGED'.startsWith(filler.topic), filler.topic);
  assert.ok(
    fixture.logs.some(({ level, message }) => level === 'error' && /damaged/.test(message)),
  );
  assert.is(fixture.disk.list('/store/damaged').length, 1);
  fixture.close();
  fixture.open();
  assert.is(fixture.readAll().length, 29);
});

test('damage found after an orderly close leaves no unit that points into it', () => {
  const fixture = new StoreFixture();
  for (const body of numbers(30)) fixture.put({ body });
  fixture.close();
  const file = fixture.disk.openFile('/store/commitlog/00000000000000000000', {
    create: false,
    bytes: 0,
  });
  file.write(4, Buffer.from('bad!'));
  fixture.open();
  assert.equal(fixture.bodies(), numbers(29, 1));
});

test('filters see the same codes before and after a restart', () => {
  const fixture = new StoreFixture();
  for (const TAGS of ['a', 'b', 'a', '标签']) fixture.put({ body: TAGS, properties: { TAGS } });
  const matching = (): number[] =>
    [97, 98].map((code) => fixture.readAll('T', 0, 0, new TagFilter([code])).length);
  assert.equal(matching(), [2, 1]);
  fixture.kill();
  assert.equal(matching(), [2, 1]);
});

test('the checkpoint lets recovery begin late', () => {
  const fixture = new StoreFixture({ mappedFileSizeCommitLog: 64 * 1024 });
  for (const body of numbers(100)) fixture.put({ body });
  fixture.scheduler.advance(10_000);
  fixture.put({ body: 'late' });
  fixture.scheduler.advance(3_000);
  fixture.put({ body: 'last' });
  fixture.memory.killProcess();
  const touched: string[] = [];
  const { memory } = fixture;
  const openFile = memory.openFile.bind(memory);
  memory.openFile = (path, options) => {
    touched.push(path);
    return openFile(path, options);
  };
  fixture.open();
  // Only units behind the checkpoint are dropped and made again: the first file stays as it is.
  assert.is(fixture.bodies().length, 102);
  assert.ok(touched.length > 0);
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

test('a segment size that does not fit the store is an error with path and setting', () => {
  const fixture = new StoreFixture();
  fixture.put({ body: 'a' });
  fixture.close();
  try {
    fixture.open({ mappedFileSizeCommitLog: 4096 });
    assert.unreachable();
  } catch (error) {
    assert.is(errorCode(error), 'SEGMENT_LENGTH');
    assert.match(String(error), /\/store\/commitlog\/0+ .*mappedFileSizeCommitLog/);
  }
});
