import * as assert from 'uvu/assert';
import { errorCode, ManualClock, ManualScheduler } from '../../src/base/index.ts';
import { MemoryDisk } from '../../src/storage/index.ts';
import { LogSegments } from '../../src/storage/log-segments.ts';
import { segmentName } from '../../src/storage/paths.ts';
import { suite } from '../support/suite.ts';

const test = suite('storage/log-segments');
const BYTES = 2048;

const make = (
  files: readonly (readonly [number, number])[],
): { disk: MemoryDisk; segments: LogSegments } => {
  const clock = new ManualClock();
  const disk = new MemoryDisk({ clock, scheduler: new ManualScheduler(clock) });
  disk.makeFolder('/log');
  for (const [base, bytes] of files)
    disk.writeFile(`/log/${segmentName(base)}`, Buffer.alloc(bytes));
  return { disk, segments: new LogSegments(disk, '/log', BYTES) };
};

const failure = (files: readonly (readonly [number, number])[], isCrashed: boolean): string => {
  try {
    make(files).segments.load(isCrashed);
    return '';
  } catch (error) {
    assert.match(String(error), /\/log\/\d{20}/, 'the path is named');
    return errorCode(error) ?? '';
  }
};

test('segments are found by position, and nothing outside them', () => {
  const { segments } = make([
    [4096, BYTES],
    [6144, BYTES],
  ]);
  segments.load(false);
  assert.is(segments.of(4095), undefined);
  assert.is(segments.of(4096)?.base, 4096);
  assert.is(segments.of(6143)?.base, 4096);
  assert.is(segments.of(8191)?.base, 6144);
  assert.is(segments.of(8192), undefined);
});

test('a file of another length is refused, with the setting to look at', () => {
  assert.is(failure([[0, 1000]], false), 'SEGMENT_LENGTH');
  assert.is(failure([[0, 1000]], true), 'SEGMENT_LENGTH');
  try {
    make([[0, 1000]]).segments.load(true);
  } catch (error) {
    assert.match(String(error), /mappedFileSizeCommitLog/);
  }
});

test('an empty last file never held a record and is removed', () => {
  const { disk, segments } = make([
    [0, BYTES],
    [2048, 0],
  ]);
  segments.load(false);
  assert.is(segments.count, 1);
  assert.equal(disk.list('/log'), [segmentName(0)]);
});

test('a gap is an error, but after a crash new segments may lack their name or length', () => {
  const gap = [
    [0, BYTES],
    [4096, BYTES],
  ] as const;
  assert.is(failure(gap, false), 'NOT_FOUND');
  const { segments } = make(gap);
  segments.load(true);
  assert.is(segments.count, 3);
  const short = make([
    [0, BYTES],
    [2048, 0],
    [4096, BYTES],
  ]);
  short.segments.load(true);
  assert.is(short.segments.count, 3);
  assert.is(
    failure(
      [
        [0, BYTES],
        [BYTES * 10, BYTES],
      ],
      true,
    ),
    'NOT_FOUND',
    'a large gap is a loss',
  );
});

test('other names in the folder are left alone', () => {
  const { disk, segments } = make([[0, BYTES]]);
  disk.writeFile('/log/.DS_Store', Buffer.alloc(1));
  disk.writeFile('/log/00000000000000002048.gz', Buffer.alloc(1));
  segments.load(false);
  assert.is(segments.count, 1);
});

test('a removed segment leaves its file’s folder, and a reader with a lease keeps its bytes', () => {
  const { disk, segments } = make([
    [0, BYTES],
    [2048, BYTES],
  ]);
  segments.load(false);
  const first = segments.at(0)?.file;
  first?.retain();
  segments.removeFirst();
  assert.is(segments.of(0), undefined);
  assert.equal(disk.list('/log'), [segmentName(2048)]);
  first?.release();
});
