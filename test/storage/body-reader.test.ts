import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  type Disk,
  ManualClock,
  ManualScheduler,
  type SegmentFile,
  silentLogger,
  systemScheduler,
} from '../../src/base/index.ts';
import { BODY_IDLE_MS, BODY_SWEEP_MS, SegmentBodyReader } from '../../src/storage/body-reader.ts';
import { createFileDisk } from '../../src/storage/disk-file.ts';
import { createMappedDisk } from '../../src/storage/disk-mapped.ts';
import { MemoryDisk } from '../../src/storage/disk-memory.ts';
import { segmentName } from '../../src/storage/paths.ts';
import { suite } from '../support/suite.ts';
import { put, SMALL_SIZES } from './disk-fixture.ts';

const test = suite('storage/body-reader');
const SEGMENT_BYTES = 192 * 1024;

/** What a reader did with the segments it opened. */
interface Watched {
  readonly base: number;
  retained: number;
  isClosed: boolean;
}

/** The disk, and what becomes of the segments opened for reading. */
const watch = (disk: Disk): { disk: Disk; opened: Watched[] } => {
  const opened: Watched[] = [];
  const openSegment: Disk['openSegment'] = (path, options) => {
    const file = disk.openSegment(path, options);
    if (options.writable) return file;
    const watched: Watched = { base: Number(path.slice(-20)), retained: 0, isClosed: false };
    opened.push(watched);
    const over: Partial<Record<keyof SegmentFile, unknown>> = {
      retain: () => {
        watched.retained += 1;
        file.retain();
      },
      release: () => {
        watched.retained -= 1;
        file.release();
      },
      close: () => {
        watched.isClosed = true;
        file.close();
      },
    };
    return new Proxy(file, {
      get(target, name) {
        const own = over[name as keyof SegmentFile];
        if (own !== undefined) return own;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };
  const proxy = new Proxy(disk, {
    get(target, name) {
      if (name === 'openSegment') return openSegment;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { disk: proxy, opened };
};

type Make = (folder: string) => Disk;
const DISKS: Readonly<Record<string, Make>> = {
  memory: () => {
    const clock = new ManualClock();
    return new MemoryDisk({ clock, scheduler: new ManualScheduler(clock) });
  },
  'memory, in windows': () => {
    const clock = new ManualClock();
    const scheduler = new ManualScheduler(clock);
    return new MemoryDisk({ clock, scheduler, segments: 'windowed' });
  },
  file: () => createFileDisk({ scheduler: systemScheduler, windowBytes: SMALL_SIZES.windowBytes }),
  mapped: () =>
    createMappedDisk({ scheduler: systemScheduler, logger: silentLogger, ...SMALL_SIZES }),
};

const use = (make: Make, segments: number, body: (fixture: ReturnType<typeof create>) => void) => {
  const root = mkdtempSync(join(tmpdir(), 'saturnmq-bodies-'));
  try {
    body(create(make(root), root, segments));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};

/** A log of some segments, each full of its own letter. */
const create = (real: Disk, root: string, segments: number) => {
  const { disk, opened } = watch(real);
  const folder = join(root, 'commitlog');
  disk.makeFolder(folder);
  const pathOf = (index: number): string => join(folder, segmentName(index * SEGMENT_BYTES));
  const owners = Array.from({ length: segments }, (_, index) => {
    const options = { bytes: SEGMENT_BYTES, create: true, writable: true };
    const owner = disk.openSegment(pathOf(index), options);
    put(owner, 0, Buffer.alloc(100_000, 65 + index));
    return owner;
  });
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const reader = new SegmentBodyReader({
    disk,
    folder,
    segmentBytes: SEGMENT_BYTES,
    clock,
    scheduler,
    segmentsMax: 2,
  });
  const read = (position: number, bytes: number): string | undefined => {
    const lease = reader.lease(position, bytes);
    const text = lease?.buffer.toString('latin1', lease.start, lease.start + bytes);
    lease?.release();
    return text;
  };
  const remove = (index: number): void => {
    owners[index]?.close();
    disk.remove(pathOf(index));
  };
  return { disk, owners, opened, reader, read, remove, pathOf, clock, scheduler };
};

for (const [name, make] of Object.entries(DISKS)) {
  test(`what the log's owner wrote is read, also while it goes on (${name})`, () =>
    use(make, 2, ({ owners, read, reader }) => {
      assert.is(read(10, 5), 'AAAAA');
      assert.is(read(SEGMENT_BYTES, 3), 'BBB');
      put(owners[1] as SegmentFile, 100_000, Buffer.from('later'));
      assert.is(read(SEGMENT_BYTES + 99_998, 7), 'BBlater');
      const target = Buffer.alloc(6, '.');
      assert.is(reader.copyTo(4, 3, target, 2), true);
      assert.is(target.toString(), '..AAA.');
      assert.is(reader.leases, 0);
      reader.close();
      for (const owner of owners) owner.close();
    }));

  test(`what was deleted, or never was, is not there (${name})`, () =>
    use(make, 2, ({ owners, read, reader, remove }) => {
      remove(0);
      assert.is(read(0, 5), undefined);
      assert.is(read(5 * SEGMENT_BYTES, 5), undefined);
      assert.is(read(2 * SEGMENT_BYTES - 2, 5), undefined, 'across two segments');
      for (const [position, bytes] of [
        [-1, 5],
        [SEGMENT_BYTES, -1],
        [Number.NaN, 5],
        [SEGMENT_BYTES, Number.NaN],
      ] as const) {
        assert.is(read(position, bytes), undefined);
        assert.is(reader.copyTo(position, bytes, Buffer.alloc(9), 0), false);
      }
      reader.close();
      owners[1]?.close();
    }));

  test(`a leased segment can be read after it was deleted and the reader closed (${name})`, () =>
    use(make, 1, ({ reader, remove, opened }) => {
      const lease = reader.lease(50, 4);
      remove(0);
      reader.close();
      assert.is(opened[0]?.isClosed, true);
      assert.is(opened[0]?.retained, 1);
      assert.is(lease?.buffer.toString('latin1', lease.start, lease.start + 4), 'AAAA');
      assert.is(reader.leases, 1);
      lease?.release();
      assert.is(reader.leases, 0);
      assert.is(opened[0]?.retained, 0);
      assert.is(reader.lease(50, 4), undefined, 'closed');
    }));
}

test('the segment used longest ago makes room; its leases outlive that', () =>
  use(DISKS['memory'] as Make, 3, ({ reader, read, opened }) => {
    const lease = reader.lease(0, 1);
    read(SEGMENT_BYTES, 1);
    read(0, 1);
    read(2 * SEGMENT_BYTES, 1);
    assert.is(reader.openSegments, 2);
    assert.equal(
      opened.map(({ isClosed }) => isClosed),
      [false, true, false],
    );
    read(SEGMENT_BYTES, 1);
    assert.is(opened[0]?.isClosed, true);
    assert.is(opened[0]?.retained, 1);
    assert.is(lease?.buffer[lease.start], 65);
    lease?.release();
    assert.is(opened.length, 4);
  }));

test('a segment that was deleted, or is not read any more, is not kept open', () =>
  use(DISKS['memory'] as Make, 2, ({ reader, read, remove, scheduler, opened }) => {
    read(0, 1);
    read(SEGMENT_BYTES, 1);
    remove(0);
    scheduler.advance(BODY_SWEEP_MS);
    assert.equal(
      opened.map(({ isClosed }) => isClosed),
      [true, false],
    );
    scheduler.advance(BODY_IDLE_MS - BODY_SWEEP_MS);
    read(SEGMENT_BYTES, 1);
    scheduler.advance(BODY_IDLE_MS - BODY_SWEEP_MS);
    assert.is(reader.openSegments, 1, 'it was read meanwhile');
    scheduler.advance(2 * BODY_SWEEP_MS);
    assert.is(reader.openSegments, 0);
    assert.is(scheduler.pendingTimers, 0);
    assert.is(read(SEGMENT_BYTES, 1), 'B', 'opened anew');
  }));

test('after a refresh a segment that was made anew is read, not the one of before', () =>
  use(DISKS['memory'] as Make, 1, ({ reader, read, remove, disk, pathOf }) => {
    assert.is(read(0, 1), 'A');
    remove(0);
    const options = { bytes: SEGMENT_BYTES, create: true, writable: true };
    put(disk.openSegment(pathOf(0), options), 0, Buffer.from('new'));
    reader.refresh();
    assert.is(read(0, 3), 'new');
  }));

test('a second release is a bug', () =>
  use(DISKS['memory'] as Make, 1, ({ reader }) => {
    const lease = reader.lease(0, 1);
    lease?.release();
    assert.throws(() => lease?.release(), /released once/);
    assert.is(reader.leases, 0);
  }));
