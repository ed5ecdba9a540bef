import * as assert from 'uvu/assert';
import { ResponseCode, responseCodeName } from '../../src/protocol/index.ts';
import { readGolden } from '../support/golden.ts';
import { suite } from '../support/suite.ts';

const test = suite('response code');

test('the codes are those of RocketMQ 4.9.2', () => {
  const { codes } = readGolden<{ codes: Record<string, number> }>('response-codes.json');
  assert.equal({ ...ResponseCode }, codes);
});

test('a code has one name, an unknown one its number', () => {
  const codes = Object.values(ResponseCode);
  assert.is(new Set(codes).size, codes.length);
  assert.is(responseCodeName(17), 'TOPIC_NOT_EXIST');
  assert.is(responseCodeName(-7), '-7');
});
