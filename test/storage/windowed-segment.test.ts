import * as assert from 'uvu/assert';
import { type DiskFile, ManualClock, ManualScheduler } from '../../src/base/index.ts';
import { StorageError } from '../../src/storage/storage-error.ts';
import { WindowedSegment } from '../../src/storage/windowed-segment.ts';
import { suite } from '../support/suite.ts';
import { codeOf, put } from './disk-fixture.ts';

const test = suite('windowed segment');
const SEGMENT_BYTES = 256 * 1024;
const WINDOW_BYTES = 32 * 1024;

/** A file in memory that counts what is written and has room up to a position. */
class FakeFile implements DiskFile {
  readonly path = '/data/segment';
  readonly content = Buffer.alloc(SEGMENT_BYTES);
  bytes = SEGMENT_BYTES;
  roomEnd = SEGMENT_BYTES;
  writes: [number, number][] = [];
  isClosed = false;

  read(position: number, target: Uint8Array): number {
    const end = Math.min(this.bytes, position + target.length);
    target.set(this.content.subarray(position, end));
    return Math.max(0, end - position);
  }
  isResident(): boolean {
    return false;
  }
  fetch(_position: number, _bytes: number, done: (error?: Error) => void): void {
    done();
  }
  write(position: number, source: Uint8Array): void {
    if (position + source.length > this.roomEnd) throw new StorageError('DISK_FULL', 'full');
    this.writes.push([position, source.length]);
    this.content.set(source, position);
  }
  sync(done: (error?: Error) => void): void {
    done();
  }
  close(): void {
    this.isClosed = true;
  }
}

const open = (file = new FakeFile(), writable = true) => ({
  file,
  segment: new WindowedSegment(file, {
    bytes: SEGMENT_BYTES,
    writable,
    windowBytes: WINDOW_BYTES,
    scheduler: new ManualScheduler(new ManualClock()),
  }),
});

test('W1: a window that slides shows what the file holds, not what was left in it', () => {
  const { file, segment } = open();
  file.content.write('in the file', 40_000);
  segment.moveWindow(0, 100);
  segment.window.fill(9);
  segment.moveWindow(40_000, 100);
  const at = 40_000 - segment.windowStart;
  assert.is(segment.window.toString('latin1', at, at + 11), 'in the file');
  assert.is(segment.window[at + 11], 0);
  assert.is(segment.read(0, 1)[0], 0, 'what was not written out is gone');
});

test('W2: the window is written once when it slides, then only what is told', () => {
  const { file, segment } = open();
  segment.moveWindow(10, 20);
  assert.is(
    file.writes.reduce((sum, [, length]) => sum + length, 0),
    WINDOW_BYTES,
  );
  file.writes = [];
  segment.moveWindow(50, 20);
  assert.equal(file.writes, []);
  segment.window.write('record', 50);
  segment.writeOut(50, 56);
  segment.writeOut(56, 56);
  assert.equal(file.writes, [[50, 6]]);
});

test('W2: on a full disk the window ends where the file has blocks', () => {
  const { file, segment } = open();
  file.roomEnd = 10_000;
  segment.moveWindow(0, 8000);
  assert.ok(segment.windowEnd >= 8000 && segment.windowEnd <= 10_000);
  assert.is(
    codeOf(() => segment.moveWindow(8000, 4000)),
    'DISK_FULL',
  );
  assert.is(segment.windowEnd, segment.windowStart, 'nothing is writable after a failure');
  file.roomEnd = SEGMENT_BYTES;
  put(segment, 8000, Buffer.alloc(4000, 3));
  assert.is(file.content[11_999], 3);
});

test('a record longer than the window makes it grow', () => {
  const { segment } = open();
  put(segment, 5000, Buffer.alloc(3 * WINDOW_BYTES, 4));
  assert.ok(segment.read(5000, 3 * WINDOW_BYTES).every((byte) => byte === 4));
});

test('reads join the window with the file around it', () => {
  const { file, segment } = open();
  file.content.fill(1);
  segment.moveWindow(40_960, 100);
  segment.window.fill(2);
  const bytes = segment.read(40_000, 60_000);
  const start = segment.windowStart - 40_000;
  const end = segment.windowEnd - 40_000;
  assert.ok(bytes.subarray(0, start).every((byte) => byte === 1));
  assert.ok(bytes.subarray(start, end).every((byte) => byte === 2));
  assert.ok(bytes.subarray(end).every((byte) => byte === 1));
});

test('a file cut by someone else is named, not read as zeros', () => {
  const { file, segment } = open();
  file.bytes = 1000;
  assert.is(
    codeOf(() => segment.read(900, 200)),
    'SEGMENT_LENGTH',
  );
  assert.is(
    codeOf(() => segment.moveWindow(900, 200)),
    'SEGMENT_LENGTH',
  );
});

test('the file is closed with the last lease', () => {
  const { file, segment } = open();
  segment.retain();
  segment.close();
  assert.is(file.isClosed, false);
  segment.release();
  assert.is(file.isClosed, true);
});
