import * as assert from 'uvu/assert';
import { QueueReadAhead, READ_AHEAD_UNITS } from '../../src/storage/queue-read-ahead.ts';
import {
  UNIT_BYTES,
  UnitReader,
  unitCommitLogOffset,
  writeUnit,
} from '../../src/storage/queue-unit.ts';
import { suite } from '../support/suite.ts';

const test = suite('storage/queue-read-ahead');

class Source {
  reads = 0;
  fileVersion = 0;
  shift = 0;
  isMissing = false;
  readonly serial: number;

  constructor(serial: number) {
    this.serial = serial;
  }

  readFile(unit: number, count: number, reader: UnitReader): boolean {
    this.reads += 1;
    if (this.isMissing) return false;
    const room = reader.room(count * UNIT_BYTES);
    for (let index = 0; index < count; index++)
      writeUnit(room, index * UNIT_BYTES, unit + index + this.shift, 1, 0);
    return true;
  }
}

const first = (reader: UnitReader): number => unitCommitLogOffset(reader.buffer, reader.index);

test('a reader that goes forward reads the file once per batch', () => {
  const source = new Source(1);
  const readAhead = new QueueReadAhead();
  const reader = new UnitReader();
  for (let unit = 0; unit < 2 * READ_AHEAD_UNITS; unit += 32) {
    const count = readAhead.read(source, unit, 2 * READ_AHEAD_UNITS - unit, reader);
    assert.ok(count >= 32);
    assert.is(first(reader), unit);
  }
  assert.is(source.reads, 2);
});

test('a queue that was cut or restarted is read again', () => {
  const source = new Source(1);
  const readAhead = new QueueReadAhead();
  const reader = new UnitReader();
  readAhead.read(source, 0, 10, reader);
  source.shift = 1000;
  source.fileVersion += 1;
  readAhead.read(source, 0, 10, reader);
  assert.is(first(reader), 1000);
});

test('queues that share a place take turns, and never see each other’s units', () => {
  const [a, b] = [new Source(1), new Source(65)];
  b.shift = 500;
  const readAhead = new QueueReadAhead();
  const reader = new UnitReader();
  for (let round = 0; round < 3; round++) {
    readAhead.read(a, 5, 10, reader);
    assert.is(first(reader), 5);
    readAhead.read(b, 5, 10, reader);
    assert.is(first(reader), 505);
  }
});

test('no more is handed out than exists, and nothing of a missing file', () => {
  const source = new Source(1);
  const readAhead = new QueueReadAhead();
  const reader = new UnitReader();
  assert.is(readAhead.read(source, 0, 10, reader), 10);
  assert.is(readAhead.read(source, 8, 2, reader), 2);
  source.isMissing = true;
  assert.is(readAhead.read(source, 10, 5, reader), 0);
  assert.is(readAhead.read(source, 10, 5, reader), 0, 'a failed fetch leaves nothing behind');
});
