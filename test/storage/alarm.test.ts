import * as assert from 'uvu/assert';
import { LOG_PERIOD_MS, ManualClock, silentLogger } from '../../src/base/index.ts';
import { Alarm } from '../../src/storage/alarm.ts';
import { suite } from '../support/suite.ts';

const test = suite('storage/alarm');

test('a failure is logged once a period, with how often it happened', () => {
  const clock = new ManualClock();
  const lines: object[] = [];
  const logger = { ...silentLogger, error: (facts: object) => void lines.push(facts) };
  const alarm = new Alarm(clock, logger);
  for (let times = 0; times < 5; times++) alarm.raise(new Error('no room'), 'it failed');
  assert.is(lines.length, 1);
  clock.advance(LOG_PERIOD_MS);
  alarm.raise(new Error('no room'), 'it failed');
  assert.equal(lines[1], { code: undefined, reason: 'no room', times: 5 });
});
