import * as assert from 'uvu/assert';
import { isReservedProperty, PROPERTY } from '../../src/message/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('property names');

test('all names differ', () => {
  const names = Object.values(PROPERTY);
  assert.is(new Set(names).size, names.length);
});

test('users may not set what RocketMQ uses, but for the three it lets them', () => {
  assert.ok(isReservedProperty('TAGS'));
  assert.ok(isReservedProperty('UNIQ_KEY'));
  assert.ok(isReservedProperty('REAL_QID'));
  assert.not.ok(isReservedProperty('CHECK_IMMUNITY_TIME_IN_SECONDS'));
  assert.not.ok(isReservedProperty('TRANSACTION_CHECK_TIMES'));
  assert.not.ok(isReservedProperty('TRAN_PREPARED_QUEUE_OFFSET'));
  assert.not.ok(isReservedProperty('colour'));
});
