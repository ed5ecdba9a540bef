import { equal, is } from 'uvu/assert';
import { NameServerError } from '../../src/namesrv/name-server-error.ts';
import { suite } from '../support/suite.ts';

const test = suite('name-server-error');

test('an error carries code and plain details', () => {
  const error = new NameServerError('NAME_INVALID', 'no', { what: 'topic' });
  is(error.code, 'NAME_INVALID');
  is(error.retryable, false);
  equal(error.details, { what: 'topic' });
});
