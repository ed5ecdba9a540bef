import * as assert from 'uvu/assert';
import {
  type DiskFile,
  errorCode,
  ManualClock,
  ManualScheduler,
  type SegmentFile,
} from '../../src/base/index.ts';
import { MemoryDisk, type MemoryDiskOptions } from '../../src/storage/disk-memory.ts';
import { suite } from '../support/suite.ts';
import { diskContract } from './disk-contract.ts';
import { codeOf, type DiskFixture, put, SMALL_SIZES } from './disk-fixture.ts';

const test = suite('memory disk');

const makeWith = (options: Partial<MemoryDiskOptions>) => (): DiskFixture => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const disk = new MemoryDisk({ clock, scheduler, ...SMALL_SIZES, ...options });
  disk.makeFolder('/data');
  return {
    disk,
    root: '/data',
    settle: (start) =>
      new Promise((resolve, reject) => {
        let isLater = false;
        start((error) => {
          if (isLater) resolve(error);
          else reject(new Error('the callback came in the turn of the call'));
        });
        isLater = true;
        queueMicrotask(() => scheduler.runDeferred());
      }),
    remove: () => undefined,
  };
};

diskContract(test, makeWith({}), 'mapped');
diskContract(test, makeWith({ segments: 'windowed' }), 'windowed');

const SEGMENT_BYTES = 64 * 1024;

interface Machine {
  readonly disk: MemoryDisk;
  readonly clock: ManualClock;
  readonly scheduler: ManualScheduler;
}

const machine = (options: Partial<MemoryDiskOptions> = {}): Machine => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const disk = new MemoryDisk({ clock, scheduler, allocateBytes: 4096, ...options });
  disk.makeFolder('/data');
  return { disk, clock, scheduler };
};

const segmentOf = (disk: MemoryDisk): SegmentFile =>
  disk.openSegment('/data/segment', { bytes: SEGMENT_BYTES, create: true, writable: true });

const fileOf = (disk: MemoryDisk, path = '/data/file'): DiskFile =>
  disk.openFile(path, { create: true, bytes: 16_384 });

const textOf = (disk: MemoryDisk, path: string, start: number, length: number): string =>
  disk.readFile(path)?.toString('latin1', start, start + length) ?? '';

const syncNow = ({ scheduler }: Machine, file: DiskFile | SegmentFile): Error | undefined => {
  const results: (Error | undefined)[] = [];
  file.sync((error) => results.push(error));
  assert.is(results.length, 0);
  scheduler.runDeferred();
  assert.is(results.length, 1);
  return results[0];
};

test('a killed process leaves what it wrote, whatever was synced', () => {
  for (const segments of ['mapped', 'windowed'] as const) {
    const { disk } = machine({ segments, windowBytes: 8192 });
    const segment = segmentOf(disk);
    put(segment, 0, Buffer.from('written'));
    segment.window.write('in memory', 1000);
    const lock = disk.lock('/data/lock');
    disk.killProcess();
    assert.is(textOf(disk, '/data/segment', 0, 7), 'written');
    // Only a mapped window is the file itself.
    const expected = segments === 'mapped' ? 'in memory' : '\0'.repeat(9);
    assert.is(textOf(disk, '/data/segment', 1000, 9), expected);
    assert.throws(() => segment.writeOut(0, 1), /died/);
    const next = disk.lock('/data/lock');
    lock.release();
    assert.throws(() => disk.lock('/data/lock'), /in use/);
    next.release();
  }
});

test('what a dead process still does to its window reaches no one', () => {
  const { disk } = machine();
  const segment = segmentOf(disk);
  put(segment, 0, Buffer.from('old'));
  const { window } = segment;
  disk.killProcess();
  window.write('new');
  assert.is(textOf(disk, '/data/segment', 0, 3), 'old');
});

test('no callback comes after the machine died', () => {
  const { disk, scheduler } = machine();
  const file = fileOf(disk);
  const calls: string[] = [];
  file.sync(() => calls.push('sync'));
  const segment = segmentOf(disk);
  segment.prepare(100, () => calls.push('prepare'));
  disk.killProcess();
  scheduler.runDeferred();
  assert.equal(calls, []);
});

test('a power cut that keeps nothing leaves what was synced, and no file never synced', () => {
  const it = machine();
  const { disk } = it;
  const file = fileOf(disk);
  file.write(0, Buffer.from('synced'));
  assert.is(syncNow(it, file), undefined);
  file.write(0, Buffer.from('unsync'));
  file.write(9000, Buffer.from('unsync'));
  fileOf(disk, '/data/new').write(0, Buffer.from('new'));
  disk.cutPower({ seed: 1, keepUnsynced: 0 });
  assert.is(textOf(disk, '/data/file', 0, 6), 'synced');
  assert.is(textOf(disk, '/data/file', 9000, 6), '\0'.repeat(6));
  assert.is(disk.stat('/data/file')?.bytes, 16_384);
  assert.is(disk.stat('/data/new'), undefined);
});

test('a power cut that keeps everything is a killed process', () => {
  const { disk } = machine();
  fileOf(disk).write(9000, Buffer.from('unsynced'));
  disk.cutPower({ seed: 1, keepUnsynced: 1 });
  assert.is(textOf(disk, '/data/file', 9000, 8), 'unsynced');
});

test('a sync covers what was written before it began, not what came while it ran', () => {
  const { disk, clock, scheduler } = machine();
  disk.syncDelayMs = () => 20;
  const file = fileOf(disk);
  file.write(0, Buffer.from('before'));
  let isDone = false;
  file.sync(() => {
    isDone = true;
  });
  scheduler.advance(10);
  assert.is(isDone, false, `at ${clock.now()}`);
  file.write(4096, Buffer.from('during'));
  scheduler.advance(10);
  assert.is(isDone, true);
  disk.cutPower({ seed: 1, keepUnsynced: 0 });
  assert.is(textOf(disk, '/data/file', 0, 6), 'before');
  assert.is(textOf(disk, '/data/file', 4096, 6), '\0'.repeat(6));
});

test('a sync that the power cut meets may or may not have stored', () => {
  const outcomes = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    const { disk } = machine();
    const file = fileOf(disk);
    file.write(0, Buffer.from('x'));
    file.sync(() => undefined);
    disk.cutPower({ seed, keepUnsynced: 0.5 });
    outcomes.add(textOf(disk, '/data/file', 0, 1));
  }
  assert.equal([...outcomes].sort(), ['', '\0', 'x']);
});

test('the same seed cuts the same way, another one differs, and sectors are whole', () => {
  const cut = (seed: number): Buffer => {
    const it = machine();
    const segment = segmentOf(it.disk);
    syncNow(it, segment);
    put(segment, 0, Buffer.alloc(SEGMENT_BYTES, 7));
    it.disk.cutPower({ seed, keepUnsynced: 0.5 });
    return it.disk.readFile('/data/segment') ?? Buffer.alloc(0);
  };
  const first = cut(5);
  assert.ok(first.equals(cut(5)));
  assert.not.ok(first.equals(cut(6)));
  const kept = { 0: 0, 7: 0 };
  for (let at = 0; at < SEGMENT_BYTES; at += 512) {
    const value = first[at] as 0 | 7;
    kept[value] += 1;
    assert.ok(first.subarray(at, at + 512).every((byte) => byte === value));
  }
  assert.ok(kept[0] > 20 && kept[7] > 20);
});

test('a failed sync stores nothing, and the next one skips what it covered', () => {
  const it = machine();
  const { disk } = it;
  const file = fileOf(disk);
  syncNow(it, file);
  file.write(0, Buffer.from('lost'));
  disk.failNextSync('file');
  assert.is(errorCode(syncNow(it, file)), 'FLUSH_FAILED');
  file.write(4096, Buffer.from('kept'));
  assert.is(syncNow(it, file), undefined);
  disk.cutPower({ seed: 1, keepUnsynced: 0 });
  assert.is(textOf(disk, '/data/file', 0, 4), '\0'.repeat(4));
  assert.is(textOf(disk, '/data/file', 4096, 4), 'kept');
});

test('a failed write changes nothing and is named', () => {
  const { disk } = machine();
  const file = fileOf(disk);
  disk.failNextWrite('file', 2);
  for (let attempt = 0; attempt < 2; attempt++)
    assert.is(
      codeOf(() => file.write(0, Buffer.from('x'))),
      'IO_FAILED',
    );
  fileOf(disk, '/data/other').write(0, Buffer.from('x'));
  file.write(0, Buffer.from('y'));
  assert.is(textOf(disk, '/data/file', 0, 1), 'y');
});

test('a full disk takes what fits, says what is missing and goes on once there is room', () => {
  for (const segments of ['mapped', 'windowed'] as const) {
    const { disk } = machine({ segments, windowBytes: 8192, capacityBytes: 5 * 4096 });
    const segment = segmentOf(disk);
    let position = 0;
    const code = codeOf(() => {
      for (; position < SEGMENT_BYTES; position += 1024)
        put(segment, position, Buffer.alloc(1024, 1));
    });
    assert.is(code, 'DISK_FULL');
    assert.is(position, 5 * 4096);
    assert.is(disk.space('/data').freeBytes, 0);
    assert.throws(
      () => segment.moveWindow(position, 1024),
      (error: Error) => /1024 bytes are needed, 0 are free/.test(error.message),
    );
    disk.setCapacity(6 * 4096);
    put(segment, position, Buffer.alloc(1024, 1));
    assert.ok(segment.read(0, position + 1024).every((byte) => byte === 1));
  }
});

test('removing a file gives its space back', () => {
  const { disk } = machine({ capacityBytes: 8192 });
  fileOf(disk).write(0, Buffer.alloc(8192, 1));
  assert.is(
    codeOf(() => disk.writeFile('/data/x', Buffer.alloc(1))),
    'DISK_FULL',
  );
  disk.remove('/data/file');
  disk.writeFile('/data/x', Buffer.alloc(1));
});

test('a renamed file is durable, unless the disk is strict about it', () => {
  for (const strictRename of [false, true]) {
    const { disk } = machine({ strictRename });
    disk.writeFile('/data/config.tmp', Buffer.from('new'));
    disk.rename('/data/config.tmp', '/data/config');
    disk.cutPower({ seed: 1, keepUnsynced: 0 });
    assert.is(disk.readFile('/data/config')?.toString(), strictRename ? undefined : 'new');
  }
});

test('everything is durable once the disk has settled', () => {
  const { disk } = machine();
  fileOf(disk).write(100, Buffer.from('x'));
  disk.settle();
  disk.cutPower({ seed: 1, keepUnsynced: 0 });
  assert.is(textOf(disk, '/data/file', 100, 1), 'x');
});

test('a clone goes its own way', () => {
  const { disk } = machine();
  const file = fileOf(disk);
  file.write(0, Buffer.from('common'));
  const branch = disk.clone();
  file.write(0, Buffer.from('origin'));
  fileOf(branch).write(0, Buffer.from('branch'));
  assert.is(textOf(disk, '/data/file', 0, 6), 'origin');
  assert.is(textOf(branch, '/data/file', 0, 6), 'branch');
  branch.cutPower({ seed: 1, keepUnsynced: 0 });
  assert.is(branch.stat('/data/file'), undefined);
  assert.is(textOf(disk, '/data/file', 0, 6), 'origin');
});
