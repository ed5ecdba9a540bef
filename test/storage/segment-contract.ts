// The part of the contract that is about segments.
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { SegmentFile } from '../../src/base/index.ts';
import type { Suite } from '../support/suite.ts';
import {
  codeOf,
  type DiskFixture,
  type MakeFixture,
  openSegment,
  put,
  SEGMENT_BYTES,
  use,
} from './disk-fixture.ts';

/** Length, window, leases, sync and preparation. */
export const segmentClaims = (test: Suite, make: MakeFixture): void => {
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

  test('a view shows the file as it is, where the disk has views', () =>
    use(make, (fixture) => {
      const segment = openSegment(fixture);
      put(segment, 4000, Buffer.from('before'));
      const view = segment.view(4000, 6);
      if (view === undefined) assert.is.not(fixture.disk.kind, 'mapped');
      else assert.is(view.toString(), 'before');
      put(segment, 4000, Buffer.from('behind'));
      if (view !== undefined) assert.is(view.toString(), 'behind', 'no copy');
      assert.is(
        codeOf(() => segment.view(SEGMENT_BYTES - 1, 2)),
        'ASSERTION',
      );
      segment.close();
      assert.is(
        codeOf(() => segment.view(0, 1)),
        'ASSERTION',
      );
    }));

  test('a fetch ends in a later turn, changes no byte and may outlive the segment', () =>
    use(make, async (fixture) => {
      const segment = openSegment(fixture);
      put(segment, 70_000, Buffer.from('kept'));
      assert.is(await fixture.settle((done) => segment.fetch(0, SEGMENT_BYTES, done)), undefined);
      assert.is(await fixture.settle((done) => segment.fetch(5, 0, done)), undefined);
      assert.is(segment.read(70_000, 4).toString(), 'kept');
      if (fixture.disk.kind !== 'file') assert.ok(segment.isResident(60_000, 20_000));
      for (const body of [
        () => segment.isResident(SEGMENT_BYTES, 1),
        () => segment.fetch(-1, 1, () => undefined),
      ])
        assert.is(codeOf(body), 'ASSERTION', body.toString());
      await fixture.settle((done) => {
        segment.fetch(0, SEGMENT_BYTES, done);
        segment.close();
      });
      assert.is(
        codeOf(() => segment.isResident(0, 1)),
        'ASSERTION',
      );
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

/** Random runs against a plain buffer. */
export const segmentModelClaims = (test: Suite, make: MakeFixture): void => {
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
