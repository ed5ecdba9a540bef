import * as assert from 'uvu/assert';
import { ManualClock, ManualScheduler } from '../../src/base/index.ts';
import { MemoryDisk } from '../../src/storage/index.ts';
import { LogSegments } from '../../src/storage/log-segments.ts';
import { LogView } from '../../src/storage/log-view.ts';
import { segmentName } from '../../src/storage/paths.ts';
import { LogPositions } from '../../src/storage/positions.ts';
import { suite } from '../support/suite.ts';

const test = suite('storage/log-view');
const BYTES = 2048;

const open = (segments: 'mapped' | 'windowed') => {
  const clock = new ManualClock();
  const disk = new MemoryDisk({ clock, scheduler: new ManualScheduler(clock), segments });
  disk.makeFolder('/log');
  for (const base of [0, BYTES])
    disk.writeFile(`/log/${segmentName(base)}`, Buffer.alloc(BYTES, base === 0 ? 'a' : 'b'));
  const log = new LogSegments(disk, '/log', BYTES);
  log.load();
  const positions = new LogPositions();
  positions.appended = 2 * BYTES - 100;
  return new LogView(log, positions);
};

test('a view serves all that lies in it, and moves for the rest', () => {
  const view = open('mapped');
  assert.ok(view.covers(100, 200));
  const { bytes, start } = view;
  assert.is(start, 100);
  assert.ok(view.covers(150, BYTES));
  assert.is(view.bytes, bytes, 'no further view was made');
  assert.ok(view.covers(0, 50), 'before its start');
  assert.is(view.start, 0);
  assert.ok(view.covers(BYTES, BYTES + 1));
  assert.is(view.bytes.subarray(0, 1).toString(), 'b');
});

test('a view ends with its segment and with what was appended', () => {
  const view = open('mapped');
  assert.ok(view.covers(10, 20));
  const { bytes, start, file } = view;
  assert.not(view.covers(BYTES - 1, BYTES + 1));
  assert.not(view.covers(2 * BYTES - 101, 2 * BYTES - 99));
  assert.not(view.covers(5 * BYTES, 5 * BYTES + 1));
  assert.equal([view.bytes, view.start, view.file], [bytes, start, file], 'all is as before');
});

test('nothing is kept of a read that is over', () => {
  const view = open('mapped');
  assert.ok(view.covers(0, 10));
  const { bytes } = view;
  view.clear();
  assert.is(view.bytes.length, 0);
  assert.ok(view.covers(0, 10));
  assert.is.not(view.bytes, bytes);
});

test('a disk without views has none', () => {
  assert.not(open('windowed').covers(0, 10));
});
