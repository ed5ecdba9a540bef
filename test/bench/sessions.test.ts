import * as assert from 'uvu/assert';
import { PRODUCER_SHAPES } from '../../bench/compare/plan.ts';
import { producerArgs } from '../../bench/compare/sessions.ts';
import { suite } from '../support/suite.ts';

const test = suite('comparison sessions');

test('each row of a Java producer warms up in full: it is a JVM of its own', () => {
  const times = { warmSeconds: 8, seconds: 6 };
  assert.equal(producerArgs('java-producer', times), ['load-java-producer', 64, 128, 8, 6]);
  for (const id of Object.keys(PRODUCER_SHAPES)) assert.is(producerArgs(id, times)[3], 8);
  assert.throws(() => producerArgs('pull', times), /no producer is known as pull/);
});
