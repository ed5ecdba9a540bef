import * as assert from 'uvu/assert';
import { Arrivals } from '../../../src/cli/bench/arrivals.ts';
import { suite } from '../../support/suite.ts';

const test = suite('arrivals');

test('a line covers what arrived since the last one', () => {
  const arrivals = new Arrivals();
  arrivals.startLine(1000);
  arrivals.note(1100, 10, 4, 100);
  arrivals.note(1200, 30, 8, 100);
  assert.is(arrivals.lineMs(3000), 2000);
  const first = arrivals.line(3000, 1_700_000_000_000);
  assert.match(first, /^Current Time: 1700000000000 TPS: 1 FAIL: 0/);
  assert.match(first, /AVG\(B2C\) RT\(ms\): +20\.000 AVG\(S2C\) RT\(ms\): +6\.000/);
  assert.match(first, /MAX\(B2C\) RT\(ms\): 30 MAX\(S2C\) RT\(ms\): 8$/);
  arrivals.note(3100, 2, 1, 100);
  arrivals.failed += 1;
  const second = arrivals.line(4000, 1_700_000_001_000);
  assert.match(second, /TPS: 1 FAIL: 1 AVG\(B2C\) RT\(ms\): +2\.000.*MAX\(B2C\) RT\(ms\): 2 /);
  assert.is(arrivals.lastMs, 3100);
});

test('the warm-up is forgotten, and clocks that disagree give no time below zero', () => {
  const arrivals = new Arrivals();
  arrivals.note(1, 500, 1, 1);
  arrivals.restart(10);
  assert.is(arrivals.recorder.messages, 0);
  arrivals.note(11, -3, -3, 1);
  assert.is(arrivals.recorder.latency.max, 0);
  assert.match(arrivals.line(1010, 0), /TPS: 1 /);
});
