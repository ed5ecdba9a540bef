import * as assert from 'uvu/assert';
import { LogReader } from '../../src/storage/log-reader.ts';
import { type LookAhead, lookAhead } from '../../src/storage/log-scan.ts';
import { suite } from '../support/suite.ts';
import { LogFixture } from './log-fixture.ts';

const test = suite('storage/log-scan');
const MIB = 1024 * 1024;

const look = (fixture: LogFixture, bad: number, zeroBytesMax = 16 * MIB): LookAhead =>
  lookAhead(fixture.segments, new LogReader(fixture.segments), bad, zeroBytesMax);

test('the next valid record behind a bad one is found, wherever it stands', () => {
  for (const gap of [1, 7, 8, 100, MIB - 8, MIB - 4, MIB, 2 * MIB + 3]) {
    const fixture = new LogFixture(8 * MIB);
    fixture.put('first');
    const bad = fixture.positions.appended;
    fixture.put(Buffer.alloc(Math.max(0, gap - 92), 0xda));
    const next = fixture.put('next');
    fixture.damage(bad, Buffer.from('bad'));
    assert.is(look(fixture, bad).next, next, String(gap));
  }
});

test('a record that was copied to another place is not taken for one', () => {
  const fixture = new LogFixture(64 * 1024);
  fixture.put('first');
  const bytes = Buffer.from(fixture.log.read(0, fixture.positions.appended) ?? []);
  const bad = fixture.positions.appended;
  fixture.damage(bad + 50, bytes);
  assert.is(look(fixture, bad).next, -1);
});

test('a record with a wrong checksum is not taken for one', () => {
  const fixture = new LogFixture(64 * 1024);
  fixture.put('first');
  const bad = fixture.positions.appended;
  const next = fixture.put('next');
  fixture.put('last');
  fixture.damage(next + 88, Buffer.from('N'));
  fixture.damage(bad, Buffer.from('bad'));
  const found = look(fixture, bad).next;
  assert.ok(found > next);
});

test('later segments are looked through as well', () => {
  const fixture = new LogFixture();
  while (fixture.positions.appended < 5000) fixture.put('x'.repeat(200));
  fixture.damage(0, Buffer.alloc(2048));
  fixture.damage(2048, Buffer.alloc(2048));
  assert.is(look(fixture, 0).next, 4096);
});

test('after so many zeros the rest of a segment counts as never written', () => {
  const fixture = new LogFixture(64 * MIB);
  fixture.put('first');
  const bad = fixture.positions.appended;
  fixture.put(Buffer.alloc(5 * MIB));
  const next = fixture.put('next');
  fixture.damage(bad, Buffer.alloc(5 * MIB + 92));
  assert.is(look(fixture, bad, 16 * MIB).next, next);
  assert.is(look(fixture, bad, 2 * MIB).next, -1);
});

test('without a record behind it, the end of what was written is told', () => {
  const fixture = new LogFixture(64 * 1024);
  fixture.put('first');
  const bad = fixture.positions.appended;
  assert.equal(look(fixture, bad), { next: -1, dirtyEnd: bad });
  fixture.damage(bad + 300, Buffer.from('rest'));
  assert.equal(look(fixture, bad), { next: -1, dirtyEnd: bad + 304 });
});
