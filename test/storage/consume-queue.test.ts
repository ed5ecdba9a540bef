import * as assert from 'uvu/assert';
import { FILLER_BYTES, UNIT_BYTES } from '../../src/storage/queue-unit.ts';
import { suite } from '../support/suite.ts';
import { FOLDER, putUnits, QueueFixture, unitsOf } from './queue-fixture.ts';
import { storeVectors } from './store-vectors.ts';

const test = suite('storage/consume-queue');
const record = (unit: number): [number, number] => [unit * 100, 100];

test('units go to the files and positions RocketMQ gives them', () => {
  for (const { logicalOffset, fileSize, file, positionInFile } of storeVectors.consumeQueue
    .fileNames) {
    const fixture = new QueueFixture(fileSize / UNIT_BYTES);
    const queue = fixture.queue();
    queue.put(logicalOffset, 4096, 100, 7);
    queue.writeOut();
    const stored = fixture.disk.readFile(`${FOLDER}/T/0/${file}`);
    assert.is(stored?.length, fileSize);
    assert.is(stored?.readUInt32BE(positionInFile + 4), 4096);
    assert.is(stored?.readInt32BE(positionInFile + 8), 100);
  }
});

test('units are read while they are in memory, while some are written, and after', () => {
  const queue = new QueueFixture().queue();
  for (let round = 0; round < 20; round++) {
    putUnits(queue, 7);
    if (round % 3 === 0) queue.writeOut();
    const expected = Array.from({ length: queue.maxOffset }, (_, unit) => record(unit));
    assert.equal(unitsOf(queue), expected);
  }
});

test('Q1: a busy queue writes by itself and its memory stays bounded', () => {
  const fixture = new QueueFixture(100);
  const queue = fixture.queue();
  putUnits(queue, 1000);
  assert.ok(queue.maxOffset - queue.writtenUnit <= 32);
  assert.is(unitsOf(queue).length, 1000);
});

test('Q2: a record indexed before is ignored', () => {
  const queue = new QueueFixture().queue();
  putUnits(queue, 25);
  for (let unit = 0; unit < 25; unit++) assert.not(queue.put(unit, unit * 100, 100, 0));
  assert.is(queue.maxOffset, 25);
  assert.not(queue.put(7, 5000, 100, 0), 'nor is an older queue offset taken');
});

test('missing units become fillers, so that unit n stays the record with queue offset n', () => {
  const queue = new QueueFixture().queue();
  putUnits(queue, 3);
  queue.put(5, 500, 100, 0);
  assert.equal(unitsOf(queue), [
    record(0),
    record(1),
    record(2),
    [0, FILLER_BYTES],
    [0, FILLER_BYTES],
    record(5),
  ]);
});

test('a gap too large to be true is not filled: the unit goes to the end, as in RocketMQ', () => {
  const queue = new QueueFixture().queue();
  putUnits(queue, 3);
  queue.put(2 ** 40, 300, 100, 0);
  assert.is(queue.maxOffset, 4);
  assert.ok(queue.put(4, 400, 100, 0));
});

test('a queue that begins in the middle of a file has fillers before its first unit', () => {
  const fixture = new QueueFixture();
  const queue = fixture.queue();
  queue.put(23, 2300, 100, 0);
  queue.writeOut();
  assert.is(queue.minOffset, 23);
  assert.is(queue.maxOffset, 24);
  const stored = fixture.disk.readFile(`${FOLDER}/T/0/00000000000000000400`) ?? Buffer.alloc(0);
  const filler = storeVectors.consumeQueue.units.find(({ note }) => note.includes('filler'))?.hex;
  assert.is(stored.subarray(0, 60).toString('hex'), `${filler}${filler}${filler}`);
  assert.is(stored.readInt32BE(68), 100);
});

test('a topic that was deleted and began again replaces its old units', () => {
  const fixture = new QueueFixture();
  const queue = fixture.queue();
  putUnits(queue, 15);
  queue.writeOut();
  queue.put(0, 9000, 100, 0);
  queue.put(1, 9100, 100, 0);
  assert.equal(unitsOf(queue), [
    [9000, 100],
    [9100, 100],
  ]);
  assert.equal(fixture.disk.list(`${FOLDER}/T/0`), []);
});

test('a disk that refuses loses no unit, and takes them later', () => {
  const fixture = new QueueFixture(100);
  const queue = fixture.queue();
  fixture.disk.setCapacity(0);
  putUnits(queue, 500);
  assert.ok(fixture.table.isRefused);
  assert.is(unitsOf(queue).length, 500);
  fixture.disk.setCapacity(1e9);
  assert.ok(fixture.table.writeAll());
  assert.not(fixture.table.isRefused);
  assert.is(queue.writtenUnit, 500);
  assert.equal(unitsOf(queue)[499], record(499));
});

test('reads stay within one file and within the queue', () => {
  const queue = new QueueFixture().queue();
  putUnits(queue, 25);
  assert.equal(unitsOf(queue, 24, 25), [record(24)]);
  assert.throws(() => unitsOf(queue, 25, 26));
  assert.throws(() => unitsOf(queue, -1, 0));
});
