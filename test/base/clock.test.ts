import * as assert from 'uvu/assert';
import { ManualClock, systemClock } from '../../src/base/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('clock');

test('a manual clock moves only when told to, and never back', () => {
  const clock = new ManualClock(1_000);
  assert.is(clock.now(), 1_000);
  clock.advance(2.5);
  assert.is(clock.now(), 1_002);
  assert.is(clock.monotonicMs(), 1_002.5);
  assert.throws(() => clock.advance(-1), /backwards/);
  assert.throws(() => clock.advance(Number.NaN), /backwards/);
});

test("the machine's clock gives whole milliseconds since the epoch", () => {
  assert.ok(Number.isSafeInteger(systemClock.now()));
  assert.ok(systemClock.now() > Date.UTC(2024, 0, 1));
  const before = systemClock.monotonicMs();
  assert.ok(before <= systemClock.monotonicMs());
});
