import * as assert from 'uvu/assert';
import { PutStatus } from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';
import { StoreFixture } from './store-fixture.ts';

const test = suite('storage/retention');
const HOUR = 3_600_000;

/** A store with `count` messages over about one segment per eight of them, all durable and indexed. */
const filled = (count: number, options = {}): StoreFixture => {
  const fixture = new StoreFixture(options);
  for (let index = 0; index < count; index++) fixture.put({ body: `${index}${'x'.repeat(140)}` });
  fixture.flush();
  fixture.scheduler.advance(200);
  return fixture;
};

const segments = ({ disk }: StoreFixture): number => disk.list('/store/commitlog').length;
const hourOf = (ms: number): number => new Date(ms).getHours();

test('segments go at the hour, after their time, ten a round, never the one in use', () => {
  const fixture = filled(200);
  const startMs = fixture.clock.now();
  const at = (hours: number): number => startMs + hours * HOUR;
  let due = 72;
  while (hourOf(at(due)) !== 4) due += 1;
  const count = segments(fixture);
  assert.ok(count > 15);
  assert.is(fixture.store.cleanExpired(at(due + 1)), 0, 'another hour');
  assert.is(fixture.store.cleanExpired(at(due - 24 * 3)), 0, 'not old enough');
  assert.is(fixture.store.cleanExpired(at(due)), 10);
  assert.is(segments(fixture), count - 10);
  while (fixture.store.cleanExpired(at(due)) > 0);
  assert.ok(fixture.store.minPosition <= fixture.store.appendedPosition - 1);
  assert.is(fixture.put({ body: 'after' }), PutStatus.PUT_OK);
  assert.is(fixture.bodies().at(-1), 'after');
});

test('queue files whose records are all gone go, too, and the first offset follows', () => {
  const fixture = filled(200);
  let dueMs = fixture.clock.now() + 72 * HOUR;
  while (hourOf(dueMs) !== 4) dueMs += HOUR;
  while (fixture.store.cleanExpired(dueMs) > 0);
  const queue = fixture.queue();
  assert.ok(queue.minOffset > 0);
  const bodies = fixture.bodies();
  assert.is(bodies.length, 200 - queue.minOffset);
  assert.is(bodies[0]?.startsWith(`${queue.minOffset}x`), true);
  const first = Number(fixture.disk.list('/store/consumequeue/T/0')[0]) / 20;
  assert.ok(first > 0 && first <= queue.minOffset && queue.minOffset - first <= 10);
  // And a restart agrees.
  fixture.kill();
  assert.is(fixture.queue().minOffset, queue.minOffset);
  assert.equal(fixture.bodies(), bodies);
});

test('a disk that fills up deletes at any hour what is old enough, and above 85 % what is not', () => {
  const fixture = filled(200);
  const { memory, store, clock } = fixture;
  memory.setCapacity(Math.floor(memory.usedBytes / 0.8));
  assert.is(store.cleanExpired(clock.now()), 0, 'nothing is old enough');
  assert.is(store.cleanExpired(clock.now() + 73 * HOUR), 10);
  memory.setCapacity(Math.floor(memory.usedBytes / 0.87));
  assert.ok(store.cleanExpired(clock.now()) > 0);
});

test('above 90 % sends are refused and reads go on, until there is room again', () => {
  const fixture = filled(30, { cleanFileForciblyEnable: false });
  const { memory, store, clock } = fixture;
  memory.setCapacity(Math.floor(memory.usedBytes / 0.95));
  store.cleanExpired(clock.now());
  assert.not(store.isWritable);
  assert.is(fixture.put({ body: 'no' }), PutStatus.SERVICE_NOT_AVAILABLE);
  assert.is(fixture.bodies().length, 30);
  memory.setCapacity(1e9);
  store.cleanExpired(clock.now());
  assert.is(fixture.put({ body: 'yes' }), PutStatus.PUT_OK);
});

test('what is not flushed or not indexed yet is kept', () => {
  const fixture = new StoreFixture({ fileReservedTime: 0 });
  for (let index = 0; index < 60; index++) fixture.put({ body: 'x'.repeat(140) });
  let dueMs = fixture.clock.now() + HOUR;
  while (hourOf(dueMs) !== 4) dueMs += HOUR;
  assert.is(fixture.store.cleanExpired(dueMs), 0);
  fixture.flush();
  assert.is(fixture.store.cleanExpired(dueMs), 0, 'its units are in memory only');
  fixture.scheduler.advance(200);
  assert.ok(fixture.store.cleanExpired(dueMs) > 0);
});

test('the rounds come by themselves', () => {
  const fixture = filled(60, { fileReservedTime: 1 });
  const before = segments(fixture);
  fixture.scheduler.advance(25 * HOUR);
  assert.ok(segments(fixture) < before);
  assert.equal(
    fixture.logs.filter(({ level }) => level === 'error'),
    [],
  );
});

test('a round that fails is logged, and the next one comes', () => {
  const fixture = filled(60, { fileReservedTime: 1, deleteWhen: '' });
  const { memory } = fixture;
  const { space, remove } = memory;
  fixture.scheduler.advance(5_000); // The simulated disk asks itself for its space when it writes.
  memory.space = () => {
    throw new Error('no answer');
  };
  memory.remove = () => {
    throw new Error('not allowed');
  };
  fixture.scheduler.advance(3 * HOUR);
  const failures = fixture.logs.filter(({ message }) => /retention round failed/.test(message));
  assert.ok(failures.length > 0, 'unknown disk use counts as too much');
  memory.space = space;
  memory.remove = remove;
  assert.is(fixture.put({ body: 'still served' }), PutStatus.PUT_OK);
  assert.is(fixture.failure, undefined);
});
