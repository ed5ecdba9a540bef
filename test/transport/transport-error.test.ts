import { equal, is } from 'uvu/assert';
import { TransportError } from '../../src/transport/transport-error.ts';
import { suite } from '../support/suite.ts';

const test = suite('transport-error');

test('an error carries code, retryable and plain details', () => {
  const cause = new Error('refused');
  const error = new TransportError('CONNECT_FAILED', 'no way', { address: 'a:1' }, cause);
  is(error.code, 'CONNECT_FAILED');
  is(error.retryable, true);
  is(error.cause, cause);
  equal(error.details, { address: 'a:1' });
  is(new TransportError('BAD_ADDRESS', 'x').retryable, false);
});
