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

const failure = (files: readonly (readonly [number, number])[]): string => {
  try {
    make(files).segments.load();
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
  segments.load();
  assert.is(segments.of(4095), undefined);
  assert.is(segments.of(4096)?.base, 4096);
  assert.is(segments.of(6143)?.base, 4096);
  assert.is(segments.of(8191)?.base, 6144);
  assert.is(segments.of(8192), undefined);
});

test('a file of another length is refused, with the setting to look at', () => {
  assert.is(failure([[0, 1000]]), 'SEGMENT_LENGTH');
  try {
    make([[0, 1000]]).segments.load();
  } catch (error) {
    assert.match(String(error), /mappedFileSizeCommitLog/);
  }
});

test('an empty last file never held a record and is removed', () => {
  const { disk, segments } = make([
    [0, BYTES],
    [2048, 0],
  ]);
  segments.load();
  assert.is(segments.count, 1);
  assert.equal(disk.list('/log'), [segmentName(0)]);
});

test('segments that lost their name or length are made again, and told', () => {
  const gap = make([
    [0, BYTES],
    [6144, BYTES],
  ]);
  assert.equal(gap.segments.load(), [2048, 4096]);
  assert.is(gap.segments.count, 4);
  const short = make([
    [0, BYTES],
    [2048, 0],
    [4096, BYTES],
  ]);
  assert.equal(short.segments.load(), [2048]);
  assert.is(short.segments.of(2048)?.file.bytes, BYTES);
  assert.is(
    failure([
      [0, BYTES],
      [BYTES * 1000, BYTES],
    ]),
    'NOT_FOUND',
    'so large a gap is no crash',
  );
});

test('refused segments are taken back, so that the gap is seen again', () => {
  const { disk, segments } = make([
    [0, BYTES],
    [4096, BYTES],
  ]);
  const made = segments.load();
  try {
    segments.refuse(made);
  } catch (error) {
    assert.is(errorCode(error), 'NOT_FOUND');
    assert.match(String(error), new RegExp(segmentName(2048)));
  }
  assert.equal(disk.list('/log'), [segmentName(0), segmentName(4096)]);
});

test('other names in the folder are left alone', () => {
  const { disk, segments } = make([[0, BYTES]]);
  disk.writeFile('/log/.DS_Store', Buffer.alloc(1));
  disk.writeFile('/log/00000000000000002048.gz', Buffer.alloc(1));
  segments.load();
  assert.is(segments.count, 1);
});

test('a removed segment leaves its file’s folder, and a reader with a lease keeps its bytes', () => {
  const { disk, segments } = make([
    [0, BYTES],
    [2048, BYTES],
  ]);
  segments.load();
  const first = segments.at(0)?.file;
  first?.retain();
  segments.removeFirst();
  assert.is(segments.of(0), undefined);
  assert.equal(disk.list('/log'), [segmentName(2048)]);
  first?.release();
});
