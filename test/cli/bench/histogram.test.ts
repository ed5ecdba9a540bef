import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { Histogram } from '../../../src/cli/bench/histogram.ts';
import { suite } from '../../support/suite.ts';

const test = suite('histogram');

test('a percentile is off by less than 1.6 % of the value that a sorted list gives', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 0x7fff_ffff }), { minLength: 1, maxLength: 300 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, share) => {
        const histogram = new Histogram();
        for (const value of values) histogram.record(value);
        const sorted = [...values].sort((left, right) => left - right);
        const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] as number;
        const got = histogram.percentile(share);
        assert.ok(got >= exact && got <= exact * 1.016 + 1, `${got} for ${exact}`);
      },
    ),
  );
});

test('buckets follow each other without a gap, and hold every value', () => {
  const histogram = new Histogram();
  for (let value = 0; value < 5000; value++) histogram.record(value);
  let next = 0;
  for (const { low, high, count } of histogram.buckets()) {
    assert.is(low, next);
    next = high + 1;
    if (next <= 5000) assert.is(count, high - low + 1);
  }
  assert.ok(next >= 5000);
});

test('fractions, negative and enormous values count as the nearest that there is', () => {
  const histogram = new Histogram();
  for (const value of [-5, 0.9, 1e15]) histogram.record(value);
  assert.is(histogram.count, 3);
  assert.is(histogram.max, 0xffff_ffff);
  assert.is(histogram.percentile(0.5), 0);
});

test('an empty one has no percentiles, and reset makes it empty', () => {
  const histogram = new Histogram();
  histogram.record(7);
  assert.is(histogram.mean, 7);
  histogram.reset();
  assert.is(histogram.percentile(0.99), 0);
  assert.is(histogram.mean, 0);
  assert.equal([...histogram.buckets()], []);
});
