import fc from 'fast-check';
import * as assert from 'uvu/assert';
import {
  readInt16BE,
  readInt32BE,
  readInt64BE,
  writeInt16BE,
  writeInt32BE,
  writeInt64BE,
} from '../../src/base/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('integers');
const AT = 3;

test('64-bit integers are written as Java does and read back', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      const bytes = Buffer.alloc(16);
      writeInt64BE(bytes, AT, value);
      assert.is(bytes.readBigInt64BE(AT), BigInt(value));
      assert.is(readInt64BE(bytes, AT), value);
    }),
  );
});

test('what does not fit into a safe integer saturates', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      const bytes = Buffer.alloc(16);
      bytes.writeBigInt64BE(value, AT);
      const max = BigInt(Number.MAX_SAFE_INTEGER);
      const expected = value > max ? max : value < -max ? -max : value;
      assert.is(readInt64BE(bytes, AT), Number(expected));
    }),
  );
});

test('32- and 16-bit integers are signed and big-endian, and cut what is too wide', () => {
  fc.assert(
    fc.property(fc.integer(), (value) => {
      const bytes = Buffer.alloc(16);
      writeInt32BE(bytes, AT, value);
      assert.is(bytes.readInt32BE(AT), value);
      assert.is(readInt32BE(bytes, AT), value);
      writeInt16BE(bytes, AT, value);
      assert.is(readInt16BE(bytes, AT), (value << 16) >> 16);
      assert.is(bytes.readInt16BE(AT), (value << 16) >> 16);
    }),
  );
});
