import fc from 'fast-check';
import * as assert from 'uvu/assert';
import {
  copyBytes,
  decimalBytes,
  equalsBytes,
  isTrueText,
  parseDecimal,
  writeDecimal,
} from '../../src/message/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('bytes');

test('a copy moves exactly the bytes asked for, short or long', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(9), fc.nat(9), (bytes, from, to) => {
      const source = Buffer.concat([Buffer.alloc(from, 1), bytes, Buffer.alloc(5, 2)]);
      const target = Buffer.alloc(bytes.length + to + 5, 3);
      assert.is(copyBytes(source, from, bytes.length, target, to), to + bytes.length);
      const expected = Buffer.concat([Buffer.alloc(to, 3), bytes, Buffer.alloc(5, 3)]);
      assert.ok(target.equals(expected));
    }),
  );
});

test('bytes are equal only over their whole length', () => {
  const source = Buffer.from('xTAGSx');
  assert.ok(equalsBytes(source, 1, 4, Buffer.from('TAGS')));
  assert.not.ok(equalsBytes(source, 1, 3, Buffer.from('TAGS')));
  assert.not.ok(equalsBytes(source, 0, 4, Buffer.from('TAGS')));
});

test('decimals are written as JavaScript writes them', () => {
  const edges = [0, 9, 10, 99, 999_999, 1_000_000, 0x3fffffff, 0x40000000, Number.MAX_SAFE_INTEGER];
  const check = (value: number): void => {
    const target = Buffer.alloc(24, 0x78);
    const end = writeDecimal(target, 2, value);
    assert.is(target.toString('latin1', 2, end), String(value));
    assert.is(end - 2, decimalBytes(value));
    assert.is(target[1], 0x78);
    assert.is(target[end], 0x78);
  };
  for (const edge of edges) {
    check(edge);
    if (edge !== 0) check(-edge);
  }
  fc.assert(fc.property(fc.maxSafeInteger(), check));
});

test('decimals are read back, with a sign, and saturate', () => {
  const parse = (text: string): number =>
    parseDecimal(Buffer.from(`<${text}>`), 1, 1 + text.length);
  fc.assert(fc.property(fc.maxSafeInteger(), (value) => parse(String(value)) === value));
  assert.is(parse('+5'), 5);
  assert.is(parse('9223372036854775807'), Number.MAX_SAFE_INTEGER);
  assert.is(parse('-9223372036854775808'), Number.MIN_SAFE_INTEGER);
  assert.is(parse('007'), 7);
});

test('what Java would refuse as a number is none', () => {
  for (const text of ['', '-', '+', '1.0', ' 1', '1 ', '0x1', '1e3', '--1', 'one']) {
    assert.ok(Number.isNaN(parseDecimal(Buffer.from(text), 0, text.length)), `"${text}"`);
  }
});

test('only the word true, in any case, is true', () => {
  const isTrue = (text: string): boolean => isTrueText(Buffer.from(text), 0, text.length);
  assert.ok(['true', 'TRUE', 'tRuE'].every(isTrue));
  assert.not.ok(['false', 'yes', '1', 'true ', '', 'trues'].some(isTrue));
});
