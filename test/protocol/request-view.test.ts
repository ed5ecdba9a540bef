import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import {
  decodeCommand,
  encodeCommand,
  languageCode,
  RequestView,
  SLOT,
  SLOT_COUNT,
  wireName,
} from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { frameOf, pullHeader, scanned, sendHeader } from './frames.ts';

const test = suite('request view');
const CODES = [10, 310, 320, 324, 325, 11, 361, 15, 34];

/** One view for all cases: what a header leaves behind must not show in the next. */
const shared = new RequestView();

const agrees = (frame: Buffer): void => {
  const view = scanned(frame, shared);
  let command: ReturnType<typeof decodeCommand> | undefined;
  try {
    command = view === undefined ? undefined : decodeCommand(view);
  } catch (error) {
    assert.is(errorCode(error), 'HEADER_MALFORMED');
  }
  if (view === undefined || command === undefined) return;
  assert.is(view.code, command.code, 'code');
  assert.is(view.opaque, command.opaque, 'opaque');
  assert.is(view.flag, command.flag, 'flag');
  assert.is(view.version, command.version, 'version');
  const language = view.language > 13 ? 7 : view.language;
  assert.is(language, languageCode(command.language), 'language');
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const name = wireName(slot, view.code);
    const fields = command.extFields ?? {};
    const text = Object.hasOwn(fields, name) ? fields[name] : undefined;
    assert.is(view.has(slot), text !== undefined, `has ${name}`);
    assert.is(view.string(slot), text, name);
    const bytes = Buffer.alloc(view.bytesMax(slot));
    assert.is(bytes.toString('utf8', 0, view.copyTo(slot, bytes, 0)), text ?? '', name);
  }
};

const fieldName = fc.constantFrom(
  ...Object.keys(SLOT),
  ...'abcdefghijklmnop',
  'unknown',
  'queueid',
  '',
  'brokerName',
);
const fieldText = fc.oneof(
  fc.constantFrom('', '0', '-1', 'true', 'TopicTest', '9223372036854775807', 'a\u0001b\u0002c'),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const fields = fc.dictionary(fieldName, fieldText, { noNullPrototype: true });
const int32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });

const command = fc.record(
  {
    code: fc.constantFrom(...CODES),
    language: fc.constantFrom('JAVA', 'GO', 'OTHER'),
    version: fc.nat(600),
    opaque: int32,
    flag: fc.constantFrom(0, 1, 2),
    extFields: fields,
  },
  { noNullPrototype: true },
);

test('scanning agrees with decoding for commands as we write them, in both encodings', () => {
  fc.assert(
    fc.property(command, fc.constantFrom<0 | 1>(0, 1), (each, headerType) => {
      agrees(encodeCommand({ ...each, language: each.language as 'JAVA' }, headerType));
    }),
    { numRuns: 1000 },
  );
});

test('scanning agrees with decoding for JSON of any shape', () => {
  const blank = fc.constantFrom('', '', '', ' ', '\n', '\t');
  const value = fc.oneof(
    fieldText.map((text) => JSON.stringify(text)),
    fc.constantFrom(
      'null',
      '7',
      'true',
      '1.5',
      '"\\u00e9"',
      '"\\ud83d\\ude00\\/"',
      '{"x":[1]}',
      "'q'",
    ),
  );
  const members = fc.array(fc.tuple(fieldName, value, blank), { maxLength: 8 });
  const top = fc.constantFrom(
    ...['"flag":0', '"flag":"2"', '"language":"JAVA"', '"language":null', '"version":397'],
    ...[
      '"opaque":-5',
      '"opaque":1.0',
      '"x":{"y":[{}]}',
      '"remark":"r\\"\\\\"',
      '"code":310',
      'code:11',
    ],
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...CODES),
      members,
      fc.array(fc.tuple(top, blank), { maxLength: 5 }),
      fc.nat(4),
      (code, extFields, others, place) => {
        const inner = extFields
          .map(([name, text, gap]) => `${gap}"${name}":${gap}${text}`)
          .join(',');
        const parts = others.map(([text, gap]) => gap + text);
        parts.splice(place, 0, `"extFields":{${inner}}`);
        agrees(frameOf(`{"code":${code},${parts.join(',')}}`));
      },
    ),
    { numRuns: 2000 },
  );
});

test('changed bytes end in agreement or in a refusal', () => {
  const frames = [frameOf(sendHeader(5)), frameOf(pullHeader(6))];
  const byte = fc.constantFrom(...Buffer.from('"\\{}:,u01 aeq'), 0, 255);
  fc.assert(
    fc.property(
      fc.nat(1),
      fc.array(fc.tuple(fc.nat(400), byte), { minLength: 1, maxLength: 4 }),
      (which, changes) => {
        const frame = Buffer.from(frames[which] as Buffer);
        for (const [at, value] of changes) frame[8 + (at % (frame.length - 8))] = value;
        agrees(frame);
        agrees(frames[which] as Buffer);
      },
    ),
    { numRuns: 3000 },
  );
});

test('a language is known by its whole name (seed 1970632489)', () => {
  const frame = frameOf(sendHeader(5).replace('JAVA', 'JAV}'));
  assert.is(scanned(frame)?.language, 7);
  agrees(frame);
});

test('the fields of a send are read', () => {
  const view = scanned(frameOf(sendHeader(77), 0, Buffer.from('body')));
  assert.ok(view);
  assert.equal([view.code, view.opaque, view.version, view.isOneway], [310, 77, 395, false]);
  assert.is(view.string(SLOT.topic), 'TopicTest');
  assert.is(view.int(SLOT.queueId, -1), 3);
  assert.is(view.int64(SLOT.bornTimestamp, 0), 1637000000000);
  assert.is(view.boolean(SLOT.batch, true), false);
  assert.is(view.string(SLOT.properties), 'WAIT\u0001true\u0002');
  assert.is(view.isPlain(SLOT.properties), false);
  assert.ok(view.equals(SLOT.topic, Buffer.from('TopicTest')));
  assert.not.ok(view.equals(SLOT.topic, Buffer.from('TopicTes')));
  assert.is(view.bodyBytes, 4);
  assert.is(view.buffer.toString('utf8', view.bodyStart, view.bodyEnd), 'body');
});

test('numbers that Java would refuse are the fallback, 64 bits saturate', () => {
  const header = (text: string): RequestView => {
    const view = scanned(
      frameOf(`{"code":11,"extFields":{"queueId":${text},"queueOffset":${text}}}`),
    );
    assert.ok(view);
    return view;
  };
  assert.is(header('"9223372036854775807"').int64(SLOT.queueOffset, 0), Number.MAX_SAFE_INTEGER);
  assert.is(header('9223372036854775807').int64(SLOT.queueOffset, 0), Number.MAX_SAFE_INTEGER);
  assert.is(header('"2147483648"').int(SLOT.queueId, 5), 5);
  assert.is(header('"-2147483648"').int(SLOT.queueId, 5), -2147483648);
  assert.is(header('"\\u0031\\u0032"').int(SLOT.queueId, 5), 12);
  for (const text of ['"x"', '""', '"1.0"', 'null']) {
    assert.is(header(text).int(SLOT.queueId, 5), 5, text);
    assert.is(header(text).int64(SLOT.queueOffset, 5), 5, text);
  }
});

test('the first missing field of a send is named as it is on the wire', () => {
  const missing = (code: number, extFields: object): string | undefined =>
    scanned(frameOf(JSON.stringify({ code, extFields })))?.missingSendField();
  const all = { a: 'g', b: 't', c: 'd', d: '4', e: '0', f: '0', g: '1', h: '0' };
  assert.is(missing(310, all), undefined);
  assert.is(missing(310, { ...all, c: undefined }), 'c');
  assert.is(missing(310, { ...all, h: undefined }), 'h');
  assert.is(missing(320, {}), 'a');
  assert.is(missing(310, { producerGroup: 'g' }), 'a');
  assert.is(missing(10, { producerGroup: 'g' }), 'topic');
});

test('a lone surrogate becomes a question mark, as in Java', () => {
  const view = scanned(frameOf('{"code":11,"extFields":{"topic":"a\\ud800b"}}'));
  assert.is(view?.string(SLOT.topic), 'a?b');
});

test('no header at all is malformed', () => {
  assert.is(scanned(frameOf('')), undefined);
  assert.is(scanned(frameOf('', 1)), undefined);
});
