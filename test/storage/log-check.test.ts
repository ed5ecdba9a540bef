import * as assert from 'uvu/assert';
import { seededRandom, silentLogger } from '../../src/base/index.ts';
import { LogCheck, type LogCheckOptions, type LogState } from '../../src/storage/log-check.ts';
import { LogReader } from '../../src/storage/log-reader.ts';
import { LogRepair } from '../../src/storage/log-repair.ts';
import { suite } from '../support/suite.ts';
import { LogFixture } from './log-fixture.ts';

const test = suite('storage/log-check');

const check = (
  fixture: LogFixture,
  start = 0,
  options: Partial<LogCheckOptions> = {},
): LogState => {
  const { disk, segments } = fixture;
  const repair = new LogRepair(disk, silentLogger, segments, '/damaged');
  const limits = { trustedMs: -1, zeroBytesMax: 1024 * 1024, ...options };
  return new LogCheck(segments, new LogReader(segments), repair, silentLogger, limits).run(start);
};

const filled = (count = 30): { fixture: LogFixture; positions: number[] } => {
  const fixture = new LogFixture();
  const positions = Array.from({ length: count }, (_, index) => {
    fixture.clock.advance(1);
    return fixture.put('x'.repeat(index * 7));
  });
  return { fixture, positions };
};

test('a sound log ends where it ended and is not changed', () => {
  const { fixture } = filled();
  const { appended } = fixture.positions;
  const state = check(fixture);
  assert.is(state.end, appended);
  assert.is(state.replayFrom, 0);
  assert.is(state.lastStoreTimestamp, fixture.clock.now());
  assert.not(state.wasRepaired || state.wasCleared || state.hasFillers);
});

test('a torn last record is cut off, cleared, and nothing of it comes back', () => {
  for (const cut of [1, 8, 60, 91]) {
    const { fixture, positions } = filled();
    const last = positions.at(-1) ?? 0;
    const end = fixture.positions.appended;
    fixture.damage(last + cut, Buffer.alloc(end - last - cut, 0xee));
    fixture.reopen(end);
    const state = check(fixture);
    assert.is(state.end, last);
    assert.ok(state.wasCleared);
    fixture.reopen(end);
    const again = check(fixture);
    assert.is(again.end, last);
    assert.not(again.wasCleared);
  }
});

test('damage in the middle gets a filler, and every other record stays', () => {
  const random = seededRandom(17);
  for (let round = 0; round < 100; round++) {
    const { fixture, positions } = filled();
    const end = fixture.positions.appended;
    const hit = random.below(positions.length - 1);
    const bad = positions[hit] ?? 0;
    const room = (positions[hit + 1] ?? end) - bad;
    const at = random.below(Math.min(90, room));
    fixture.damage(bad + at, Buffer.alloc(1 + random.below(room - at), 0xee));
    const before = fixture.walk();
    const state = check(fixture);
    assert.is(state.end, end);
    const after = fixture.walk(0, end);
    assert.is(after.ended, 'limit');
    // Harmless where the byte hit is checked by nothing (a timestamp, a host).
    if (before.ended === 'limit') continue;
    assert.ok(state.wasRepaired && state.hasFillers);
    assert.ok(state.replayFrom <= bad);
    for (const position of positions)
      if (position !== bad) assert.ok(after.found.includes(position), `record ${position}`);
  }
});

test('whole segments lost in the middle are passed over', () => {
  const fixture = new LogFixture();
  while (fixture.positions.appended < 9000) fixture.put('x'.repeat(200));
  const end = fixture.positions.appended;
  fixture.damage(2048, Buffer.alloc(2048));
  fixture.damage(4096, Buffer.alloc(2048));
  assert.is(check(fixture).end, end);
  const { found, ended } = fixture.walk(0, end);
  assert.is(ended, 'limit');
  assert.not(found.some((position) => position >= 2048 && position < 6144));
  assert.ok(found.includes(6144) && found.includes(0));
});

test('a blank without a segment behind it is dropped: the log ends before it', () => {
  const fixture = new LogFixture();
  while (fixture.positions.appended < 2048) fixture.put('x'.repeat(200));
  const last = fixture.walk(0, 2048).found.at(-1) ?? 0;
  for (const name of fixture.disk.list('/log').slice(1)) fixture.disk.remove(`/log/${name}`);
  fixture.reopen(0);
  const state = check(fixture);
  assert.is(state.end, last + 292);
  assert.ok(state.wasCleared);
});

test('segments behind the end are deleted', () => {
  const { fixture } = filled();
  fixture.scheduler.runDeferred();
  const { end } = check(fixture);
  assert.ok((fixture.segments.last()?.base ?? 0) <= end);
});

test('replay begins at the first record that is younger than what is trusted', () => {
  const { fixture, positions } = filled();
  const trustedMs = fixture.clock.now() - 10;
  assert.is(check(fixture, 0, { trustedMs }).replayFrom, positions[20]);
  const all = { trustedMs: fixture.clock.now() };
  assert.is(check(fixture, 0, all).replayFrom, fixture.positions.appended);
});

test('fillers of an earlier repair are noticed', () => {
  const { fixture, positions } = filled();
  fixture.damage((positions[3] ?? 0) + 4, Buffer.from('bad!'));
  assert.ok(check(fixture).wasRepaired);
  const again = check(fixture);
  assert.ok(again.hasFillers);
  assert.not(again.wasRepaired);
});
