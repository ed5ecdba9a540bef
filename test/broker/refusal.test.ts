import * as assert from 'uvu/assert';
import { busy, Refusal } from '../../src/broker/refusal.ts';
import { suite } from '../support/suite.ts';

const test = suite('refusal');

test('a refusal bears the code and the remark a client is to see', () => {
  const refusal = new Refusal(16, 'forbidden');
  assert.equal([refusal.responseCode, refusal.message], [16, 'forbidden']);
  assert.instance(refusal, Error);
});

test('busy is SYSTEM_BUSY with the remark RocketMQ clients know', () => {
  const { responseCode, message } = busy();
  assert.is(responseCode, 2);
  assert.match(message, /^\[OVERLOAD\]system busy, start flow control for a while$/);
});
