import * as assert from 'uvu/assert';
import { javaHash } from '../../src/base/index.ts';
import { TagFilter } from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('storage/tag-filter');

test('a filter matches the codes of its tags and no others', () => {
  const one = new TagFilter([javaHash('TagA')]);
  const two = new TagFilter([javaHash('TagA'), javaHash('polygenelubricants')]);
  for (const filter of [one, two]) {
    assert.ok(filter.matches(javaHash('TagA')));
    assert.not(filter.matches(javaHash('TagB')));
    assert.not(filter.matches(0));
  }
  assert.ok(two.matches(-2_147_483_648));
});
