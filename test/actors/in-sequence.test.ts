import * as assert from 'uvu/assert';
import { inSequence } from '../../src/actors/in-sequence.ts';
import { suite } from '../support/suite.ts';

const test = suite('actors/in-sequence');

test('steps that answer at once run in order, a hundred thousand of them without stack', () => {
  const items = Array.from({ length: 100_000 }, (_, n) => n);
  const seen: number[] = [];
  let done = 0;
  inSequence(
    items,
    (item, next) => {
      seen.push(item);
      next();
    },
    () => {
      done += 1;
    },
  );
  assert.equal(seen, items);
  assert.is(done, 1);
});

test('a step that answers later holds up the rest, and answers twice in vain', () => {
  const waiting: (() => void)[] = [];
  const seen: string[] = [];
  inSequence(
    ['a', 'b', 'c'],
    (item, next) => {
      seen.push(item);
      if (item === 'b') next();
      else waiting.push(next);
    },
    () => seen.push('done'),
  );
  assert.equal(seen, ['a']);
  waiting[0]?.();
  assert.equal(seen, ['a', 'b', 'c']);
  waiting[0]?.();
  assert.equal(seen, ['a', 'b', 'c']);
  waiting[1]?.();
  waiting[1]?.();
  assert.equal(seen, ['a', 'b', 'c', 'done']);
});

test('nothing to do is done at once', () => {
  let done = 0;
  inSequence([], assert.unreachable, () => {
    done += 1;
  });
  assert.is(done, 1);
});
