import * as assert from 'uvu/assert';
import { javaHash } from '../../src/base/index.ts';
import { parseTagExpression } from '../../src/filter/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('tag filter');

test('a star, nothing and a blank text subscribe to everything', () => {
  assert.is(parseTagExpression('*'), undefined);
  assert.is(parseTagExpression(undefined), undefined);
  assert.is(parseTagExpression(''), undefined);
});

test('tags are separated by two bars and trimmed', () => {
  assert.equal(parseTagExpression(' TagA||TagB ||  中文')?.tags, ['TagA', 'TagB', '中文']);
});

test('an expression that names no tag is refused', () => {
  assert.is(parseTagExpression('||'), null);
  assert.is(parseTagExpression(' || '), null);
});

test('a message matches by the hash of its tag, also when the code was sign-extended', () => {
  const filter = parseTagExpression('TagA || TopicTest');
  assert.ok(filter);
  assert.ok(filter.matches(javaHash('TagA')));
  assert.ok(javaHash('TopicTest') < 0);
  assert.ok(filter.matches(javaHash('TopicTest')));
  assert.not.ok(filter.matches(javaHash('TagB')));
  assert.not.ok(filter.matches(0));
});
