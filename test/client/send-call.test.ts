import { is } from 'uvu/assert';
import { refusal } from '../../src/client/call.ts';
import { ClientError } from '../../src/client/errors.ts';
import { isSendRetryable } from '../../src/client/send-call.ts';
import { ResponseCode, responseOf } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('send-call');

test('answers that another broker may mend are worth a retry, as in Java', () => {
  const retryable = new Set<number>([1, 14, 16, 17, 204, 205]);
  for (const code of Object.values(ResponseCode)) {
    const error = refusal('a:1', responseOf(code));
    is(isSendRetryable(error, error.code), retryable.has(code), String(code));
  }
});

test('so are lost connections and timeouts, but nothing the caller did', () => {
  for (const code of ['CONNECTION_FAILED', 'TIMEOUT'] as const) {
    is(isSendRetryable(new ClientError(code, ''), code), true);
  }
  for (const code of ['ABORTED', 'CLOSED', 'BAD_ARGUMENT', 'TOO_MANY_IN_FLIGHT'] as const) {
    is(isSendRetryable(new ClientError(code, ''), code), false);
  }
  is(isSendRetryable(new Error('other'), undefined), false);
});
