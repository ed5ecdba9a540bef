// What every disk does, whichever backend: run by the tests of the mapped, the file and the simulated disk.
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type Disk, errorCode, type SegmentFile } from '../../src/base/index.ts';
import type { Suite } from '../support/suite.ts';

/** One disk under test with an empty folder on it. */
export interface DiskFixture {
  readonly disk: Disk;
  readonly root: string;
  /** Starts a call with a callback and resolves once it was called; fails when it was called in the same turn. */
  settle(start: (done: (error?: Error) => void) => void): Promise<Error | undefined>;
  remove(): void;
}

export type MakeFixture = () => DiskFixture;

const SEGMENT_BYTES = 192 * 1024;
/** Sizes a fixture should use so that windows slide and steps end within a small segment. */
export const SMALL_SIZES = { windowBytes: 32 * 1024, allocateBytes: 16384, prepareBytes: 8192 };

const codeOf = (body: () => unknown): string | undefined => {
  try {
    body();
    return 'no error';
  } catch (error) {
    return errorCode(error);
  }
};

const use = async (
  make: MakeFixture,
  body: (fixture: DiskFixture) => void | Promise<void>,
): Promise<void> => {
  const fixture = make();
  try {
    await body(fixture);
  } finally {
    fixture.remove();
  }
};

const openSegment = ({ disk, root }: DiskFixture, name = 'segment'): SegmentFile =>
  disk.openSegment(`${root}/${name}`, { bytes: SEGMENT_BYTES, create: true, writable: true });

/** Puts bytes into a segment as the store does. */
export const put = (segment: SegmentFile, position: number, bytes: Uint8Array): void => {
  segment.moveWindow(position, bytes.length);
  segment.window.set(bytes, position - segment.windowStart);
  segment.writeOut(position, position + bytes.length);
};

/** Registers the contract's claims in a disk's suite. */
export const diskContract = (test: Suite, make: MakeFixture): void => {
  folderClaims(test, make);
  fileClaims(test, make);
  segmentClaims(test, make);
  modelClaims(test, make);
};

const folderClaims = (test: Suite, make: MakeFixture): void => {
  test('folders are made with their parents and listed in order', () =>
    use(make, ({ disk, root }) => {
      disk.makeFolder(`${root}/a/b`);
      disk.makeFolder(`${root}/a/b`);
      for (const name of ['z', 'B', 'a']) disk.writeFile(`${root}/a/b/${name}`, Buffer.from(name));
      assert.equal(disk.list(`${root}/a/b`), ['B', 'a', 'z']);
      assert.equal(disk.list(`${root}/a`), ['b']);
      assert.equal(disk.list(`${root}/missing`), []);
      assert.is(disk.stat(`${root}/a/b`)?.kind, 'folder');
      assert.is(disk.stat(`${root}/missing`), undefined);
    }));

  test('small files are replaced, renamed over others and removed', () =>
    use(make, ({ disk, root }) => {
      disk.writeFile(`${root}/one`, Buffer.from('a longer text'));
      disk.writeFile(`${root}/one`, Buffer.from('first'));
      disk.writeFile(`${root}/two`, Buffer.from('second'));
      assert.equal(disk.stat(`${root}/one`)?.bytes, 5);
      disk.rename(`${root}/one`, `${root}/two`);
      assert.is(disk.readFile(`${root}/one`), undefined);
      assert.is(disk.readFile(`${root}/two`)?.toString(), 'first');
      disk.remove(`${root}/two`);
      disk.remove(`${root}/two`);
      assert.is(disk.readFile(`${root}/two`), undefined);
    }));

  test('a folder moves and goes with all it holds', () =>
    use(make, ({ disk, root }) => {
      disk.makeFolder(`${root}/a/b`);
      disk.writeFile(`${root}/a/b/file`, Buffer.from('x'));
      disk.rename(`${root}/a`, `${root}/c`);
      assert.is(disk.readFile(`${root}/c/b/file`)?.toString(), 'x');
      assert.is(disk.stat(`${root}/a`), undefined);
      disk.remove(`${root}/c`);
      assert.equal(disk.list(root), []);
    }));

  test('a missing file, a missing folder and a file in the way are told apart', () =>
    use(make, ({ disk, root }) => {
      disk.writeFile(`${root}/file`, Buffer.from('x'));
      const missing = `${root}/missing/file`;
      assert.is(
        codeOf(() => disk.openFile(missing, { create: false, bytes: 0 })),
        'NOT_FOUND',
      );
      assert.is(
        codeOf(() => disk.openFile(missing, { create: true, bytes: 0 })),
        'NOT_FOUND',
      );
      assert.is(
        codeOf(() => disk.writeFile(missing, Buffer.alloc(1))),
        'NOT_FOUND',
      );
      assert.is(
        codeOf(() => disk.rename(missing, `${root}/file`)),
        'NOT_FOUND',
      );
      assert.is(
        codeOf(() => disk.makeFolder(`${root}/file/below`)),
        'BAD_FOLDER',
      );
      assert.is(
        codeOf(() => disk.list(`${root}/file`)),
        'BAD_FOLDER',
      );
      assert.is(
        codeOf(() => disk.readFile(root)),
        'BAD_FOLDER',
      );
      assert.is(
        codeOf(() => disk.writeFile(root, Buffer.alloc(1))),
        'BAD_FOLDER',
      );
    }));

  test('space is told for folders that are there and those that are not yet', () =>
    use(make, ({ disk, root }) => {
      const space = disk.space(`${root}/not/yet`);
      assert.ok(space.totalBytes > 0 && space.freeBytes > 0);
      assert.ok(space.freeBytes <= space.totalBytes);
    }));

  test('the lock keeps out a second opener until it is released', () =>
    use(make, ({ disk, root }) => {
      const lock = disk.lock(`${root}/lock`);
      assert.is(disk.readFile(`${root}/lock`)?.toString(), 'lock');
      assert.is(
        codeOf(() => disk.lock(`${root}/lock`)),
        'STORE_IN_USE',
      );
      assert.is(
        codeOf(() => disk.lock(`${root}/lock`)),
        'STORE_IN_USE',
      );
      disk.lock(`${root}/other`).release();
      lock.release();
      disk.lock(`${root}/lock`).release();
    }));
};

const fileClaims = (test: Suite, make: MakeFixture): void => {
  test('a created file has its full length, and reads end with it', () =>
    use(make, ({ disk, root }) => {
      const file = disk.openFile(`${root}/file`, { create: true, bytes: 6000 });
      assert.is(disk.stat(`${root}/file`)?.bytes, 6000);
      const target = Buffer.alloc(100, 1);
      assert.is(file.read(5950, target), 50);
      assert.ok(target.subarray(0, 50).every((byte) => byte === 0));
      assert.ok(target.subarray(50).every((byte) => byte === 1));
      assert.is(file.read(6000, target), 0);
      assert.is(file.read(7000, target), 0);
      file.close();
    }));

  test('bytes are read where they were written, past the end too', () =>
    use(make, ({ disk, root }) => {
      const file = disk.openFile(`${root}/file`, { create: true, bytes: 10 });
      file.write(3, Buffer.from('abc'));
      file.write(20, Buffer.from('xyz'));
      const target = Buffer.alloc(23);
      assert.is(file.read(0, target), 23);
      assert.equal(target.subarray(3, 6).toString(), 'abc');
      assert.equal(target.subarray(20).toString(), 'xyz');
      file.close();
      const again = disk.openFile(`${root}/file`, { create: false, bytes: 10 });
      assert.is(again.read(0, target), 23);
      again.close();
    }));

  test('a sync ends in a later turn, and a closed file is a bug to use', () =>
    use(make, async (fixture) => {
      const file = fixture.disk.openFile(`${fixture.root}/file`, { create: true, bytes: 4096 });
      file.write(0, Buffer.from('x'));
      assert.is(await fixture.settle((done) => file.sync(done)), undefined);
      assert.is(await fixture.settle((done) => file.sync(done)), undefined);
      const last = fixture.settle((done) => file.sync(done));
      assert.is(
        codeOf(() => file.sync(() => undefined)),
        'ASSERTION',
      );
      await last;
      file.close();
      file.close();
      assert.is(
        codeOf(() => file.read(0, Buffer.alloc(1))),
        'ASSERTION',
      );
      assert.is(
        codeOf(() => file.write(0, Buffer.alloc(1))),
        'ASSERTION',
      );
      assert.is(
        codeOf(() => file.sync(() => undefined)),
        'ASSERTION',
      );
    }));

  test('a file closed while it is synced still reports the sync', () =>
    use(make, async (fixture) => {
      const file = fixture.disk.openFile(`${fixture.root}/file`, { create: true, bytes: 4096 });
      file.write(0, Buffer.from('x'));
      const synced = fixture.settle((done) => file.sync(done));
      file.close();
      assert.is(await synced, undefined);
    }));
};

const segmentClaims = (test: Suite, make: MakeFixture): void => {
  test('a segment has its full length from the beginning, and no other', () =>
    use(make, (fixture) => {
      const { disk, root } = fixture;
      const path = `${root}/segment`;
      const wanted = { bytes: SEGMENT_BYTES, writable: true };
      assert.is(
        codeOf(() => disk.openSegment(path, { ...wanted, create: false })),
        'NOT_FOUND',
      );
      openSegment(fixture).close();
      assert.is(disk.stat(path)?.bytes, SEGMENT_BYTES);
      assert.is(
        codeOf(() => disk.openSegment(path, { bytes: 4096, create: true, writable: true })),
        'SEGMENT_LENGTH',
      );
      disk.writeFile(path, Buffer.alloc(0));
      assert.is(
        codeOf(() => disk.openSegment(path, { ...wanted, create: false })),
        'SEGMENT_LENGTH',
      );
      openSegment(fixture).close();
      assert.is(disk.stat(path)?.bytes, SEGMENT_BYTES, 'half made by a crash');
    }));

  test('nothing is writable before moveWindow, everything it was asked for afterwards', () =>
    use(make, (fixture) => {
      const segment = openSegment(fixture);
      assert.is(segment.windowEnd - segment.windowStart, 0);
      for (const [position, length] of [
        [0, 1],
        [1, 40_000],
        [100_000, 64 * 1024],
        [SEGMENT_BYTES - 8, 8],
        [5, 3],
        [0, 0],
      ] as const) {
        segment.moveWindow(position, length);
        assert.ok(segment.windowStart <= position);
        assert.ok(segment.windowEnd >= position + length);
        assert.ok(segment.window.length >= segment.windowEnd - segment.windowStart);
      }
      segment.close();
    }));

  test('written bytes are seen by another opener of the file', () =>
    use(make, (fixture) => {
      const segment = openSegment(fixture);
      const reader = fixture.disk.openSegment(segment.path, {
        bytes: SEGMENT_BYTES,
        create: false,
        writable: false,
      });
      for (let position = 0; position < SEGMENT_BYTES; position += 32 * 1024) {
        const bytes = Buffer.from(`record at ${position}`);
        put(segment, position, bytes);
        assert.equal(reader.read(position, bytes.length).toString(), bytes.toString());
      }
      assert.is(
        codeOf(() => reader.moveWindow(0, 1)),
        'ASSERTION',
      );
      segment.close();
      reader.close();
    }));

  test('ranges outside the segment are bugs', () =>
    use(make, (fixture) => {
      const segment = openSegment(fixture);
      const target = Buffer.alloc(16);
      for (const body of [
        () => segment.moveWindow(SEGMENT_BYTES - 1, 2),
        () => segment.moveWindow(-1, 2),
        () => segment.read(SEGMENT_BYTES, 1),
        () => segment.read(-1, 1),
        () => segment.copyTo(-1, 1, target, 0),
        () => segment.copyTo(SEGMENT_BYTES - 4, 8, target, 0),
        () => segment.copyTo(0, 16, target, 1),
        () => segment.writeOut(0, 1),
        () => segment.release(),
      ])
        assert.is(codeOf(body), 'ASSERTION', body.toString());
      segment.close();
    }));

  test('a leased view lives past close, everything else is a bug after it', () =>
    use(make, (fixture) => {
      const segment = openSegment(fixture);
      put(segment, 4000, Buffer.from('leased'));
      segment.retain();
      segment.retain();
      const view = segment.read(4000, 6);
      segment.close();
      segment.close();
      assert.is(view.toString(), 'leased');
      segment.release();
      assert.is(view.toString(), 'leased');
      segment.release();
      assert.is(segment.window.length, 0);
      assert.is(segment.windowEnd - segment.windowStart, 0);
      for (const body of [
        () => segment.read(0, 1),
        () => segment.copyTo(0, 1, Buffer.alloc(1), 0),
        () => segment.moveWindow(0, 1),
        () => segment.sync(() => undefined),
        () => segment.prepare(1, () => undefined),
        () => segment.retain(),
        () => segment.release(),
      ])
        assert.is(codeOf(body), 'ASSERTION', body.toString());
    }));

  test('preparing ahead and syncing end in later turns and change no byte', () =>
    use(make, async (fixture) => {
      const segment = openSegment(fixture);
      put(segment, 0, Buffer.from('first'));
      assert.is(await fixture.settle((done) => segment.prepare(60_000, done)), undefined);
      put(segment, 50_000, Buffer.from('second'));
      assert.is(await fixture.settle((done) => segment.sync(done)), undefined);
      assert.is(await fixture.settle((done) => segment.prepare(SEGMENT_BYTES, done)), undefined);
      assert.is(segment.read(0, 5).toString(), 'first');
      assert.is(segment.read(50_000, 6).toString(), 'second');
      assert.ok(segment.read(100_000, 1000).every((byte) => byte === 0));
      segment.close();
    }));
};

type Step =
  | { readonly kind: 'put' | 'stage'; readonly position: number; readonly length: number }
  | { readonly kind: 'read'; readonly position: number; readonly length: number }
  | { readonly kind: 'sync' | 'prepare' | 'reopen'; readonly position: number };

const positions = fc.nat(SEGMENT_BYTES - 1);
const lengths = fc.oneof(fc.nat(300), fc.nat(50_000));
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: stepOf('put') },
    { weight: 2, arbitrary: stepOf('stage') },
    { weight: 4, arbitrary: stepOf('read') },
    { weight: 1, arbitrary: stepOf('sync') },
    { weight: 1, arbitrary: stepOf('prepare') },
    { weight: 1, arbitrary: stepOf('reopen') },
  ),
  { maxLength: 40 },
);

function stepOf(kind: Step['kind']): fc.Arbitrary<Step> {
  return fc.tuple(positions, lengths).map(([position, length]) => ({
    kind,
    position,
    length: Math.min(length, SEGMENT_BYTES - position),
  }));
}

const modelClaims = (test: Suite, make: MakeFixture): void => {
  test(
    'any order of writes, reads, syncs and reopenings gives what a plain buffer gives',
    () =>
      use(make, (fixture) =>
        fc.assert(
          fc.asyncProperty(steps, async (run) => {
            fixture.disk.remove(`${fixture.root}/model`);
            const model = Buffer.alloc(SEGMENT_BYTES);
            let segment = openSegment(fixture, 'model');
            for (const [index, step] of run.entries()) {
              if (step.kind === 'reopen') {
                segment.close();
                segment = openSegment(fixture, 'model');
              } else await applyStep(fixture, segment, model, step, index);
            }
            assert.ok(segment.read(0, SEGMENT_BYTES).equals(model));
            segment.close();
          }),
          { numRuns: 60 },
        ),
      ),
    60_000,
  );
};

const applyStep = async (
  fixture: DiskFixture,
  segment: SegmentFile,
  model: Buffer,
  step: Step,
  index: number,
): Promise<void> => {
  const { kind, position } = step;
  if (kind === 'sync') {
    assert.is(await fixture.settle((done) => segment.sync(done)), undefined);
  } else if (kind === 'prepare') {
    assert.is(await fixture.settle((done) => segment.prepare(position, done)), undefined);
  } else if (kind === 'read') {
    const expected = model.subarray(position, position + step.length);
    assert.ok(segment.read(position, step.length).equals(expected));
    const target = Buffer.alloc(step.length + 10);
    segment.copyTo(position, step.length, target, 7);
    assert.ok(target.subarray(7, 7 + step.length).equals(expected));
  } else if (kind === 'put' || kind === 'stage') {
    const bytes = Buffer.alloc(step.length, index + 1);
    bytes.copy(model, position);
    segment.moveWindow(position, step.length);
    segment.window.set(bytes, position - segment.windowStart);
    // A staged record is read back before it is written out.
    if (kind === 'stage') assert.ok(segment.read(position, step.length).equals(bytes));
    segment.writeOut(position, position + step.length);
  }
};
