import * as assert from 'uvu/assert';
import { Recorder } from '../../../src/cli/bench/recorder.ts';
import { consumerLine, humanTime, statLine } from '../../../src/cli/bench/stat-lines.ts';
import { suite } from '../../support/suite.ts';

const test = suite('stat lines');

const interval = () => {
  const recorder = new Recorder();
  const begin = recorder.snapshot();
  for (let count = 0; count < 40; count++) recorder.success(count === 0 ? 7.9 : 1, 16, 100);
  recorder.lost(16);
  recorder.refused(16, 'no');
  const at = new Date(2021, 8, 1, 9, 5, 3, 7);
  return { begin, end: recorder.snapshot(), seconds: 10, responseMsMax: recorder.takeMax(), at };
};

test('a time is written as RocketMQ writes it', () => {
  assert.is(humanTime(new Date(2021, 8, 1, 9, 5, 3, 7)), '2021-09-01 09:05:03,007');
});

test('lines have the shape of those of RocketMQ’s tools', () => {
  assert.is(
    statLine('producer', interval()),
    'Current Time: 2021-09-01 09:05:03,007 Send TPS: 4 Max RT(ms): 7 Average RT(ms):   1.172' +
      ' Send Failed: 1 Response Failed: 1',
  );
  assert.is(
    statLine('batch', interval()),
    'Current Time: 2021-09-01 09:05:03,007 | Send TPS: 4 | Send MPS: 64 | Max RT(ms): 7' +
      ' | Average RT(ms):   1.172 | Average Message RT(ms):   0.073 | Send Failed: 2 | Send Message Failed: 32',
  );
  assert.match(statLine('pull', interval()), / \| Pull MPS: 64 \| .* \| Pull Failed: 2$/);
});

test('an interval without an answer divides by nothing', () => {
  const at = new Date();
  const empty = new Recorder().snapshot();
  const line = statLine('producer', { begin: empty, end: empty, seconds: 0, responseMsMax: 0, at });
  assert.match(line, /Send TPS: 0 Max RT\(ms\): 0 Average RT\(ms\): {3}0\.000/);
});

test('a consumer has RocketMQ’s line too', () => {
  const times = { bornMsSum: 30, storeMsSum: 15, bornMsMax: 9.5, storeMsMax: 4 };
  assert.is(
    consumerLine({ nowMs: 1234, seconds: 2, messages: 10, failed: 1, ...times }),
    'Current Time: 1234 TPS: 5 FAIL: 1 AVG(B2C) RT(ms):   3.000 AVG(S2C) RT(ms):   1.500' +
      ' MAX(B2C) RT(ms): 9 MAX(S2C) RT(ms): 4',
  );
});
