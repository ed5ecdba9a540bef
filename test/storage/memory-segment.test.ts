import * as assert from 'uvu/assert';
import { ManualClock, ManualScheduler } from '../../src/base/index.ts';
import { MemoryDisk } from '../../src/storage/disk-memory.ts';
import { suite } from '../support/suite.ts';
import { codeOf, put } from './disk-fixture.ts';

const test = suite('memory segment');
const SEGMENT_BYTES = 128 * 1024;

const setUp = (allocateBytes = 16_384) => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const disk = new MemoryDisk({ clock, scheduler, allocateBytes });
  const open = (writable = true) =>
    disk.openSegment('/segment', { bytes: SEGMENT_BYTES, create: true, writable });
  return { disk, scheduler, open, segment: open() };
};

test('its window is the whole file, writable as far as it has blocks', () => {
  const { disk, segment } = setUp();
  assert.equal([segment.windowStart, segment.window.length], [0, SEGMENT_BYTES]);
  segment.moveWindow(20_000, 10);
  assert.is(segment.windowEnd, 32_768);
  assert.is(disk.usedBytes, 32_768);
  assert.is(
    codeOf(() => segment.writeOut(32_768, 32_769)),
    'ASSERTION',
  );
});

test('what is put into the window is seen by every opener at once', () => {
  const { segment, open } = setUp();
  const reader = open(false);
  segment.moveWindow(0, 10);
  segment.window.write('seen');
  assert.is(reader.read(0, 4).toString(), 'seen');
  assert.is(
    codeOf(() => reader.moveWindow(0, 1)),
    'ASSERTION',
  );
});

test('preparing allocates ahead in a later turn, or reports the full disk', () => {
  const { disk, scheduler, segment } = setUp();
  const results: unknown[] = [];
  segment.prepare(50_000, (error) => results.push(error));
  assert.is(disk.usedBytes, 0);
  scheduler.runDeferred();
  assert.is(segment.windowEnd, 65_536);
  disk.setCapacity(65_536);
  segment.prepare(100_000, (error) => results.push((error as { code?: string }).code));
  scheduler.runDeferred();
  assert.equal(results, [undefined, 'DISK_FULL']);
});

test('a segment closed before its preparation began says so', () => {
  const { scheduler, segment } = setUp();
  const results: unknown[] = [];
  put(segment, 0, Buffer.from('x'));
  segment.prepare(50_000, (error) => results.push((error as { code?: string }).code));
  segment.close();
  scheduler.runDeferred();
  assert.equal(results, ['STORE_CLOSED']);
});
