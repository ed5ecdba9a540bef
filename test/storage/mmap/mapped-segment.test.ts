import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  ManualClock,
  ManualScheduler,
  type Pool,
  type SegmentFile,
  silentLogger,
  systemScheduler,
} from '../../../src/base/index.ts';
import { MappedDisk, type MappedDiskOptions } from '../../../src/storage/disk-mapped.ts';
import { type Libc, loadLibc } from '../../../src/storage/mmap/libc.ts';
import {
  createPreparePart,
  PREPARE_TASK,
  type PreparePart,
} from '../../../src/storage/mmap/prepare.task.ts';
import { suite } from '../../support/suite.ts';
import { codeOf, put } from '../disk-fixture.ts';
import { settleReal, withFolder } from '../real-fixture.ts';

const test = suite('mapped segment');
const preparePart = createPreparePart();
const KIB = 1024;
const MIB = 1024 * KIB;
const STEP = 64 * KIB;
const SEGMENT_BYTES = 1024 * KIB;

interface Bench {
  readonly segment: SegmentFile;
  readonly scheduler: ManualScheduler;
  open(): SegmentFile;
}

const realLibc = (): Libc => {
  const result = loadLibc();
  if ('reason' in result) throw new Error(result.reason);
  return result.libc;
};

const withSegment = (
  body: (bench: Bench) => void | Promise<void>,
  change: (libc: Libc) => Partial<Libc> = () => ({}),
  options: Partial<MappedDiskOptions> = {},
): Promise<void> =>
  withFolder(async (folder) => {
    const scheduler = new ManualScheduler(new ManualClock());
    const libc = realLibc();
    const disk = new MappedDisk(
      { ...libc, ...change(libc) },
      { scheduler, logger: silentLogger, allocateBytes: STEP, prepareBytes: STEP, ...options },
    );
    const open = (): SegmentFile =>
      disk.openSegment(join(folder, 'segment'), {
        bytes: SEGMENT_BYTES,
        create: true,
        writable: true,
      });
    const segment = open();
    await body({ segment, scheduler, open });
    segment.close();
  });

/** Runs tasks when told to, on this thread. */
class HandPool implements Pool {
  readonly tasks: (() => void)[] = [];
  readonly parts: PreparePart[] = [];
  run(task: string, argument: unknown, done: (error?: Error, result?: unknown) => void): void {
    assert.is(task, PREPARE_TASK);
    const part = argument as PreparePart;
    this.parts.push(part);
    this.tasks.push(() => {
      try {
        done(undefined, preparePart(part));
      } catch (error) {
        done(error as Error);
      }
    });
  }
  close(): void {
    this.tasks.length = 0;
  }
  runAll(): void {
    for (let task = this.tasks.shift(); task !== undefined; task = this.tasks.shift()) task();
  }
}

const usedBytes = (path: string): number => statSync(path).blocks * 512;

test('a new segment takes no more disk than the writer’s step', () =>
  withSegment(({ segment }) => {
    assert.ok(usedBytes(segment.path) <= 4 * KIB);
    segment.moveWindow(0, 1);
    assert.is(segment.windowEnd, STEP);
    assert.ok(usedBytes(segment.path) <= STEP + 4 * KIB);
  }));

test('S1: the window grows by steps and never past the end', () =>
  withSegment(({ segment }) => {
    segment.moveWindow(0, STEP + 1);
    assert.is(segment.windowEnd, 2 * STEP);
    segment.moveWindow(2 * STEP, 1);
    assert.equal([segment.windowStart, segment.windowEnd], [0, 3 * STEP]);
    segment.moveWindow(3 * STEP, SEGMENT_BYTES - 3 * STEP);
    assert.equal([segment.windowStart, segment.windowEnd], [0, SEGMENT_BYTES]);
  }));

test('S1: a writer that goes on far inside gets a window there, not blocks for all before', () =>
  withSegment(({ segment }) => {
    segment.moveWindow(500 * KIB + 10, 100);
    assert.is(segment.windowStart, 500 * KIB);
    assert.is(segment.windowEnd, 512 * KIB);
    assert.ok(usedBytes(segment.path) <= 2 * STEP);
    segment.window.write('here', 10);
    assert.is(segment.read(500 * KIB + 10, 4).toString(), 'here');
    segment.moveWindow(10, 1);
    assert.equal([segment.windowStart, segment.windowEnd], [0, STEP]);
    assert.is(
      codeOf(() => segment.writeOut(500 * KIB, 500 * KIB + 1)),
      'ASSERTION',
    );
    assert.is(segment.read(500 * KIB + 10, 4).toString(), 'here');
  }));

test('S1: pages the system refuses to fill in are a full disk, and nothing is writable', () => {
  let refuses = true;
  return withSegment(
    ({ segment }) => {
      assert.throws(
        () => segment.moveWindow(0, 100),
        (error: Error & { code?: string }) =>
          error.code === 'DISK_FULL' &&
          /segment: the disk is full, \d+ bytes are needed, \d+ are free/.test(error.message),
      );
      assert.is(segment.windowEnd, 0);
      refuses = false;
      put(segment, 0, Buffer.from('later'));
      refuses = true;
      put(segment, 100, Buffer.from('within the step'));
      assert.is(
        codeOf(() => segment.moveWindow(STEP, 1)),
        'DISK_FULL',
      );
      assert.is(segment.windowEnd, STEP);
      assert.is(segment.read(0, 5).toString(), 'later');
    },
    (libc) => ({
      populate: (address, bytes) => (refuses ? 'refused' : libc.populate(address, bytes)),
    }),
  );
});

test('S1: a step that does not fit is tried with what is needed', () => {
  const asked: number[] = [];
  return withSegment(
    ({ segment }) => {
      segment.moveWindow(0, 5000);
      assert.is(segment.windowEnd, 8192);
      assert.equal(asked, [STEP, 8192]);
    },
    (libc) => ({
      populate(address, bytes) {
        asked.push(bytes);
        return bytes > 8192 ? 'refused' : libc.populate(address, bytes);
      },
    }),
  );
});

test('an old kernel writes as long as some space is free', () =>
  withSegment(
    ({ segment }) => {
      put(segment, 0, Buffer.from('old kernel'));
      assert.is(segment.read(0, 10).toString(), 'old kernel');
    },
    () => ({ populate: () => 'unsupported' }),
  ));

test('S2: holes are read without the mapping, written bytes from it', () =>
  withSegment(({ segment, open }) => {
    const target = Buffer.alloc(8, 1);
    segment.copyTo(900 * KIB, 8, target, 0);
    assert.ok(target.every((byte) => byte === 0));
    const hole = segment.read(900 * KIB, 8);
    put(segment, 0, Buffer.from('first'));
    const view = segment.read(0, 5);
    const reader = open();
    segment.window.write('FIRST');
    assert.is(view.toString(), 'FIRST', 'a view');
    assert.is(reader.read(0, 5).toString(), 'FIRST', 'another mapping of the same pages');
    put(segment, 900 * KIB, Buffer.from('written'));
    assert.ok(
      hole.every((byte) => byte === 0),
      'a copy',
    );
    assert.is(reader.read(900 * KIB, 7).toString(), 'written');
    reader.close();
  }));

test('preparing without a pool takes a step a turn and needs no later allocation', () => {
  let allocations = 0;
  return withSegment(
    ({ segment, scheduler }) => {
      const results: unknown[] = [];
      segment.prepare(200 * KIB, (error) => results.push(error));
      assert.is(allocations, 0);
      scheduler.runDeferred();
      assert.equal(results, [undefined]);
      assert.is(segment.windowEnd, 4 * STEP);
      const before = allocations;
      segment.moveWindow(0, 200 * KIB);
      assert.is(allocations, before);
    },
    (libc) => ({
      allocate(descriptor, position, bytes) {
        if (bytes > 4096) allocations += 1; // The first page is the probe at opening.
        libc.allocate(descriptor, position, bytes);
      },
    }),
  );
});

test('preparing on a pool goes step by step from where the writer stands', () => {
  const pool = new HandPool();
  return withSegment(
    ({ segment, scheduler }) => {
      put(segment, 3 * STEP + 10, Buffer.from('here'));
      const results: unknown[] = [];
      segment.prepare(6 * STEP, (error) => results.push(error));
      scheduler.runDeferred();
      assert.is(pool.parts.length, 1);
      pool.runAll();
      assert.equal(
        pool.parts.map(({ position, bytes }) => [position / STEP, bytes / STEP]),
        [
          [3, 1],
          [4, 1],
          [5, 1],
        ],
      );
      assert.equal(results, [undefined]);
      assert.is(segment.windowEnd, 6 * STEP);
      assert.is(segment.read(3 * STEP + 10, 4).toString(), 'here');
      segment.prepare(6 * STEP, (error) => results.push(error));
      scheduler.runDeferred();
      assert.is(pool.parts.length, 3, 'nothing is prepared twice');
      assert.is(results.length, 2);
    },
    undefined,
    { pool },
  );
});

test('one preparation at a time; closing ends it with an error in its turn', () => {
  const pool = new HandPool();
  return withSegment(
    ({ segment, scheduler }) => {
      const results: (Error | undefined)[] = [];
      segment.prepare(3 * STEP, (error) => results.push(error));
      assert.is(
        codeOf(() => segment.prepare(STEP, () => undefined)),
        'ASSERTION',
      );
      scheduler.runDeferred();
      segment.close();
      pool.runAll();
      assert.is(pool.parts.length, 1);
      assert.equal(
        results.map((error) => (error as { code?: string } | undefined)?.code),
        ['STORE_CLOSED'],
      );
    },
    undefined,
    { pool },
  );
});

test('a helper that fails is reported and costs nothing but time', () => {
  const pool: Pool = {
    run: (_task, _argument, done) => done(new Error('the helper died')),
  };
  return withSegment(
    ({ segment, scheduler }) => {
      const results: (Error | undefined)[] = [];
      segment.prepare(STEP, (error) => results.push(error));
      scheduler.runDeferred();
      assert.match(results[0]?.message ?? '', /cannot prepare .*segment: the helper died/);
      put(segment, 0, Buffer.from('on its own'));
      assert.is(segment.read(0, 10).toString(), 'on its own');
    },
    undefined,
    { pool },
  );
});

test('S3: nothing of a closed segment leads to its memory', () =>
  withSegment(({ segment }) => {
    put(segment, 0, Buffer.from('x'));
    segment.close();
    assert.is(segment.window.length, 0);
    assert.is(segment.windowEnd, segment.windowStart);
    assert.is(segment.window[0], undefined);
    assert.throws(() => segment.read(0, 1), /is closed/);
    assert.throws(() => segment.copyTo(0, 1, Buffer.alloc(1), 0), /is closed/);
    assert.throws(() => segment.moveWindow(0, 1), /is closed/);
    assert.throws(() => segment.retain(), /is closed/);
  }));

test('S5: pages are let go once they lie far enough behind the writer, and keep their bytes', () =>
  withFolder((folder) => {
    const bytes = 4 * MIB;
    const ranges: number[][] = [];
    const libc = realLibc();
    let base = 0;
    const map: Libc['map'] = (...request) => {
      base = libc.map(...request);
      return base;
    };
    const letGo: Libc['letGo'] = (address, length) => {
      ranges.push([address - base, address - base + length]);
      libc.letGo(address, length);
    };
    const disk = new MappedDisk(
      { ...libc, map, letGo },
      { scheduler: systemScheduler, logger: silentLogger },
    );
    const path = join(folder, 'segment');
    const segment = disk.openSegment(path, { bytes, create: true, writable: true });
    for (let at = 0; at < bytes; at += 96 * KIB) {
      const length = Math.min(96 * KIB, bytes - at);
      segment.moveWindow(at, length);
      segment.window.fill(
        1 + (at % 251),
        at - segment.windowStart,
        at - segment.windowStart + length,
      );
      segment.writeOut(at, at + length);
      const letGoEnd = ranges.at(-1)?.[1] ?? 0;
      assert.ok(letGoEnd <= Math.max(0, at + length - MIB), 'the last MiB stays');
    }
    assert.ok(ranges.length >= 2);
    assert.is(ranges[0]?.[0], 0);
    for (let index = 1; index < ranges.length; index++)
      assert.is(ranges[index]?.[0], ranges[index - 1]?.[1], 'without a gap');
    for (let at = 0; at < bytes; at += 96 * KIB) assert.is(segment.read(at, 1)[0], 1 + (at % 251));
    segment.close();
  }));

test('what the system has dropped is not resident, and is after a fetch', () =>
  withSegment(async ({ segment }) => {
    put(segment, 0, Buffer.alloc(SEGMENT_BYTES - 8, 1));
    assert.ok(segment.isResident(0, SEGMENT_BYTES - 8));
    segment.close();
    const target = [`of=${segment.path}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'];
    const hasDropped = spawnSync('dd', target).status === 0;
    const other = new MappedDisk(realLibc(), { scheduler: systemScheduler, logger: silentLogger });
    const wanted = { bytes: SEGMENT_BYTES, create: false, writable: true };
    const again = other.openSegment(segment.path, wanted);
    const isTold = hasDropped && !again.isResident(128 * KIB, 128 * KIB);
    assert.is(await settleReal((done) => again.fetch(128 * KIB, 128 * KIB, done)), undefined);
    assert.ok(again.isResident(128 * KIB, 128 * KIB));
    assert.ok(again.isResident(129 * KIB, 1), 'a part of a page');
    if (isTold) assert.not(again.isResident(0, SEGMENT_BYTES), 'the rest is where it was');
    again.close();
  }));

test('S4: after a fetch that the disk refused nothing is read through the mapping', () =>
  withSegment(async ({ segment, open }) => {
    put(segment, 0, Buffer.from('bytes'));
    const again = open();
    const descriptors = readdirSync('/proc/self/fd').filter((descriptor) => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`) === segment.path;
      } catch {
        return false; // The descriptor of the list itself.
      }
    });
    const last = Math.max(...descriptors.map(Number));
    const copy = `/proc/self/fd/${Math.min(...descriptors.map(Number))}`;
    closeSync(last); // Every call on it fails from here on; the mapping stays.
    const error = await settleReal((done) => again.fetch(0, 10, done));
    assert.ok(error !== undefined);
    assert.is(
      codeOf(() => again.read(0, 5)),
      'IO_FAILED',
    );
    assert.is(
      codeOf(() => again.copyTo(0, 5, Buffer.alloc(5), 0)),
      'IO_FAILED',
    );
    assert.is(segment.read(0, 5).toString(), 'bytes');
    assert.is(openSync(copy, 'r'), last, 'the number is given back');
    again.close();
  }));
