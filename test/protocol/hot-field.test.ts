import * as assert from 'uvu/assert';
import { holeOf } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('hot field');

test('a constant leaves nothing open, all else says how it is written', () => {
  assert.is(holeOf({ key: 'a', constant: '' }), undefined);
  assert.is(holeOf({ key: 'a', number: true }), 'decimal');
  assert.is(holeOf({ key: 'a', text: true }), 'text');
  assert.is(holeOf({ key: 'a', hexAfter: '' }), 'hex');
});
