import * as assert from 'uvu/assert';
import { seededRandom, silentLogger } from '../../src/base/index.ts';
import type { ConsumeQueue } from '../../src/storage/consume-queue.ts';
import { correctMinOffset, lowerBound, QueueRecovery } from '../../src/storage/queue-recovery.ts';
import { FILLER_BYTES, UNIT_BYTES, UnitReader } from '../../src/storage/queue-unit.ts';
import { suite } from '../support/suite.ts';
import { LogFixture } from './log-fixture.ts';
import { FOLDER, putUnits, QueueFixture, unitsOf } from './queue-fixture.ts';

const test = suite('storage/queue-recovery');

const recover = (
  fixture: QueueFixture,
  limits: { limit: number; minimum?: number; wipes?: boolean },
  log = new LogFixture(),
): ConsumeQueue => {
  const recovery = new QueueRecovery(fixture.files, log.segments, silentLogger, {
    minimum: Number.MAX_SAFE_INTEGER, // The log holds none of these records: units are taken on trust.
    wipes: true,
    ...limits,
  });
  recovery.recover(fixture.queue());
  return fixture.queue();
};

test('a queue comes back with the units of records before the limit, whatever their number', () => {
  for (let count = 1; count <= 45; count += 2)
    for (let limit = 0; limit <= count; limit += 3) {
      const fixture = new QueueFixture();
      putUnits(fixture.queue(), count);
      fixture.table.writeAll();
      fixture.reopen();
      const queue = recover(fixture, { limit: limit * 100 });
      assert.is(queue.maxOffset, limit, `${limit} of ${count}`);
      assert.is(queue.maxPhysicalPosition, limit * 100);
      assert.is(queue.nextQueueOffset, limit);
      assert.equal(unitsOf(queue, 0, limit).length, limit);
    }
});

test('what was cut off does not come back, and the queue goes on', () => {
  const fixture = new QueueFixture();
  putUnits(fixture.queue(), 28);
  fixture.table.writeAll();
  fixture.reopen();
  recover(fixture, { limit: 1300 });
  assert.equal(fixture.files.starts(`${FOLDER}/T/0`), [0, 200]);
  fixture.reopen();
  const queue = recover(fixture, { limit: 1e9 });
  assert.is(queue.maxOffset, 13);
  putUnits(queue, 2);
  assert.is(unitsOf(queue).length, 15);
});

test('V3: units behind the limit may be anything, torn ones included', () => {
  const random = seededRandom(5);
  for (let round = 0; round < 200; round++) {
    const fixture = new QueueFixture();
    const log = new LogFixture(64 * 1024);
    const bytes = log.put('x'.repeat(9)) >= 0 ? log.positions.appended : 0;
    for (let unit = 1; unit < 30; unit++) log.put('x'.repeat(9), 'T', unit);
    const queue = fixture.queue();
    for (let unit = 0; unit < 30; unit++) queue.put(unit, unit * bytes, bytes, 0);
    fixture.table.writeAll();
    const trusted = random.below(30);
    // Garbage in sectors that a power cut mixed up, the live end among them.
    for (let hit = 0; hit < 6; hit++) {
      const unit = trusted + random.below(30 - trusted);
      const path = `${FOLDER}/T/0/${String(Math.floor(unit / 10) * 200).padStart(20, '0')}`;
      const file = fixture.disk.openFile(path, { create: false, bytes: 0 });
      const position = (unit % 10) * UNIT_BYTES + random.below(UNIT_BYTES);
      const length = Math.min(1 + random.below(30), 200 - position);
      file.write(position, Buffer.alloc(length, random.below(3)));
    }
    fixture.reopen();
    const found = recover(fixture, { limit: trusted * bytes, minimum: 0 }, log);
    assert.is(found.maxOffset, trusted, `round ${round}`);
    assert.equal(
      unitsOf(found, 0, trusted),
      Array.from({ length: trusted }, (_, unit) => [unit * bytes, bytes]),
    );
  }
});

test('a queue RocketMQ shifted (unit n is not the record n) is walked and kept', () => {
  const fixture = new QueueFixture();
  const log = new LogFixture(64 * 1024);
  const positions = Array.from({ length: 8 }, (_, index) => log.put('b', 'T', index + 5));
  const bytes = (positions[1] ?? 0) - (positions[0] ?? 0);
  const queue = fixture.queue();
  positions.forEach((position, unit) => {
    queue.put(unit, position, bytes, 0);
  });
  fixture.table.writeAll();
  fixture.reopen();
  assert.is(recover(fixture, { limit: 1e9, minimum: 0, wipes: false }, log).maxOffset, 8);
});

test('files of another length, or behind a gap, are deleted: the log holds what they held', () => {
  const fixture = new QueueFixture();
  putUnits(fixture.queue(), 45);
  fixture.table.writeAll();
  fixture.disk.remove(`${FOLDER}/T/0/00000000000000000400`);
  fixture.reopen();
  assert.is(recover(fixture, { limit: 1e9 }).maxOffset, 20);
  fixture.disk.writeFile(`${FOLDER}/T/0/00000000000000000200`, Buffer.alloc(0));
  fixture.reopen();
  assert.is(recover(fixture, { limit: 1e9 }).maxOffset, 10);
  assert.equal(fixture.files.starts(`${FOLDER}/T/0`), [0]);
});

test('a file with fillers alone is no queue', () => {
  const fixture = new QueueFixture();
  fixture.queue().put(3, 300, 100, 0);
  fixture.table.writeAll();
  fixture.reopen();
  const queue = recover(fixture, { limit: 200 });
  assert.is(queue.maxOffset, 0);
  assert.equal(fixture.files.starts(`${FOLDER}/T/0`), []);
});

test('fillers in the middle do not end a queue; fillers at its end are dropped', () => {
  const fixture = new QueueFixture(100);
  putUnits(fixture.queue(), 3);
  fixture.queue().put(6, 600, 100, 0);
  fixture.queue().put(9, 900, 100, 0);
  fixture.table.writeAll();
  fixture.reopen();
  assert.is(recover(fixture, { limit: 1e9, wipes: false }).maxOffset, 10);
  fixture.reopen();
  const queue = recover(fixture, { limit: 700 });
  assert.is(queue.maxOffset, 7);
  assert.equal(unitsOf(queue)[4], [0, FILLER_BYTES]);
});

test('the first offset is that of the first unit whose record the log still holds', () => {
  for (let minimum = 0; minimum <= 1000; minimum += 50) {
    const fixture = new QueueFixture();
    putUnits(fixture.queue(), 25);
    fixture.table.writeAll();
    const queue = fixture.queue();
    correctMinOffset(queue, minimum, new UnitReader());
    // Only the first file is looked at; where all its records are gone the offset stays.
    assert.is(queue.minOffset, minimum > 900 ? 0 : Math.ceil(minimum / 100), String(minimum));
  }
});

test('fillers at the front are before the first offset', () => {
  const fixture = new QueueFixture();
  const log = new LogFixture();
  const position = log.put('first', 'T', 7);
  fixture.queue().put(7, position, log.positions.appended, 0);
  fixture.table.writeAll();
  fixture.reopen();
  assert.is(recover(fixture, { limit: 1e9, minimum: 0, wipes: false }, log).minOffset, 7);
});

test('a search by halving finds the first unit that is not below, fillers or not', () => {
  const random = seededRandom(11);
  const reader = new UnitReader();
  for (let round = 0; round < 50; round++) {
    const fixture = new QueueFixture(64);
    const queue = fixture.queue();
    const real: number[] = [];
    for (let unit = 0; unit < 50; unit++)
      if (unit === 0 || random.below(3) > 0) {
        queue.put(unit, unit * 100, 100, 0);
        real.push(unit);
      }
    queue.writeOut();
    const wanted = random.below(55) * 100;
    const found = lowerBound(queue, 0, queue.maxOffset, reader, (offset) => offset < wanted);
    const below = real.filter((unit) => unit * 100 < wanted);
    assert.is(found, below.length === 0 ? 0 : (below.at(-1) ?? 0) + 1, `round ${round}`);
  }
});
