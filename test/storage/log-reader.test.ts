import * as assert from 'uvu/assert';
import { LogReader } from '../../src/storage/log-reader.ts';
import { suite } from '../support/suite.ts';
import { LogFixture } from './log-fixture.ts';

const test = suite('storage/log-reader');

for (const segments of ['mapped', 'windowed'] as const) {
  test(`records are read in order across segments: ${segments}`, () => {
    const fixture = new LogFixture(2048, { segments, windowBytes: 4096 });
    const positions = Array.from({ length: 60 }, (_, index) => fixture.put('x'.repeat(index * 3)));
    assert.equal(fixture.walk(), { found: positions, ended: 'limit' });
  });
}

test('a record longer than what is looked at in one piece is read whole', () => {
  const fixture = new LogFixture(16 * 1024 * 1024);
  const positions = [
    fixture.put('a'),
    fixture.put(Buffer.alloc(3 * 1024 * 1024, 1)),
    fixture.put('b'),
    fixture.put(Buffer.alloc(1024 * 1024, 2)),
    fixture.put('c'),
  ];
  assert.equal(fixture.walk(), { found: positions, ended: 'limit' });
});

test('nothing behind the limit is looked at', () => {
  const fixture = new LogFixture();
  fixture.put('a');
  const end = fixture.positions.appended;
  fixture.put('b');
  assert.equal(fixture.walk(0, end), { found: [0], ended: 'limit' });
  assert.equal(fixture.walk(0, end + 20), { found: [0], ended: 'partial' });
});

test('a record counts only where its own offset says it belongs', () => {
  const fixture = new LogFixture();
  fixture.put('first');
  const end = fixture.positions.appended;
  fixture.put('second');
  const bytes = fixture.log.read(0, end) ?? Buffer.alloc(0);
  fixture.damage(end, Buffer.from(bytes));
  assert.equal(fixture.walk(), { found: [0], ended: 'corrupt' });
});

test('a changed body is found by its checksum, where it is asked for', () => {
  const fixture = new LogFixture();
  fixture.put('body');
  fixture.damage(90, Buffer.from('X'));
  assert.is(fixture.walk().ended, 'corrupt');
  const reader = new LogReader(fixture.segments);
  reader.seek(0, fixture.positions.appended);
  assert.is(reader.next(false), 'record');
});

test('a blank that does not reach the segment’s end is no blank', () => {
  const fixture = new LogFixture();
  while (fixture.positions.appended < 2048) fixture.put('x'.repeat(100));
  const blankAt = Math.max(...fixture.walk(0, 2048).found) + 192;
  assert.is(fixture.walk().ended, 'limit');
  fixture.damage(blankAt, Buffer.from([0, 0, 0, 16]));
  assert.is(fixture.walk().ended, 'corrupt');
});

test('a sector of the topic that was never stored is noticed: the checksum does not cover it', () => {
  const fixture = new LogFixture(4096);
  // The topic crosses a sector's border at 512.
  fixture.put('x'.repeat(512 - 88 - 1 - 40), 'T'.repeat(100));
  assert.is(fixture.walk().ended, 'limit');
  fixture.damage(512, Buffer.alloc(60));
  assert.is(fixture.walk().ended, 'corrupt');
  fixture.damage(512, Buffer.from(`${'\0'.repeat(30)}${'T'.repeat(30)}`));
  assert.is(fixture.walk().ended, 'limit', 'single zeros are the sender’s business');
});
