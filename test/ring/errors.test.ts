import { is } from 'uvu/assert';
import { MqError } from '../../src/base/index.ts';
import { RingError } from '../../src/ring/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('ring errors');

test('an error carries its code, its facts and whether to try again', () => {
  const error = new RingError('RECORD_TOO_LARGE', 'too large', { payloadBytes: 9 });
  is(error instanceof MqError, true);
  is(error.code, 'RECORD_TOO_LARGE');
  is(error.retryable, false);
  is(error.details['payloadBytes'], 9);
});

test('the facts survive the way to another thread, the class does not', () => {
  const copy = structuredClone({ ...new RingError('RING_CORRUPT', 'bad', { index: 8 }) });
  is(copy.code, 'RING_CORRUPT');
  is(copy.details['index'], 8);
});
