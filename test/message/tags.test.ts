import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { javaHash } from '../../src/base/index.ts';
import { tagsCode, tagsCodeOfBytes, tagsCodeOfProperties } from '../../src/message/index.ts';
import { readGolden, readVectors } from '../support/golden.ts';
import { suite } from '../support/suite.ts';
import { withoutSeparators } from './texts.ts';

const test = suite('tags');

interface HashVector {
  readonly s: string;
  readonly hash: number;
  readonly tagsCodeHex: string;
}

test("texts have Java's hash codes", () => {
  const { javaHashCode } = readGolden<{ javaHashCode: HashVector[] }>('store-vectors.json');
  for (const { s, hash, tagsCodeHex } of javaHashCode) {
    assert.is(javaHash(s), hash, s);
    assert.is(tagsCode(s), hash, s);
    assert.is(
      BigInt.asUintN(64, BigInt(tagsCode(s)))
        .toString(16)
        .padStart(16, '0'),
      tagsCodeHex,
    );
    const bytes = Buffer.from(s);
    assert.is(tagsCodeOfBytes(bytes, 0, bytes.length), hash, s);
  }
});

test('tags have the codes clients compute for their subscriptions', () => {
  for (const { decoded } of readVectors('javaStringHash')) {
    for (const [tag, hash] of Object.entries(decoded as Record<string, number>)) {
      assert.is(tagsCode(tag), hash);
    }
  }
});

test('no tag is code 0', () => {
  assert.is(tagsCode(undefined), 0);
  assert.is(tagsCode(''), 0);
});

test('the code of stored properties is that of their last TAGS', () => {
  const scratch = { start: 0, length: 0 };
  const codeOf = (text: string): number => {
    const bytes = Buffer.from(text);
    return tagsCodeOfProperties(bytes, 0, bytes.length, scratch);
  };
  assert.is(codeOf('a\u0001b\u0002TAGS\u0001TagA'), 2598919);
  assert.is(codeOf('TAGS\u0001x\u0002TAGS\u0001TagA\u0002'), 2598919);
  assert.is(codeOf('XTAGS\u0001TagA'), 0);
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (tag) => {
      fc.pre(withoutSeparators(tag) === tag);
      assert.is(codeOf(`TAGS\u0001${tag}`), tagsCode(Buffer.from(tag).toString()));
    }),
  );
});
