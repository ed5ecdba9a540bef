import * as assert from 'uvu/assert';
import { nearestName } from '../../../src/node/config/nearest-name.ts';
import { suite } from '../../support/suite.ts';

const test = suite('nearest name');
const known = ['brokerName', 'brokerId', 'listenPort', 'flushDiskType'];

test('a missing, doubled, wrong or swapped letter is found', () => {
  for (const typed of ['brokerNam', 'brokerNaame', 'brokerNane', 'brokerNmae', 'BROKERNAME'])
    assert.is(nearestName(typed, known), 'brokerName', typed);
  assert.is(nearestName('flushDiskTpye', known), 'flushDiskType');
});

test('a name far from all is given no guess', () => {
  assert.is(nearestName('somethingElse', known), undefined);
  assert.is(nearestName('x'.repeat(10_000), known), undefined);
});

test('the nearest of several wins', () => {
  assert.is(nearestName('ab1', ['abcd', 'abc', 'xyz']), 'abc');
});
