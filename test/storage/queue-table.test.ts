import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { FOLDER, putUnits, QueueFixture } from './queue-fixture.ts';

const test = suite('storage/queue-table');

test('a queue is one object from its first use, and a folder from its first unit', () => {
  const { table, disk } = new QueueFixture();
  const queue = table.queue('%RETRY%group', 3);
  assert.is(table.queue('%RETRY%group', 3), queue);
  assert.is(table.find('%RETRY%group', 4), undefined);
  assert.equal(disk.list(FOLDER), []);
  putUnits(queue, 1);
  assert.ok(table.writeAll());
  assert.equal(disk.list(FOLDER), ['%RETRY%group']);
});

test('folders are found again; names that are no queue id are left alone', () => {
  const fixture = new QueueFixture();
  for (const id of [0, 1, 12]) putUnits(fixture.queue('A', id), 1);
  putUnits(fixture.queue('B', 0), 1);
  fixture.table.writeAll();
  fixture.disk.makeFolder(`${FOLDER}/A/lost+found`);
  fixture.disk.writeFile(`${FOLDER}/a file`, Buffer.alloc(1));
  fixture.reopen();
  assert.equal(fixture.table.topics().sort(), ['A', 'B']);
  assert.equal(
    fixture.table.queues('A').map(({ queueId }) => queueId),
    [0, 1, 12],
  );
  assert.is(fixture.table.queues().length, 4);
});

test('a removed topic leaves neither queues nor files, and a late unit is not written', () => {
  const { table, disk } = new QueueFixture();
  const queue = table.queue('A', 0);
  putUnits(queue, 20);
  table.writeAll();
  putUnits(queue, 5);
  table.remove('A');
  putUnits(queue, 5);
  assert.ok(table.writeAll());
  assert.equal(disk.list(FOLDER), []);
  assert.not(table.hasDirty);
  assert.is(table.find('A', 0), undefined);
  assert.is.not(table.queue('A', 0), queue);
});

test('while it is held nothing is written, and everything is once it is not', () => {
  const { table, disk } = new QueueFixture();
  table.isHeld = true;
  const queue = table.queue('A', 0);
  putUnits(queue, 200);
  assert.not(table.writeAll());
  assert.not(table.isRefused, 'holding back is no refusal');
  assert.equal(disk.list(FOLDER), []);
  table.isHeld = false;
  assert.ok(table.writeAll());
  assert.is(queue.writtenUnit, 200);
});

test('one queue whose file fails does not keep the others from being written', () => {
  const { table, disk } = new QueueFixture();
  for (const topic of ['A', 'B', 'C']) putUnits(table.queue(topic, 0), 3);
  disk.failNextWrite('/B/');
  assert.not(table.writeAll());
  assert.is(table.queue('A', 0).writtenUnit, 3);
  assert.is(table.queue('B', 0).writtenUnit, 0);
  assert.is(table.queue('C', 0).writtenUnit, 3);
  assert.ok(table.writeAll());
  assert.is(table.queue('B', 0).writtenUnit, 3);
});
