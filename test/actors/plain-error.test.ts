import * as assert from 'uvu/assert';
import { ActorError } from '../../src/actors/index.ts';
import { fromPlainError, toPlainError } from '../../src/actors/plain-error.ts';
import { suite } from '../support/suite.ts';

const test = suite('actors/plain-error');

test('code, message, stack and causes survive a thread boundary', () => {
  const inner = Object.assign(new Error('inner'), { code: 'INNER' });
  const outer = new ActorError('START_FAILED', 'outer', { actor: 'a' }, inner);
  const back = fromPlainError(structuredClone(toPlainError(outer)));
  assert.instance(back, Error);
  assert.is(back.message, 'outer');
  assert.is((back as unknown as ActorError).code, 'START_FAILED');
  assert.is((back as unknown as ActorError).retryable, outer.retryable);
  assert.equal((back as unknown as ActorError).details, outer.details);
  assert.is(back.stack, outer.stack);
  const cause = back.cause as Error & { code: string };
  assert.equal([cause.message, cause.code], ['inner', 'INNER']);
});

test('anything thrown becomes an error, and a cycle of causes ends', () => {
  assert.is(fromPlainError(toPlainError('text')).message, 'text');
  const cycle = new Error('cycle');
  cycle.cause = cycle;
  assert.is(fromPlainError(toPlainError(cycle)).message, 'cycle');
});
