import * as assert from 'uvu/assert';
import { ManualClock } from '../../src/base/index.ts';
import { nextVersion } from '../../src/broker/data-version.ts';
import { suite } from '../support/suite.ts';

const test = suite('data version');

test('a change counts on and bears its time, even where that is the time of the last', () => {
  const clock = new ManualClock();
  const first = nextVersion({ counter: 4, timestamp: clock.now() }, clock);
  assert.equal(first, { counter: 5, timestamp: clock.now() });
  clock.advance(3);
  assert.equal(nextVersion(first, clock), { counter: 6, timestamp: clock.now() });
});
