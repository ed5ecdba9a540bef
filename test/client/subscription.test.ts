import { equal, is, throws } from 'uvu/assert';
import { javaHash } from '../../src/base/index.ts';
import { isSubscribed, parseSubscription } from '../../src/client/subscription.ts';
import { suite } from '../support/suite.ts';

const test = suite('subscription');

test('tags are cut at || and trimmed; their hashes are Java hashes', () => {
  const data = parseSubscription('T', ' TagA ||TagB|| TagA ', 5);
  equal(data.tagsSet, ['TagA', 'TagB']);
  equal(data.codeSet, [2598919, 2598920]);
  is(data.subString, ' TagA ||TagB|| TagA ');
  is(data.subVersion, 5);
  is(data.expressionType, 'TAG');
});

test('star and blank mean all', () => {
  for (const expression of ['*', '', '  ', ' * ']) {
    const data = parseSubscription('T', expression, 1);
    is(data.subString, '*');
    is(isSubscribed(data, undefined), true);
    is(isSubscribed(data, 'X'), true);
  }
});

test('tags are compared themselves, not their hashes', () => {
  const data = parseSubscription('T', 'Aa', 1);
  is(javaHash('Aa'), javaHash('BB'));
  is(isSubscribed(data, 'Aa'), true);
  is(isSubscribed(data, 'BB'), false);
  is(isSubscribed(data, undefined), false);
});

test('an expression without a tag is refused', () => {
  throws(
    () => parseSubscription('T', ' || ', 1),
    (error: { code?: string }) => error.code === 'BAD_ARGUMENT',
  );
});
