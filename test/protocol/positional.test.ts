import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import {
  COMMANDS,
  decodeCommand,
  decodeHeader,
  defineCommand,
  encodeHeader,
  HEADER_TYPE,
  PullMessage,
  positionalBytesMax,
  positionalRemark,
  RequestView,
  readPositional,
  SendMessageV2,
  UpdateAndCreateTopic,
  writePositional,
} from '../../src/protocol/index.ts';
import { POSITIONAL_FIELDS_MAX } from '../../src/protocol/positional.ts';
import { suite } from '../support/suite.ts';
import { frameOf, scanned } from './frames.ts';
import { factsArbitrary, headerArbitrary, positionalFrame } from './positional-frames.ts';

const test = suite('positional');
/** One view for all cases: what a header leaves behind must not show in the next. */
const shared = new RequestView();

const SEND = {
  producerGroup: 'g',
  topic: 'Tö',
  defaultTopic: 'd',
  defaultTopicQueueNums: 4,
  queueId: -1,
  sysFlag: 0,
  bornTimestamp: 2 ** 40 + 1,
  flag: 7,
  unitMode: true,
};
const FACTS = { code: 310, flag: 0, opaque: 0x01020304 };

test('each request and response of the registry survives its frame', () => {
  for (const { code, request, response } of COMMANDS) {
    for (const schema of [request, response]) {
      const isResponse = schema === response;
      const facts = factsArbitrary(isResponse ? 19 : code, isResponse);
      const property = fc.property(headerArbitrary(schema), facts, (header, said) => {
        const frame = positionalFrame(said, schema, header, Buffer.from('body'));
        const view = scanned(frame, shared);
        assert.ok(view, `${code}`);
        assert.equal([view.code, view.opaque, view.flag], [said.code, said.opaque, said.flag]);
        assert.equal(readPositional(schema, view), header);
        assert.is(positionalRemark(view) ?? '', said.remark ?? '');
        const command = decodeCommand(view, true, response);
        assert.equal(decodeHeader(schema, command.extFields), header);
        assert.equal({ ...command.extFields }, encodeHeader(schema, header));
        assert.is(command.body?.toString(), 'body');
        assert.is(command.remark ?? '', said.remark ?? '');
        assert.equal([command.language, command.version], ['JAVA', 397]);
      });
      fc.assert(property, { numRuns: 40 });
    }
  }
});

test('the bytes are those of the layout', () => {
  assert.is(
    positionalFrame(FACTS, SendMessageV2.request, SEND, Buffer.from('B')).toString('hex'),
    [
      '0000003b 02 000036', // length, header type, header length
      '0136 0000 01020304', // code, flag, opaque
      '000004ff', // fields 0 to 7 and 10
      '00000001 67', // producerGroup
      '00000003 54c3b6', // topic
      '00000001 64', // defaultTopic
      '00000004 ffffffff 00000000', // defaultTopicQueueNums, queueId, sysFlag
      '0000010000000001', // bornTimestamp
      '00000007', // flag
      '01', // unitMode
      '42', // body
    ]
      .join('')
      .replaceAll(' ', ''),
  );
  const response = {
    suggestWhichBrokerId: 0,
    nextBeginOffset: -2,
    minOffset: 2 ** 32,
    maxOffset: Number.MAX_SAFE_INTEGER,
  };
  const facts = { code: 0, flag: 1, opaque: -2, remark: 'ok' };
  assert.is(
    positionalFrame(facts, PullMessage.response, response).toString('hex'),
    [
      '00000036 02 000032',
      '0000 0005 fffffffe 0000000f',
      '00000002 6f6b', // remark
      '0000000000000000 fffffffffffffffe 0000000100000000 001fffffffffffff',
    ]
      .join('')
      .replaceAll(' ', ''),
  );
});

test('members in any order, undefined ones and unknown ones make the same bytes', () => {
  const { request } = SendMessageV2;
  const expected = positionalFrame(FACTS, request, SEND);
  const members = fc.shuffledSubarray(
    [...Object.entries(SEND), ['properties', undefined], ['zone', 5]],
    { minLength: Object.keys(SEND).length + 2 },
  );
  fc.assert(
    fc.property(members, (entries) => {
      assert.equal(positionalFrame(FACTS, request, Object.fromEntries(entries)), expected);
    }),
  );
});

test('a frame may be written anywhere, and nothing beyond its bytes is touched', () => {
  const alone = positionalFrame(FACTS, SendMessageV2.request, SEND);
  const target = Buffer.alloc(alone.length + 20, 0xee);
  const end = writePositional(target, 9, FACTS, SendMessageV2.request, SEND, 0);
  assert.is(end, 9 + alone.length);
  assert.equal(target.subarray(9, end), alone);
  assert.ok(target.subarray(0, 9).every((byte) => byte === 0xee));
  assert.ok(target.subarray(end).every((byte) => byte === 0xee));
});

test('texts of 64 KiB and more survive, in any alphabet', () => {
  for (const text of ['x'.repeat(70_000), 'ß'.repeat(70_000), '漢😀'.repeat(30_000)]) {
    const header = { ...SEND, properties: text };
    const view = scanned(positionalFrame(FACTS, SendMessageV2.request, header));
    assert.ok(view);
    assert.equal(readPositional(SendMessageV2.request, view), header);
  }
  assert.ok(
    positionalBytesMax(SendMessageV2.request, SEND, '漢'.repeat(100)) >=
      positionalFrame({ ...FACTS, remark: '漢'.repeat(100) }, SendMessageV2.request, SEND).length,
  );
});

test('a lone surrogate becomes the replacement character', () => {
  const header = { ...SEND, topic: 'a\ud800b' };
  const view = scanned(positionalFrame(FACTS, SendMessageV2.request, header));
  assert.ok(view);
  assert.is(readPositional(SendMessageV2.request, view).topic, 'a\ufffdb');
});

const failure = (action: () => unknown): string => {
  try {
    return `no error: ${String(action())}`;
  } catch (error) {
    return errorCode(error) ?? String(error);
  }
};

test('numbers that do not fit their type are refused by the writer', () => {
  for (const queueId of [2 ** 31, -(2 ** 31) - 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    const write = (): unknown =>
      positionalFrame(FACTS, SendMessageV2.request, { ...SEND, queueId });
    assert.is(failure(write), 'FIELD_INVALID', String(queueId));
  }
  for (const bornTimestamp of [2 ** 53, -(2 ** 53), 0.5, Number.NaN]) {
    const write = (): unknown =>
      positionalFrame(FACTS, SendMessageV2.request, { ...SEND, bornTimestamp });
    assert.is(failure(write), 'FIELD_INVALID', String(bornTimestamp));
  }
  const write = (): unknown =>
    positionalFrame(FACTS, UpdateAndCreateTopic.request, { topicFilterType: 'BOTH' });
  assert.is(failure(write), 'FIELD_INVALID');
});

test('an int64 that another writer made saturates', () => {
  const One = defineCommand({ name: 'ONE', code: 1, to: 'broker', response: { n: 'int64' } });
  const frame = positionalFrame({ code: 0, flag: 1, opaque: 0 }, One.response, { n: 1 });
  for (const [high, expected] of [
    [0x7fffffff, Number.MAX_SAFE_INTEGER],
    [-0x80000000, Number.MIN_SAFE_INTEGER],
  ] as const) {
    frame.writeInt32BE(high, frame.length - 8);
    const view = scanned(frame);
    assert.ok(view);
    assert.is(readPositional(One.response, view).n, expected);
  }
});

test('a required field that is absent is named, an unknown filter type is malformed', () => {
  const { topic: _, ...rest } = SEND;
  const view = scanned(positionalFrame(FACTS, SendMessageV2.request, rest));
  assert.ok(view);
  assert.is(
    failure(() => readPositional(SendMessageV2.request, view)),
    'FIELD_MISSING',
  );
  assert.throws(() => readPositional(SendMessageV2.request, view), /<b> is null/);
  const header = { topicFilterType: 'SINGLE_TAG' };
  const frame = positionalFrame({ ...FACTS, code: 17 }, UpdateAndCreateTopic.request, header);
  frame[frame.length - 1] = 2;
  const changed = scanned(frame);
  assert.ok(changed);
  assert.is(
    failure(() => decodeCommand(changed)),
    'HEADER_MALFORMED',
  );
});

test('a response with more or fewer bytes than its fields take is malformed', () => {
  const header = { suggestWhichBrokerId: 0, nextBeginOffset: 1, minOffset: 2, maxOffset: 3 };
  const facts = { code: 0, flag: 1, opaque: 1 };
  const bytes = positionalFrame(facts, PullMessage.response, header).subarray(8);
  const read = (changed: Buffer): string => {
    const view = scanned(frameOf(changed, HEADER_TYPE.POSITIONAL, bytes));
    assert.ok(view);
    return failure(() => readPositional(PullMessage.response, view));
  };
  for (let length = 12; length < bytes.length; length++) {
    assert.is(read(bytes.subarray(0, length)), 'HEADER_MALFORMED', String(length));
  }
  assert.is(read(Buffer.concat([bytes, Buffer.from([0])])), 'HEADER_MALFORMED');
  const beyond = Buffer.from(bytes);
  beyond[11] = 0x1f;
  assert.is(read(beyond), 'HEADER_MALFORMED', 'a fifth field');
});

test('a response read by another definition ends in values or a typed error', () => {
  const typed = new Set(['HEADER_MALFORMED', 'FIELD_MISSING']);
  const pick = fc.constantFrom(...COMMANDS.map(({ response }) => response));
  const changes = fc.array(fc.tuple(fc.nat(0xffff), fc.nat(255)), { maxLength: 4 });
  const headers = fc
    .constantFrom(...COMMANDS)
    .chain(({ response }) =>
      fc
        .tuple(headerArbitrary(response), factsArbitrary(0, true))
        .map(([header, facts]) => positionalFrame(facts, response, header, Buffer.from('body'))),
    );
  const property = fc.property(headers, pick, changes, (frame, schema, places) => {
    for (const [at, value] of places) frame[8 + (at % (frame.length - 12))] = value;
    const view = scanned(frame, shared);
    if (view === undefined) return;
    try {
      readPositional(schema, view);
      decodeCommand(view, false, schema);
    } catch (error) {
      assert.ok(typed.has(errorCode(error) ?? ''), String(error));
    }
  });
  fc.assert(property, { numRuns: 3000 });
});

test('every definition has a bit for each of its fields', () => {
  for (const { request, response, name } of COMMANDS) {
    assert.ok(request.plan.length <= POSITIONAL_FIELDS_MAX, name);
    assert.ok(response.plan.length <= POSITIONAL_FIELDS_MAX, name);
  }
});

test('a frame beyond the limit is refused', () => {
  const target = Buffer.alloc(1024);
  const write = (): unknown =>
    writePositional(target, 0, FACTS, SendMessageV2.request, SEND, 16 * 1024 * 1024);
  assert.is(failure(write), 'FRAME_TOO_LONG');
});
