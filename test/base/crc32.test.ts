import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { bodyCrc, copyBody, WordView } from '../../src/base/index.ts';
import { readGolden } from '../support/golden.ts';
import { suite } from '../support/suite.ts';

const test = suite('crc32');

interface CrcVector {
  readonly bodyHex: string;
  readonly storedBodyCRC: number;
}

test('bodies have the checksums RocketMQ stores', () => {
  const { bodyCrc: vectors } = readGolden<{ bodyCrc: CrcVector[] }>('store-vectors.json');
  for (const { bodyHex, storedBodyCRC } of vectors) {
    assert.is(bodyCrc(Buffer.from(bodyHex, 'hex')), storedBodyCRC, bodyHex.slice(0, 40));
  }
});

test('both ways to compute it agree with zlib, wherever the bytes lie', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(20), fc.nat(20), (bytes, front, back) => {
      const buffer = Buffer.concat([Buffer.alloc(front, 7), bytes, Buffer.alloc(back, 9)]);
      const expected = bytes.length === 0 ? 0 : crc32(bytes) & 0x7fffffff;
      assert.is(bodyCrc(buffer, front, bytes.length), expected);
    }),
  );
});

test('a body is copied byte for byte and its checksum is that of the body alone', () => {
  const from = new WordView();
  const to = new WordView();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(20), fc.nat(20), (bytes, front, at) => {
      from.show(Buffer.concat([Buffer.alloc(front, 7), bytes, Buffer.alloc(3, 9)]));
      to.show(Buffer.alloc(at + bytes.length + 5, 0xee));
      assert.is(copyBody(from, front, bytes.length, to, at), bodyCrc(bytes));
      const expected = Buffer.alloc(to.bytes.length, 0xee);
      expected.set(bytes, at);
      assert.ok(to.bytes.equals(expected));
    }),
  );
});
