import * as assert from 'uvu/assert';
import { median, spread } from '../../bench/support/measure.ts';
import { suite } from '../support/suite.ts';

const test = suite('measure');

test('the median of an even count lies between the two middle values', () => {
  assert.is(median([7]), 7);
  assert.is(median([9, 1, 2]), 2);
  assert.is(median([10, 1, 2, 4]), 3);
  assert.is(median([-1, 10]), 4.5);
});

test('samples are summed up by their middle and their ends, and left as they were', () => {
  const samples = [30, 10, 20.004, 40];
  assert.equal(spread(samples), { median: 25, min: 10, max: 40, samples: 4 });
  assert.equal(samples, [30, 10, 20.004, 40]);
  assert.throws(() => spread([]), /no sample/);
});
