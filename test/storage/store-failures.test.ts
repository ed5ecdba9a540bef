import * as assert from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import { decodeRecord } from '../../src/message/index.ts';
import { LogPositions, PutStatus, readPositions } from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';
import { StoreFixture } from './store-fixture.ts';

const test = suite('storage/store-failures');

const numbers = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `message ${from + index}`);

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

test('nothing becomes durable before the abort marker is', () => {
  const fixture = new StoreFixture();
  fixture.close();
  fixture.memory.syncDelayMs = (path) => (path.includes('abort') ? 700 : 0);
  fixture.open();
  for (const body of numbers(200)) fixture.put({ body });
  fixture.store.flush(() => undefined);
  fixture.scheduler.advance(600);
  assert.is(fixture.store.flushedPosition, 0);
  assert.equal(fixture.disk.list('/store/consumequeue'), []);
  assert.equal(fixture.bodies(), numbers(200));
  fixture.scheduler.advance(300);
  assert.is(fixture.store.flushedPosition, fixture.store.appendedPosition);
  assert.equal(fixture.disk.list('/store/consumequeue'), ['T']);
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

test('a segment missing in a part of the log that is trusted is an error, each time', () => {
  const fixture = new StoreFixture();
  for (const body of numbers(200)) fixture.put({ body });
  fixture.close();
  const path = '/store/commitlog/00000000000000004096';
  const bytes = fixture.disk.readFile(path) ?? Buffer.alloc(0);
  fixture.disk.remove(path);
  for (let attempt = 0; attempt < 2; attempt++)
    try {
      fixture.open();
      assert.unreachable();
    } catch (error) {
      assert.is(errorCode(error), 'NOT_FOUND');
      assert.ok(String(error).includes(path));
    }
  fixture.disk.writeFile(path, bytes);
  fixture.open();
  assert.equal(fixture.bodies(), numbers(200));
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
