import * as assert from 'uvu/assert';
import { cpuMicros } from '../../../src/cli/bench/cpu-micros.ts';
import { suite } from '../../support/suite.ts';

const test = suite('processor time');

test('it grows with work, and not faster than it can', () => {
  const cores = 64;
  const fromMs = performance.now();
  const before = cpuMicros();
  while (cpuMicros() - before < 20_000);
  assert.ok(cpuMicros() - before <= (performance.now() - fromMs + 20) * 1000 * cores);
});
