import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type Random, seededRandom, systemRandom } from '../../src/base/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('random');

const draw = (random: Random): number[] => Array.from({ length: 50 }, () => random.next());

test('a seed gives the same sequence again, another seed another one', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      assert.equal(draw(seededRandom(seed)), draw(seededRandom(seed)));
      assert.not.equal(draw(seededRandom(seed)), draw(seededRandom(seed + 1)));
    }),
  );
});

test('numbers stay in their range and spread over it', () => {
  for (const random of [systemRandom, seededRandom(7)]) {
    const counts = new Array<number>(10).fill(0);
    for (let round = 0; round < 10_000; round++) {
      const value = random.below(10);
      assert.ok(Number.isInteger(value) && value >= 0 && value < 10);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    for (const count of counts) assert.ok(count > 700 && count < 1_300, String(counts));
  }
});
