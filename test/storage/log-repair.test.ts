import * as assert from 'uvu/assert';
import { silentLogger } from '../../src/base/index.ts';
import { decodeRecord, SYS_FLAG } from '../../src/message/index.ts';
import { LogReader } from '../../src/storage/log-reader.ts';
import { DAMAGED_TOPIC, LogRepair } from '../../src/storage/log-repair.ts';
import { segmentName } from '../../src/storage/paths.ts';
import { suite } from '../support/suite.ts';
import { LogFixture } from './log-fixture.ts';

const test = suite('storage/log-repair');

const repairOf = ({ disk, segments }: LogFixture): LogRepair =>
  new LogRepair(disk, silentLogger, segments, '/damaged');
const fill = (fixture: LogFixture, bad: number, next: number): number =>
  repairOf(fixture).fill(bad, next, 7, new LogReader(fixture.segments));

for (const segments of ['mapped', 'windowed'] as const) {
  test(`a gap of any length gets one record of exactly that length: ${segments}`, () => {
    for (let body = 0; body < 40; body++) {
      const fixture = new LogFixture(2048, { segments, windowBytes: 4096 });
      const positions = [
        fixture.put('before'),
        fixture.put('x'.repeat(body)),
        fixture.put('after'),
      ];
      const [, bad = 0, next = 0] = positions;
      const lost = Buffer.alloc(next - bad, 0xee);
      fixture.damage(bad, lost);
      fixture.reopen();
      assert.is(fill(fixture, bad, next), next);
      assert.equal(fixture.walk(), { found: positions, ended: 'limit' });
      const filler = decodeRecord(fixture.log.read(bad, next - bad) ?? Buffer.alloc(0));
      assert.ok(DAMAGED_TOPIC.startsWith(filler.topic) && filler.topic !== '');
      assert.is(filler.sysFlag & SYS_FLAG.TRANSACTION_MASK, SYS_FLAG.TRANSACTION_ROLLBACK);
      assert.is(filler.storeTimestamp, 7);
      assert.equal(fixture.disk.readFile(`/damaged/${segmentName(bad)}`), lost);
    }
  });
}

test('a gap too small for a record takes the record behind it along', () => {
  const fixture = new LogFixture();
  const first = fixture.put('first');
  const next = fixture.put('second');
  const third = fixture.put('third');
  const bad = next - 20;
  assert.is(fill(fixture, bad, next), third);
  const saved = fixture.disk.readFile(`/damaged/${segmentName(bad)}`);
  assert.is(saved?.length, third - bad, 'the record taken along is saved, too');
  assert.equal(fixture.walk(bad), { found: [bad, third], ended: 'limit' });
  assert.is(first, 0);
});

test('where the next record lies in a later segment, the rest of this one becomes a blank', () => {
  const fixture = new LogFixture();
  while (fixture.positions.appended < 5000) fixture.put('x'.repeat(200));
  const bad = fixture.walk().found[3] ?? 0;
  fixture.damage(bad, Buffer.alloc(2048 - bad, 0xee));
  assert.is(fill(fixture, bad, 2048), 2048);
  const { found, ended } = fixture.walk();
  assert.is(ended, 'limit');
  assert.equal(found.slice(0, 4), [0, 292, 584, 2048]);
});

test('a second repair at the same place does not overwrite what the first one saved', () => {
  const fixture = new LogFixture();
  const positions = [fixture.put('a'), fixture.put('b'.repeat(30)), fixture.put('c')];
  const [, bad = 0, next = 0] = positions;
  fill(fixture, bad, next);
  fill(fixture, bad, next);
  assert.equal(fixture.disk.list('/damaged'), [segmentName(bad), `${segmentName(bad)}-2`]);
});

test('V2: what stands behind the log’s end is cleared', () => {
  const fixture = new LogFixture();
  fixture.put('a');
  const end = fixture.positions.appended;
  fixture.damage(end, Buffer.alloc(900, 0xee));
  fixture.reopen(end);
  repairOf(fixture).clear(end, end + 900);
  const bytes = fixture.disk.readFile('/log/00000000000000000000') ?? Buffer.alloc(0);
  assert.equal(bytes.subarray(end), Buffer.alloc(2048 - end));
});
