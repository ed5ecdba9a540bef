import * as assert from 'uvu/assert';
import { Recorder } from '../../../src/cli/bench/recorder.ts';
import { suite } from '../../support/suite.ts';

const test = suite('recorder');

test('successes, losses and refusals are counted apart', () => {
  const recorder = new Recorder();
  recorder.success(1.5, 16, 100);
  recorder.lost(16);
  recorder.refused(16, 'first');
  recorder.refused(16, 'second');
  assert.equal(recorder.snapshot(), {
    requests: 1,
    messages: 16,
    bytes: 100,
    sendFailed: 1,
    responseFailed: 2,
    messagesFailed: 48,
    responseMsSum: 1.5,
  });
  assert.is(recorder.failed, 3);
  assert.is(recorder.problem, 'first');
  assert.is(recorder.refusedInRow, 2);
  assert.is(recorder.latency.max, 1500);
});

test('the maximum is that since it was asked for last', () => {
  const recorder = new Recorder();
  recorder.success(4, 1, 0);
  assert.is(recorder.takeMax(), 4);
  recorder.success(2, 1, 0);
  assert.is(recorder.takeMax(), 2);
});

test('after the warm-up what succeeded is forgotten, what failed is not', () => {
  const recorder = new Recorder();
  recorder.success(4, 1, 9);
  recorder.lost(1);
  recorder.restart(50);
  recorder.late(1);
  assert.is(recorder.requests, 0);
  assert.is(recorder.latency.count, 0);
  assert.is(recorder.sendFailed, 1);
  assert.is(recorder.fromMs, 50);
});

test('a success that nobody timed counts, and leaves the response times alone', () => {
  const recorder = new Recorder();
  recorder.refused(1, 'no');
  recorder.success(2, 1, 10);
  recorder.count(3, 30);
  assert.equal([recorder.requests, recorder.messages, recorder.bytes], [2, 4, 40]);
  assert.equal([recorder.latency.count, recorder.refusedInRow], [1, 0]);
});
