import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { encodeProperties, findProperty, parseProperties } from '../../src/message/index.ts';
import { readGolden } from '../support/golden.ts';
import { suite } from '../support/suite.ts';
import { withoutSeparators } from './texts.ts';

const test = suite('properties');

interface EncodeVector {
  readonly pairs: readonly (readonly [string, string | null])[];
  readonly v4: string;
  readonly v5: string;
  readonly v4Hex: string;
}
interface ParseVector {
  readonly text: string;
  readonly map: Readonly<Record<string, string>>;
}
const golden = readGolden<{
  propertiesEncode: EncodeVector[];
  propertiesParse: ParseVector[];
}>('store-vectors.json');

test('pairs are written as RocketMQ 4.9.2 writes them', () => {
  for (const { pairs, v4, v4Hex } of golden.propertiesEncode) {
    assert.is(encodeProperties(pairs), v4);
    assert.is(Buffer.from(encodeProperties(new Map(pairs))).toString('hex'), v4Hex);
    assert.is(encodeProperties(Object.fromEntries(pairs)), v4);
  }
});

test('texts are read as RocketMQ reads them, odd ones too', () => {
  for (const { text, map } of golden.propertiesParse) {
    assert.equal(Object.fromEntries(parseProperties(text)), map, JSON.stringify(text));
  }
});

test('the form of 5.x, with a last separator, reads the same', () => {
  for (const { v4, v5 } of golden.propertiesEncode) {
    assert.equal([...parseProperties(v5)], [...parseProperties(v4)]);
  }
});

/** Few characters, so that separators, names and duplicates meet. */
const propertiesText = fc
  .array(fc.constantFrom('\u0001', '\u0002', 'a', 'TAGS', 'é', ' '), { maxLength: 14 })
  .map((parts) => parts.join(''));

test('a property is found in encoded bytes exactly where the parser finds it', () => {
  fc.assert(
    fc.property(propertiesText, fc.constantFrom('a', 'TAGS', 'é'), (text, name) => {
      const bytes = Buffer.from(`<<${text}>>`);
      const range = { start: -1, length: -1 };
      const isFound = findProperty(bytes, 2, bytes.length - 4, Buffer.from(name), range);
      const expected = parseProperties(text).get(name);
      assert.is(isFound, expected !== undefined);
      if (isFound) {
        assert.is(bytes.toString('utf8', range.start, range.start + range.length), expected);
      }
    }),
    { numRuns: 1000 },
  );
});

test('what was encoded is read back', () => {
  const word = fc.string({ minLength: 1 }).map((text) => withoutSeparators(text));
  fc.assert(
    fc.property(fc.dictionary(word, word, { noNullPrototype: true }), (pairs) => {
      assert.equal(Object.fromEntries(parseProperties(encodeProperties(pairs))), pairs);
    }),
  );
});
