import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import { JsonPairs, type JsonValue, parseJson } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('json read');

const codeOf = (
  text: string,
  limits?: { depthMax: number; valuesMax: number },
): string | undefined => {
  try {
    parseJson(text, limits);
    return undefined;
  } catch (error) {
    return errorCode(error) ?? 'untyped';
  }
};

test('strict JSON reads as JSON.parse reads it, compact or indented', () => {
  const options = { noUnicodeString: false, maxDepth: 4 };
  fc.assert(
    fc.property(fc.jsonValue(options), fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      const expected = JSON.parse(text) as JsonValue;
      const isSafe = !/\d{16}/.test(text) && !text.includes('$ref');
      if (isSafe) assert.equal(parseJson(text), expected);
    }),
    { numRuns: 1000 },
  );
});

test('integer keys may be bare', () => {
  assert.equal(parseJson('{0:"10.0.0.1:10911", 12 : "x",-1:1}'), {
    0: '10.0.0.1:10911',
    12: 'x',
    '-1': 1,
  });
});

test('objects may be keys', () => {
  const value = parseJson('{{"brokerName":"b","queueId":0,"topic":"T"}:{"x":1},"text":2}');
  assert.instance(value, JsonPairs);
  assert.equal((value as JsonPairs).entries, [
    [{ brokerName: 'b', queueId: 0, topic: 'T' }, { x: 1 }],
    ['text', 2],
  ]);
});

test('bare names, single quotes, trailing commas, NaN and empty text are taken', () => {
  assert.equal(parseJson(`{a:'it"s',b:[1,2,],c:NaN,d:undefined,}`), {
    a: 'it"s',
    b: [1, 2],
    c: null,
    d: null,
  });
  assert.is(parseJson(''), null);
  assert.is(parseJson(' \n'), null);
});

test("fastjson's escapes are undone", () => {
  assert.is(parseJson(`"\\x41\\u00e9\\v\\'\\0\\7\\/\\\\"`), "A\u00e9\v'\0\u0007/\\");
});

test('64-bit integers saturate, fractions stay', () => {
  assert.is(parseJson('9223372036854775807'), Number.MAX_SAFE_INTEGER);
  assert.is(parseJson('-9223372036854775808'), Number.MIN_SAFE_INTEGER);
  assert.is(parseJson('1637000000000'), 1637000000000);
  assert.is(parseJson('0.17'), 0.17);
  assert.is(parseJson('1.0E10'), 1e10);
});

test('a name of the object machinery is a member like others', () => {
  const value = parseJson('{"__proto__":{"isAdmin":true},"a":1}') as Record<string, unknown>;
  assert.is(Object.getPrototypeOf(value), Object.prototype);
  assert.is(value['isAdmin'], undefined);
  assert.ok(Object.hasOwn(value, '__proto__'));
});

test('texts do not keep the document alive, and are whole', () => {
  const name = 'a-topic-name-longer-than-a-slice';
  const value = parseJson(`{"${name}":"${name}x"}`) as Record<string, string>;
  assert.is(value[name], `${name}x`);
});

test('what is no JSON is refused with its position', () => {
  const bad = [
    '{',
    '[',
    '"',
    '{"a"}',
    '{"a":}',
    '{:1}',
    '[1 2]',
    '1 2',
    '}',
    '{"a":1',
    'tru',
    '-',
    '.',
  ];
  for (const text of [
    ...bad,
    '"\\u12"',
    '"\\q"',
    '{"a" 1}',
    '{[1]:2}',
    '1e',
    '--1',
    '{1x:1}',
    ',',
  ]) {
    assert.is(codeOf(text), 'JSON_MALFORMED', text);
  }
});

test('depth, size and references are bounded', () => {
  assert.is(codeOf('['.repeat(64) + ']'.repeat(64)), undefined);
  assert.is(codeOf('['.repeat(65) + ']'.repeat(65)), 'JSON_MALFORMED');
  assert.is(codeOf('{"a":'.repeat(100_000)), 'JSON_MALFORMED');
  assert.is(codeOf('[1,2,3]', { depthMax: 9, valuesMax: 3 }), 'JSON_MALFORMED');
  assert.is(codeOf(`[${'{"$ref":"$"},'.repeat(2000)}]`), 'JSON_MALFORMED');
});

test('a long text without escapes is read in one pass', () => {
  const text = `[${'"abcdefgh",'.repeat(100_000)}]`;
  const startMs = performance.now();
  parseJson(text);
  assert.ok(performance.now() - startMs < 5_000);
});

test('random text ends in a value or in the typed error', () => {
  const part = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    "'",
    '\\',
    'a',
    '1',
    '-',
    ' ',
    '$ref',
    '"$ref":"$.a"',
    'null',
    'u0041',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      const code = codeOf(parts.join(''));
      assert.ok(code === undefined || code === 'JSON_MALFORMED', code);
    }),
    { numRuns: 3000 },
  );
});
