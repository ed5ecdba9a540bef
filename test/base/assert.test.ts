import * as assert from 'uvu/assert';
import { AssertionError, assert as claim, unreachable } from '../../src/base/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('assert');

test('what holds passes, what does not throws with its message and a code', () => {
  claim(1, 'never');
  const error = thrown(() => claim(0, 'zero is not true'));
  assert.instance(error, AssertionError);
  assert.is(error?.message, 'zero is not true');
  assert.is(error?.code, 'ASSERTION');
});

test('a variant nobody handles is a bug that names it', () => {
  const error = thrown(() => unreachable({ kind: 'new' } as never));
  assert.match(error?.message ?? '', /"kind":"new"/);
});

const thrown = (run: () => void): AssertionError | undefined => {
  try {
    run();
  } catch (error) {
    return error as AssertionError;
  }
  return undefined;
};
