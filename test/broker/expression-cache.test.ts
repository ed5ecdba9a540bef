import * as assert from 'uvu/assert';
import { EXPRESSIONS_CACHED_MAX } from '../../src/broker/broker-limits.ts';
import { ExpressionCache } from '../../src/broker/expression-cache.ts';
import { suite } from '../support/suite.ts';

const test = suite('expression cache');

test('an expression is parsed once, also one that matches everything or nothing', () => {
  const cache = new ExpressionCache();
  assert.is(cache.get('TagA'), cache.get('TagA'));
  assert.is(cache.get('*'), undefined);
  assert.is(cache.get('||'), null);
});

test('strangers cannot make it grow without limit', () => {
  const cache = new ExpressionCache();
  const first = cache.get('first');
  for (let index = 0; index < EXPRESSIONS_CACHED_MAX; index++) cache.get(`tag-${index}`);
  assert.is.not(cache.get('first'), first);
});
