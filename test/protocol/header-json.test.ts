import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import { readJsonHeader, writeJsonHeader } from '../../src/protocol/header-json.ts';
import type { HeaderFacts } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('header json');

const read = (text: string): HeaderFacts => {
  const bytes = Buffer.from(`##${text}##`);
  return readJsonHeader(bytes, 2, bytes.length - 2);
};

const codeOf = (text: string): string | undefined => {
  try {
    read(text);
    return undefined;
  } catch (error) {
    return errorCode(error);
  }
};

test('keys in any order, blanks, numbers as text and unknown keys are taken', () => {
  const header = read(
    ' { "x" : {"y":[1,{"z":null}]}, "flag":"1" , "version":397.0,"opaque":-7,"code":"105",\n"language":"GO" } ',
  );
  assert.equal(
    [header.code, header.flag, header.version, header.opaque, header.language],
    [105, 1, 397, -7, 9],
  );
});

test('missing keys have their defaults, null counts as missing', () => {
  const header = read('{"remark":null,"extFields":null,"language":null}');
  assert.equal(
    { ...header },
    {
      code: 0,
      language: 0,
      version: 0,
      opaque: 0,
      flag: 0,
      remark: undefined,
      extFields: undefined,
    },
  );
});

test('fields that are no text are taken as text, null as absent', () => {
  const { extFields } = read(
    '{"extFields":{"a":1,"b":true,"c":null,"d":1.5,"e":"","n":9223372036854775807,"o":{"p":1}}}',
  );
  assert.is(extFields?.['a'], '1');
  assert.is(extFields?.['b'], 'true');
  assert.is(extFields?.['d'], '1.5');
  assert.is(extFields?.['e'], '');
  assert.is(Number(extFields?.['n']) >= Number.MAX_SAFE_INTEGER, true);
  assert.not.ok('c' in (extFields ?? {}) || 'o' in (extFields ?? {}));
});

test('an unknown language name is harmless, an unknown number is not', () => {
  assert.is(read('{"language":"KLINGON"}').language, 7);
  assert.is(read('{"language":9}').language, 9);
  assert.is(codeOf('{"language":99}'), 'HEADER_MALFORMED');
});

test('what fastjson would take beyond JSON is taken', () => {
  assert.is(read("{code:11,'opaque':3,}").opaque, 3);
});

test('what is no header is refused', () => {
  for (const text of [
    '',
    '[]',
    '1',
    '{',
    '{"code":"x"}',
    '{"code":1.5}',
    '{"code":{}}',
    '{"extFields":[]}',
    '{"code":99999999999}',
    '{}x',
  ]) {
    assert.is(codeOf(text), 'HEADER_MALFORMED', text);
  }
});

test('bombs are refused: deep, long, and with names of the object machinery', () => {
  assert.is(codeOf(`{"x":${'['.repeat(100_000)}`), 'HEADER_MALFORMED');
  const many = Array.from({ length: 10_000 }, (_, index) => `"${index}":"xxxxxxx"`).join(',');
  assert.is(codeOf(`{"extFields":{${many}}}`), 'HEADER_MALFORMED');
  const { extFields } = read('{"extFields":{"__proto__":"x","constructor":"y"}}');
  assert.is(Object.getPrototypeOf(extFields), Object.prototype);
  assert.is(extFields?.['constructor'], 'y');
});

test("members are written in Java's order, absent ones not at all", () => {
  const facts: HeaderFacts = {
    code: 105,
    language: 0,
    version: 397,
    opaque: 7,
    flag: 0,
    remark: undefined,
    extFields: { topic: 'T\u0001/é"' },
  };
  assert.is(
    writeJsonHeader(facts).toString(),
    '{"code":105,"extFields":{"topic":"T\\u0001/é\\""},"flag":0,"language":"JAVA","opaque":7,"serializeTypeCurrentRPC":"JSON","version":397}',
  );
  assert.is(
    writeJsonHeader({ ...facts, extFields: undefined, remark: 'no' }).toString(),
    '{"code":105,"flag":0,"language":"JAVA","opaque":7,"remark":"no","serializeTypeCurrentRPC":"JSON","version":397}',
  );
});

test('random text ends in a header or in the typed error', () => {
  const part = fc.constantFrom(
    '{',
    '}',
    '"code":1',
    ',',
    '"extFields":{',
    '"a":"b"',
    '[',
    ' ',
    "'",
    '\\',
    '1',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const code = codeOf(parts.join(''));
      assert.ok(code === undefined || code === 'HEADER_MALFORMED');
    }),
    { numRuns: 2000 },
  );
});
