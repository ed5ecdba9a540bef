import { equal, is } from 'uvu/assert';
import { LOG_LINES_PER_PERIOD, LOG_PERIOD_MS, ManualClock } from '../../src/base/index.ts';
import { RateLimitedLog } from '../../src/transport/rate-limited-log.ts';
import { suite } from '../support/suite.ts';
import { recordingLogger } from './recording-logger.ts';

const test = suite('rate-limited-log');

test('a flood of one kind gives a few lines, and the next period says how many were left out', () => {
  const clock = new ManualClock();
  const { logger, lines } = recordingLogger();
  const log = new RateLimitedLog(logger, clock);
  for (let index = 0; index < 1000; index++) log.warn('flood', { index }, 'again');
  is(lines.length, LOG_LINES_PER_PERIOD);
  log.warn('other', {}, 'another kind has its own allowance');
  is(lines.length, LOG_LINES_PER_PERIOD + 1);
  clock.advance(LOG_PERIOD_MS);
  log.warn('flood', { index: 1000 }, 'again');
  equal(lines.at(-1)?.facts, { index: 1000, suppressed: 1000 - LOG_LINES_PER_PERIOD });
  log.warn('flood', { index: 1001 }, 'again');
  equal(lines.at(-1)?.facts, { index: 1001 });
});
