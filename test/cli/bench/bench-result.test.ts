import * as assert from 'uvu/assert';
import { isClean, resultOf } from '../../../src/cli/bench/bench-result.ts';
import { Recorder } from '../../../src/cli/bench/recorder.ts';
import { suite } from '../../support/suite.ts';

const test = suite('bench result');
const end = { seconds: 2, cpuMicros: 64, isInterrupted: false, unsent: 0 };

test('rates, percentiles and the cost of the load itself come from what was counted', () => {
  const recorder = new Recorder();
  for (let count = 0; count < 4; count++) recorder.success(1, 16, 1000);
  const result = resultOf('batch', { topic: 'T' }, new Date(0), recorder, end);
  assert.is(result.startedAt, '1970-01-01T00:00:00.000Z');
  assert.is(result.requestsPerSecond, 2);
  assert.is(result.messagesPerSecond, 32);
  assert.is(result.bytesPerSecond, 2000);
  assert.is(result.loadCpuUsPerMessage, 1);
  assert.is(result.latencyUs.p999, 1000);
  assert.ok(isClean(result));
});

test('a run with a failure is not clean, and says what was answered', () => {
  const recorder = new Recorder();
  recorder.refused(1, 'b answered NO (1)');
  const result = resultOf('producer', {}, new Date(0), recorder, { ...end, seconds: 0 });
  assert.is(result.problem, 'b answered NO (1)');
  assert.is(result.messagesPerSecond, 0);
  assert.not(isClean(result));
  const lost = new Recorder();
  lost.lost(1);
  assert.not(isClean(resultOf('producer', {}, new Date(0), lost, end)));
});

test('a rate that was not kept makes a run unclean, unless it was interrupted', () => {
  const behind = { ...end, unsent: 7 };
  const result = resultOf('producer', {}, new Date(0), new Recorder(), behind);
  assert.match(result.problem ?? '', /7 requests were due and could not go out/);
  assert.not(isClean(result));
  const stopped = { ...behind, isInterrupted: true };
  assert.ok(isClean(resultOf('producer', {}, new Date(0), new Recorder(), stopped)));
});
