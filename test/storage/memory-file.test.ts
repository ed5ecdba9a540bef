import * as assert from 'uvu/assert';
import { ManualClock, ManualScheduler } from '../../src/base/index.ts';
import { MemoryFile, type MemoryHost } from '../../src/storage/memory-file.ts';
import { MemoryInode } from '../../src/storage/memory-inode.ts';
import { StorageError } from '../../src/storage/storage-error.ts';
import { suite } from '../support/suite.ts';
import { codeOf } from './disk-fixture.ts';

const test = suite('memory file');

const setUp = (change: Partial<MemoryHost> = {}) => {
  const clock = new ManualClock(1000);
  const scheduler = new ManualScheduler(clock);
  const state = { generation: 0, roomEnd: Number.POSITIVE_INFINITY };
  const host: MemoryHost = {
    scheduler,
    nowMs: () => clock.now(),
    get generation() {
      return state.generation;
    },
    allocate(inode, start, end) {
      const roomEnd = Math.min(end, state.roomEnd);
      inode.allocate(start, roomEnd);
      return roomEnd;
    },
    writeFault: () => undefined,
    syncFault: () => undefined,
    syncDelayMs: () => 0,
    fetchDelayMs: () => 0,
    noteStall: () => undefined,
    full: (path, neededBytes) => new StorageError('DISK_FULL', path, { neededBytes }),
    ...change,
  };
  const inode = new MemoryInode(8192, 0);
  return { clock, scheduler, state, inode, file: new MemoryFile('/file', inode, host) };
};

test('a write that does not fit leaves what fits, and says how much is missing', () => {
  const { state, file, inode } = setUp();
  state.roomEnd = 100;
  try {
    file.write(90, Buffer.alloc(30, 1));
    assert.unreachable();
  } catch (error) {
    assert.equal((error as StorageError).details, { neededBytes: 20 });
  }
  assert.is(inode.content[99], 1);
  assert.is(inode.content[100], 0);
});

test('a write moves the time of modification', () => {
  const { clock, file, inode } = setUp();
  clock.advance(5);
  file.write(0, Buffer.from('x'));
  assert.is(inode.modifiedMs, 1005);
});

test('a slow sync ends when its time has come, on the scheduler', () => {
  const { scheduler, file } = setUp({ syncDelayMs: () => 30 });
  let isDone = false;
  file.sync(() => {
    isDone = true;
  });
  scheduler.advance(29);
  assert.is(isDone, false);
  scheduler.advance(1);
  assert.is(isDone, true);
});

test('a handle from before the machine died is a bug to use', () => {
  const { state, file } = setUp();
  state.generation += 1;
  assert.is(file.isAlive, false);
  for (const body of [
    () => file.read(0, Buffer.alloc(1)),
    () => file.write(0, Buffer.alloc(1)),
    () => file.sync(() => undefined),
    () => file.reserve(1),
  ])
    assert.is(codeOf(body), 'ASSERTION');
});

test('a read of what left main memory stalls once, and not at all after a fetch', () => {
  const stalls: string[] = [];
  const { scheduler, inode, file } = setUp({
    noteStall: (path) => void stalls.push(path),
    fetchDelayMs: () => 5,
  });
  file.write(0, Buffer.alloc(8192, 1));
  inode.evict();
  file.fetch(0, 4096, () => stalls.push('fetched'));
  scheduler.advance(4);
  assert.not(file.isResident(0, 1));
  scheduler.advance(1);
  assert.ok(file.isResident(0, 4096));
  assert.not(file.isResident(4000, 100));
  file.read(0, Buffer.alloc(10));
  assert.equal(stalls, ['fetched']);
  file.read(4000, Buffer.alloc(100));
  file.read(8000, Buffer.alloc(100));
  assert.equal(stalls, ['fetched', '/file']);
});
