import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { writeHex32, writeHex64 } from '../../src/message/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('hex');

test('numbers are written as upper-case digits of fixed width', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (low, wide) => {
      const target = Buffer.alloc(30, 0x78);
      assert.is(writeHex64(target, writeHex32(target, 1, low), wide), 25);
      const expected = low.toString(16).padStart(8, '0') + wide.toString(16).padStart(16, '0');
      assert.is(target.toString('latin1'), `x${expected.toUpperCase()}xxxxx`);
    }),
  );
});
