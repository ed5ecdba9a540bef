import * as assert from 'uvu/assert';
import { decodeRecords, tagsCode } from '../../src/message/index.ts';
import { GetResult, GetStatus, getStatusName, type QueueFilter } from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';
import { StoreFixture, TestOutput } from './store-fixture.ts';

/** Matches the codes given, as a tag subscription does. */
const onlyTags = (codes: readonly number[]) => ({
  matches: (code: number) => codes.includes(code),
});

const test = suite('storage/get-messages');

const get = (
  fixture: StoreFixture,
  queueOffset: number,
  messagesMax = 32,
  filter?: QueueFilter,
): { status: string; next: number; bodies: string[]; result: GetResult } => {
  const output = new TestOutput();
  const result = new GetResult();
  const queue = fixture.queue();
  const status = fixture.store.getMessages(queue, queueOffset, messagesMax, filter, output, result);
  assert.is(status, result.status);
  assert.is(result.bytes, output.length);
  assert.is(result.maxOffset, queue.maxOffset);
  assert.is(result.minOffset, queue.minOffset);
  const messages = decodeRecords(output.buffer.subarray(0, output.length));
  assert.is(messages.length, result.messageCount);
  const bodies = messages.map(({ body }) => body.toString());
  return { status: getStatusName(status), next: result.nextBeginOffset, bodies, result };
};

const filled = (count: number, options = {}, body = ''): StoreFixture => {
  const fixture = new StoreFixture({ mappedFileSizeConsumeQueue: 6_000_000, ...options });
  for (let index = 0; index < count; index++)
    fixture.put({ body: `${body}${index}`, properties: { TAGS: `t${index % 3}` } });
  return fixture;
};

const ALL_HOURS = Array.from({ length: 24 }, (_, hour) => hour).join(';');
/** Deletes all segments but the one in use. */
const expire = (fixture: StoreFixture): void => {
  fixture.flush();
  fixture.scheduler.advance(200);
  while (fixture.store.cleanExpired(fixture.clock.now() + 1) > 0);
};

test('outside the queue the status and the next offset are those of RocketMQ', () => {
  const empty = new StoreFixture();
  for (const at of [0, 5]) {
    const { status, next } = get(empty, at);
    assert.equal([status, next], ['NO_MESSAGE_IN_QUEUE', 0]);
  }
  const young = filled(10);
  for (const [at, status, next] of [
    [-1, 'OFFSET_TOO_SMALL', 0],
    [10, 'OFFSET_OVERFLOW_ONE', 10],
    [11, 'OFFSET_OVERFLOW_BADLY', 0],
  ] as const)
    assert.equal([get(young, at).status, get(young, at).next], [status, next], String(at));
  const old = filled(60, { fileReservedTime: 0, deleteWhen: ALL_HOURS });
  expire(old);
  const { minOffset, maxOffset } = old.queue();
  assert.ok(minOffset > 0);
  assert.equal([get(old, 0).status, get(old, 0).next], ['OFFSET_TOO_SMALL', minOffset]);
  const beyond = get(old, maxOffset + 1);
  assert.equal([beyond.status, beyond.next], ['OFFSET_OVERFLOW_BADLY', maxOffset]);
});

test('as many messages as asked for, at most 32, in order', () => {
  const fixture = filled(100);
  assert.equal(get(fixture, 3, 2), {
    ...get(fixture, 3, 2),
    status: 'FOUND',
    next: 5,
    bodies: ['3', '4'],
  });
  assert.is(get(fixture, 0, 100).bodies.length, 32);
  assert.is(get(fixture, 0, 100).next, 32);
  assert.equal(get(fixture, 98, 32).bodies, ['98', '99']);
});

test('at most 256 KiB, but always one message', () => {
  const fixture = new StoreFixture({
    mappedFileSizeCommitLog: 4 * 1024 * 1024,
    mappedFileSizeConsumeQueue: 6_000_000,
  });
  for (let index = 0; index < 5; index++) fixture.put({ body: 'x'.repeat(100_000) });
  fixture.put({ body: 'y'.repeat(300_000) });
  assert.is(get(fixture, 0).bodies.length, 2);
  assert.is(get(fixture, 5).bodies.length, 1);
});

test('far behind the end the smaller limits hold, and the reader is told', () => {
  const fixture = filled(200, { memoryBytes: 5_000 }, 'x'.repeat(50));
  const far = get(fixture, 0);
  assert.is(far.bodies.length, 8);
  assert.ok(far.result.isSlow);
  const near = get(fixture, 195);
  assert.is(near.bodies.length, 5);
  assert.not(near.result.isSlow);
  assert.ok(fixture.store.isInDisk(fixture.queue(), 0));
  assert.not(fixture.store.isInDisk(fixture.queue(), 199));
  assert.not(fixture.store.isInDisk(fixture.queue(), 200));
});

test('a filter passes its tags only, and the offset moves over the others', () => {
  const fixture = filled(30);
  const some = get(fixture, 0, 32, onlyTags([tagsCode('t1')]));
  assert.is(some.status, 'FOUND');
  assert.equal(some.bodies, ['1', '4', '7', '10', '13', '16', '19', '22', '25', '28']);
  assert.is(some.next, 30);
  const none = get(fixture, 0, 32, onlyTags([tagsCode('t9')]));
  assert.equal([none.status, none.next, none.bodies], ['NO_MATCHED_MESSAGE', 30, []]);
});

test('no more than 800 units are looked at in one call, more where more are asked for', () => {
  const fixture = filled(2_000, { mappedFileSizeCommitLog: 1024 * 1024 });
  const nothing = onlyTags([tagsCode('none')]);
  assert.is(get(fixture, 0, 32, nothing).next, 800);
  assert.is(get(fixture, 0, 1_500, nothing).next, 1_500);
});

test('a call stays within one queue file', () => {
  const fixture = filled(25, { mappedFileSizeConsumeQueue: 200 });
  assert.equal([get(fixture, 3).next, get(fixture, 3).bodies.length], [10, 7]);
  assert.is(get(fixture, 10).next, 20);
  assert.is(get(fixture, 20).next, 25);
});

test('a queue file that is gone: on to the next one', () => {
  const fixture = filled(600, { mappedFileSizeConsumeQueue: 200, mappedFileSizeCommitLog: 1e6 });
  fixture.scheduler.advance(200);
  fixture.kill();
  const queue = fixture.queue();
  queue.removeFiles(10, 20);
  assert.equal([get(fixture, 12).status, get(fixture, 12).next], ['OFFSET_FOUND_NULL', 20]);
});

test('records that expired under the reader are passed over up to the next segment', () => {
  const fixture = filled(60, { fileReservedTime: 0, deleteWhen: ALL_HOURS });
  const queue = fixture.queue();
  expire(fixture);
  const firstLeft = queue.minOffset;
  queue.minOffset = 0; // As if the consumer had begun before they went.
  const found = get(fixture, 0, 32);
  if (firstLeft < 60)
    assert.ok(found.status === 'FOUND' || found.status === 'MESSAGE_WAS_REMOVING');
  assert.is(found.bodies[0], String(firstLeft));
  const only = get(fixture, firstLeft - 1, 1);
  assert.equal(only.bodies, [String(firstLeft)]);
  queue.maxOffset = firstLeft;
  assert.equal([get(fixture, 0).status, get(fixture, 0).next], ['MESSAGE_WAS_REMOVING', firstLeft]);
});

test('a damaged record is passed over with an alarm, and those behind it are read', () => {
  const fixture = filled(20);
  const queue = fixture.queue();
  const bad = fixture.store.commitLogOffsetOf(queue, 7);
  const path = '/store/commitlog/00000000000000000000';
  fixture.disk.openFile(path, { create: false, bytes: 0 }).write(bad, Buffer.alloc(8, 0xee));
  const found = get(fixture, 5, 6);
  assert.equal(found.bodies, ['5', '6', '8', '9', '10', '11']);
  assert.is(found.next, 12);
  assert.is(get(fixture, 7, 1).next > 7, true);
  assert.ok(fixture.logs.some(({ level }) => level === 'error'));
});

test('units whose code is no tags code pass every filter', () => {
  const fixture = filled(1);
  fixture.scheduler.advance(200);
  const path = '/store/consumequeue/T/0/00000000000000000000';
  const file = fixture.disk.openFile(path, { create: false, bytes: 0 });
  file.write(12, Buffer.from('8000000000000034', 'hex'));
  fixture.close();
  fixture.open();
  assert.is(get(fixture, 0, 32, onlyTags([7])).status, 'FOUND');
});

test('nothing is visible before its flush under SYNC_FLUSH', () => {
  const fixture = new StoreFixture({ flushDiskType: 'SYNC_FLUSH' });
  fixture.put({ body: 'a' });
  assert.is(get(fixture, 0).status, 'NO_MESSAGE_IN_QUEUE');
  assert.is(fixture.queue().nextQueueOffset, 1);
  fixture.scheduler.runDeferred();
  assert.equal(get(fixture, 0).bodies, ['a']);
  assert.is(GetStatus.FOUND, 0);
});
