import * as assert from 'uvu/assert';
import { latencyOf, resultOf } from '../../../src/cli/bench/bench-result.ts';
import { describeResult, drawHistogram, duration, grouped } from '../../../src/cli/bench/draw.ts';
import { Histogram } from '../../../src/cli/bench/histogram.ts';
import { Recorder } from '../../../src/cli/bench/recorder.ts';
import { suite } from '../../support/suite.ts';

const test = suite('draw');

test('times and counts are written for a person', () => {
  assert.equal([0, 999, 1500, 25_400, 2_500_000].map(duration), [
    '0 µs',
    '999 µs',
    '1.50 ms',
    '25.4 ms',
    '2.50 s',
  ]);
  assert.equal([0, 999, 1000, 1_234_567].map(grouped), ['0', '999', '1,000', '1,234,567']);
});

test('rows go from the shortest to the longest time, without a gap, and the longest bar is the most frequent', () => {
  const histogram = new Histogram();
  for (let count = 0; count < 90; count++) histogram.record(100);
  for (let count = 0; count < 10; count++) histogram.record(400);
  const lines = drawHistogram([...histogram.buckets()]);
  assert.is(lines.length, 5);
  assert.match(lines[0] ?? '', /≤\s+128 µs\s+90\.00 % █{40}$/);
  assert.match(lines[4] ?? '', /≤\s+512 µs\s+10\.00 % █{4}/);
  assert.match(lines[2] ?? '', /0\.00 %$/);
  assert.equal(drawHistogram([]), []);
});

test('a result names what failed', () => {
  const recorder = new Recorder();
  recorder.success(1, 1, 10);
  recorder.lost(1);
  const end = { seconds: 1, cpuMicros: 1, problem: 'b is gone', isInterrupted: false, unsent: 0 };
  const text = describeResult(resultOf('producer', {}, new Date(0), recorder, end)).join('\n');
  assert.match(text, /producer: 1 messages in 1\.00 s, 1 messages\/s/);
  assert.match(text, /failed: 1 without an answer, 0 refused/);
  assert.match(text, /problem: b is gone/);
});

test('each further part of a run has its own line, and its own histogram where it has one', () => {
  const end = { seconds: 1, cpuMicros: 1, isInterrupted: false, unsent: 0 };
  const result = resultOf('latency', {}, new Date(0), new Recorder(), end);
  const histogram = new Histogram();
  histogram.record(700);
  const part = { messages: 1000, messagesPerSecond: 500 };
  const lines = describeResult({
    ...result,
    parts: [
      { name: 'there', ...part, ...latencyOf(histogram) },
      { name: 'back', ...part, cpuUsPerMessage: 1.5 },
    ],
  });
  const text = lines.join('\n');
  assert.match(text, /^send to acknowledgement: p50 0 µs/m);
  assert.match(text, /^there: 1,000 messages, 500 messages\/s$/m);
  assert.match(text, /^there: latency: p50 700 µs.* p99\.99 700 µs, max 700 µs$/m);
  assert.match(text, /^back: 1,000 messages, 500 messages\/s, 1\.5 CPU-µs a message$/m);
  assert.is(lines.filter((line) => line.includes('█')).length, 1);
});
