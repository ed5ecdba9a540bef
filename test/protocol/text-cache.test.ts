import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { TextCache } from '../../src/protocol/text-cache.ts';
import { suite } from '../support/suite.ts';

const test = suite('text cache');

test('it gives the text of the bytes, whatever was asked for before', () => {
  const cache = new TextCache();
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.constantFrom('ab', 'ba', '', 'x'.repeat(128), 'y'.repeat(129)),
  );
  fc.assert(
    fc.property(fc.array(text), (texts) => {
      for (const each of texts) {
        const bytes = Buffer.from(`<${each}>`);
        assert.is(cache.get(bytes, 1, bytes.length - 1), each);
        bytes.fill(0);
      }
    }),
    { numRuns: 500 },
  );
});
