import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import {
  boolean,
  decodeAs,
  encodeAs,
  formatAs,
  integer,
  integerMap,
  list,
  object,
  objectMap,
  oneOf,
  optional,
  PRETTY_JSON,
  parseAs,
  STRICT_JSON,
  text,
  textMap,
} from '../../src/protocol/json-shape.ts';
import { readVectors } from '../support/golden.ts';
import { suite } from '../support/suite.ts';

const test = suite('json shape');

const THING = object({
  count: integer(3),
  isOn: boolean(true),
  kind: oneOf(['SMALL', 'LARGE'], 'SMALL'),
  name: text(),
  note: optional(text()),
  parts: list(integer()),
  table: textMap(integer()),
  byId: integerMap(text()),
});

const codeOf = (document: string): string | undefined => {
  try {
    parseAs(THING, document);
    return undefined;
  } catch (error) {
    return errorCode(error);
  }
};

test('absent and null members have their defaults, unknown ones are ignored', () => {
  const expected = {
    count: 3,
    isOn: true,
    kind: 'SMALL',
    name: 'x',
    parts: [],
    table: new Map(),
    byId: new Map(),
  };
  assert.equal(parseAs(THING, '{"name":"x","other":{"deep":[1]}}'), expected);
  assert.equal(
    parseAs(THING, '{"name":"x","count":null,"note":null,"parts":null,"table":null}'),
    expected,
  );
});

test('members are read as fastjson reads them: numbers as text, enums by name or ordinal', () => {
  const thing = parseAs(
    THING,
    '{name:5,count:"7",isOn:"TRUE",kind:1,parts:["1",2.0],table:{"a":1,"b":null},byId:{0:"x","12":"y"}}',
  );
  assert.equal(thing, {
    count: 7,
    isOn: true,
    kind: 'LARGE',
    name: '5',
    parts: [1, 2],
    table: new Map([['a', 1]]),
    byId: new Map([
      [0, 'x'],
      [12, 'y'],
    ]),
  });
  assert.is(parseAs(THING, '{"name":"x","kind":"large"}').kind, 'LARGE');
  assert.is(
    parseAs(THING, '{"name":"x","count":9223372036854775807}').count,
    Number.MAX_SAFE_INTEGER,
  );
  assert.is(parseAs(THING, '{"name":"x","isOn":0}').isOn, false);
});

test('what does not fit is refused with its place', () => {
  for (const document of [
    '{}',
    '[]',
    'null',
    '{"name":{}}',
    '{"name":"x","count":"many"}',
    '{"name":"x","isOn":[]}',
    '{"name":"x","parts":{}}',
    '{"name":"x","table":[]}',
    '{"name":"x","byId":{"a":"x"}}',
  ]) {
    assert.is(codeOf(document), 'BODY_INVALID', document);
  }
  try {
    parseAs(THING, '{"name":"x","parts":[1,{}]}');
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), /\$\.parts\[1\]/);
  }
});

const thing = {
  count: 1,
  isOn: false,
  kind: 'LARGE' as const,
  name: 'é/"',
  parts: [1, 2],
  table: new Map([['k', 5]]),
  byId: new Map([[0, 'x']]),
};

test('the compact form is what fastjson writes', () => {
  assert.is(
    formatAs(THING, thing),
    '{"count":1,"isOn":false,"kind":"LARGE","name":"é/\\"","parts":[1,2],"table":{"k":5},"byId":{0:"x"}}',
  );
});

test('the strict form is JSON in ASCII', () => {
  const strict = formatAs(THING, thing, STRICT_JSON);
  assert.match(strict, /"byId":\{"0":"x"\}/);
  assert.match(strict, /^[ -~]*$/);
  assert.is((JSON.parse(strict) as { name: string }).name, 'é/"');
});

test('the pretty form has a member a line, indented by tabs, and empty brackets closed', () => {
  assert.is(
    formatAs(THING, { ...thing, parts: [], name: 'x', table: new Map() }, PRETTY_JSON),
    [
      '{',
      '\t"count":1,',
      '\t"isOn":false,',
      '\t"kind":"LARGE",',
      '\t"name":"x",',
      '\t"parts":[],',
      '\t"table":{},',
      '\t"byId":{',
      '\t\t0:"x"',
      '\t}',
      '}',
    ].join('\n'),
  );
});

test('every form is read back', () => {
  const string = fc.string({ unit: 'grapheme' });
  const arbitrary = fc.record(
    {
      count: fc.maxSafeInteger(),
      isOn: fc.boolean(),
      kind: fc.constantFrom('SMALL' as const, 'LARGE' as const),
      name: string,
      note: string,
      parts: fc.array(fc.integer()),
      table: fc.dictionary(string, fc.nat()).map((each) => new Map(Object.entries(each))),
      byId: fc
        .dictionary(fc.nat().map(String), string)
        .map((each) => new Map(Object.entries(each).map(([key, value]) => [Number(key), value]))),
    },
    {
      noNullPrototype: true,
      requiredKeys: ['count', 'isOn', 'kind', 'name', 'parts', 'table', 'byId'],
    },
  );
  const styles = fc.constantFrom(undefined, STRICT_JSON, PRETTY_JSON);
  fc.assert(
    fc.property(arbitrary, styles, (value, style) => {
      fc.pre(![...value.table.keys()].includes('$ref'));
      assert.equal(decodeAs(THING, encodeAs(THING, value, style)), value);
    }),
    { numRuns: 500 },
  );
});

const QUEUE = object({ brokerName: text(), queueId: integer(), topic: text() });
const STATS = object({ offsetTable: objectMap(QUEUE, object({ maxOffset: integer() })) });

test('maps with object keys are read in both forms Java reads, and in no other', () => {
  for (const { accepted, rejected } of readVectors('fastjsonMap')) {
    const expected = [
      [{ brokerName: 'broker-a', queueId: 0, topic: 'TopicTest' }, { maxOffset: 5 }],
    ];
    for (const document of accepted as string[]) {
      assert.equal(parseAs(STATS, document).offsetTable, expected);
    }
    for (const document of rejected as string[]) {
      assert.throws(
        () => parseAs(STATS, document),
        (error: unknown) => ['BODY_INVALID', 'JSON_MALFORMED'].includes(errorCode(error) ?? ''),
      );
    }
  }
});

test('maps with object keys are written with raw keys, or with quoted ones in the strict form', () => {
  const value = {
    offsetTable: [[{ brokerName: 'b', queueId: 0, topic: 'T' }, { maxOffset: 5 }]] as const,
  };
  assert.is(
    formatAs(STATS, value),
    '{"offsetTable":{{"brokerName":"b","queueId":0,"topic":"T"}:{"maxOffset":5}}}',
  );
  assert.equal(parseAs(STATS, formatAs(STATS, value, STRICT_JSON)), value);
  JSON.parse(formatAs(STATS, value, STRICT_JSON));
});

test('no body is a typed error', () => {
  for (const body of [undefined, Buffer.alloc(0)]) {
    assert.throws(
      () => decodeAs(THING, body),
      (error: unknown) => errorCode(error) === 'BODY_INVALID',
    );
  }
});
