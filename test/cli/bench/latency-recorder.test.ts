import * as assert from 'uvu/assert';
import { LatencyRecorder } from '../../../src/cli/bench/latency-recorder.ts';
import { suite } from '../../support/suite.ts';

const test = suite('latency recorder');

test('acknowledgement and arrival are timed apart, both from when the send was due', () => {
  let nowMs = 100;
  const recorder = new LatencyRecorder(() => nowMs);
  nowMs = 107;
  recorder.success(2, 1, 0);
  recorder.arrive(102, 1, 128);
  assert.is(recorder.latency.max, 2000);
  assert.is(recorder.arrivals.recorder.latency.max, 5000);
  assert.equal([recorder.acknowledged, recorder.arrived], [1, 1]);
});

test('what was due in the warm-up does not count, but is waited for', () => {
  let nowMs = 100;
  const recorder = new LatencyRecorder(() => nowMs);
  recorder.restart(200);
  nowMs = 210;
  recorder.late(1);
  recorder.arrive(160, 1, 128);
  assert.equal([recorder.requests, recorder.arrivals.recorder.messages], [0, 0]);
  assert.equal([recorder.acknowledged, recorder.arrived], [1, 1]);
  assert.is(recorder.arrivals.lastMs, 210);
  recorder.success(5, 1, 0);
  recorder.arrive(205, 1, 128);
  assert.equal([recorder.requests, recorder.arrivals.recorder.messages], [1, 1]);
});
