import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { escapeLength, unescapeTo } from '../../src/protocol/json-bytes.ts';
import { suite } from '../support/suite.ts';

const test = suite('json bytes');

const undone = (content: string): string => {
  const source = Buffer.from(`xx${content}xx`);
  const target = Buffer.alloc(source.length);
  const end = unescapeTo(source, 2, source.length - 2, target, 1);
  assert.ok(end - 1 <= source.length - 4, 'never longer than the source');
  return target.toString('utf8', 1, end);
};

test('escapes are undone as JSON.parse undoes them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.boolean(), (text, isAscii) => {
      const quoted = JSON.stringify(text).slice(1, -1);
      const content = isAscii
        ? quoted.replace(
            /[^ -~]/g,
            (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
          )
        : quoted;
      assert.is(undone(content), text);
    }),
    { numRuns: 1000 },
  );
});

test('each escape of JSON is known, with its length', () => {
  const lengthOf = (text: string): number => escapeLength(Buffer.from(text), 0);
  for (const each of ['\\"', '\\\\', '\\/', '\\b', '\\f', '\\n', '\\r', '\\t']) {
    assert.is(lengthOf(each), 2);
    assert.is(undone(each), JSON.parse(`"${each}"`));
  }
  assert.is(lengthOf('\\u00e9'), 6);
  assert.is(lengthOf('\\uABCD'), 6);
  for (const bad of ['\\x41', '\\u12', '\\u12g4', '\\', "\\'", '\\0'])
    assert.is(lengthOf(bad), 0, bad);
});

test('halves of a character that stand alone become question marks', () => {
  assert.is(undone('\\ud83d'), '?');
  assert.is(undone('\\ude00\\ud83d'), '??');
  assert.is(undone('\\ud83d\\u0041'), '?A');
});
