import * as assert from 'uvu/assert';
import { BLANK_MAGIC } from '../../src/message/index.ts';
import { segmentName } from '../../src/storage/paths.ts';
import { PutStatus } from '../../src/storage/status.ts';
import { suite } from '../support/suite.ts';
import { LogFixture } from './log-fixture.ts';
import { storeVectors } from './store-vectors.ts';

const test = suite('storage/commit-log');
/** Bytes of a record without its body: topic `T`, IPv4 hosts, no properties. */
const FIXED = 92;

/** A log whose write position in its first segment is `position`. */
const at = (position: number, segmentBytes: number): LogFixture => {
  const fixture = new LogFixture(segmentBytes);
  while (fixture.positions.appended < position) {
    const rest = position - fixture.positions.appended;
    const bytes = rest < 2 * FIXED + 100 ? rest : FIXED + 100;
    fixture.put('x'.repeat(bytes - FIXED));
  }
  assert.is(fixture.positions.appended, position);
  return fixture;
};

test('C1: a segment ends with a blank of at least eight bytes, where RocketMQ ends it', () => {
  for (const vector of storeVectors.endOfFileBlank) {
    const { segmentSize, wrotePosition, remaining, recordSize, rolls } = vector;
    const { log, positions, segments } = at(wrotePosition, segmentSize);
    assert.is(log.claim(recordSize), PutStatus.PUT_OK);
    assert.is(positions.appended, vector.nextRecordOffset);
    const head = segments.at(0)?.file.read(wrotePosition, 8) ?? Buffer.alloc(0);
    assert.is(head.readInt32BE(4) === BLANK_MAGIC, rolls);
    if (vector.blankHex !== null) assert.is(head.toString('hex'), vector.blankHex);
    if (rolls) assert.is(head.readInt32BE(0), remaining);
  }
});

test('C2: the word behind a record is zero before the record counts, whatever stood there', () => {
  const fixture = new LogFixture();
  fixture.put('a');
  const { log, positions } = fixture;
  const behind = positions.appended + FIXED + 10;
  fixture.damage(positions.appended, Buffer.alloc(300, 0xee));
  assert.is(log.claim(FIXED + 10), PutStatus.PUT_OK);
  assert.equal(fixture.segments.at(0)?.file.read(behind, 5), Buffer.from([0, 0, 0, 0, 0xee]));
});

test('the next segment is made in a turn of its own after the first append into this one', () => {
  const fixture = new LogFixture();
  fixture.scheduler.runDeferred();
  assert.is(fixture.segments.count, 1);
  fixture.put('a');
  assert.is(fixture.segments.count, 1);
  fixture.scheduler.runDeferred();
  assert.is(fixture.segments.count, 2);
  while (fixture.positions.appended < 2048) fixture.put('x'.repeat(200));
  fixture.scheduler.runDeferred();
  assert.is(fixture.segments.count, 3);
});

test('an orderly close deletes what was made ahead, and nothing else', () => {
  const empty = new LogFixture();
  empty.log.close(true);
  assert.equal(empty.disk.list('/log'), []);
  const used = new LogFixture();
  used.put('a');
  used.scheduler.runDeferred();
  used.log.close(true);
  assert.equal(used.disk.list('/log'), [segmentName(0)]);
  const failed = new LogFixture();
  failed.put('a');
  failed.scheduler.runDeferred();
  failed.log.close(false);
  assert.is(failed.disk.list('/log').length, 2);
});

test('a record that fits into no segment is refused, and the log stays as it was', () => {
  const { log, positions } = new LogFixture();
  assert.is(log.claim(2041), PutStatus.MESSAGE_ILLEGAL);
  assert.is(log.claim(2040), PutStatus.PUT_OK);
  assert.is(positions.appended, 0);
});

test('a full disk refuses records until it has room again, and nothing is lost', () => {
  const fixture = new LogFixture(64 * 1024, { allocateBytes: 4096 });
  let refused = 0;
  fixture.scheduler.runDeferred();
  fixture.disk.setCapacity(fixture.disk.usedBytes);
  const stored: number[] = [];
  for (let index = 0; index < 700; index++) {
    if (index === 650) fixture.disk.setCapacity(1e9);
    const position = fixture.put('x'.repeat(100));
    if (position < 0) refused += 1;
    else stored.push(position);
  }
  assert.ok(refused > 0 && stored.length > 50);
  assert.equal(fixture.walk(), { found: stored, ended: 'limit' });
});

test('a segment that cannot be made refuses the record that needs it, and is tried again', () => {
  const fixture = new LogFixture();
  while (fixture.positions.appended < 1700) fixture.put('x'.repeat(200));
  fixture.disk.makeFolder(`/log/${segmentName(2048)}`);
  const { appended } = fixture.positions;
  assert.is(fixture.log.claim(1000), PutStatus.CREATE_MAPEDFILE_FAILED);
  assert.is(fixture.positions.appended, appended);
  fixture.disk.remove(`/log/${segmentName(2048)}`);
  assert.is(fixture.put('y'.repeat(908)), 2048);
});

test('what was written out survives the process, what was not is not read', () => {
  for (const segments of ['mapped', 'windowed'] as const) {
    const fixture = new LogFixture(16 * 1024, { segments, windowBytes: 4096 });
    const positions = Array.from({ length: 100 }, () => fixture.put('x'.repeat(40)));
    const end = fixture.positions.appended;
    fixture.reopen(end);
    assert.equal(fixture.walk(0, end), { found: positions, ended: 'limit' }, segments);
    fixture.log.start();
    positions.push(fixture.put('more'));
    assert.equal(fixture.walk(), { found: positions, ended: 'limit' }, segments);
  }
});

test('reads stay inside what is appended and inside one segment', () => {
  const fixture = new LogFixture();
  while (fixture.positions.appended < 3000) fixture.put('x'.repeat(200));
  const { log, positions } = fixture;
  assert.ok(log.isReadable(0, 292));
  assert.not(log.isReadable(0, 2049));
  assert.not(log.isReadable(positions.appended - 10, 11));
  assert.not(log.isReadable(-1, 10));
  assert.not(log.isReadable(0, 0));
  assert.not(log.isReadable(0, -5));
  assert.is(log.read(1e9, 10), undefined);
  assert.is(log.nextSegmentStart(2047), 2048);
  assert.is(log.nextSegmentStart(2048), 4096);
});

test('the oldest segment can go, the one in use cannot', () => {
  const fixture = new LogFixture();
  while (fixture.positions.appended < 5000) fixture.put('x'.repeat(200));
  assert.ok(fixture.log.removeFirst());
  assert.is(fixture.positions.minimum, 2048);
  assert.not(fixture.log.isReadable(100, 10));
  assert.ok(fixture.log.removeFirst());
  assert.not(fixture.log.removeFirst());
});
