import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import {
  COMMANDS,
  commandByCode,
  decodeCommand,
  HEADER_TYPE,
  type HeaderSchema,
  RequestView,
  readPositional,
  SendMessage,
  SendMessageV2,
  SLOT,
  SLOT_COUNT,
  wireName,
} from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { frameOf, scanned, sendHeader } from './frames.ts';
import { factsArbitrary, headerArbitrary, positionalFrame } from './positional-frames.ts';

const test = suite('scan positional');
/** One view for all cases: what a header leaves behind must not show in the next. */
const shared = new RequestView();
const NONE: HeaderSchema = { fields: {}, plan: [] };
const SEND = {
  producerGroup: 'g',
  topic: 'TopicTest',
  defaultTopic: 'TBW102',
  defaultTopicQueueNums: 4,
  queueId: 3,
  sysFlag: 0,
  bornTimestamp: 1637000000000,
  flag: 0,
  properties: 'WAIT\u0001true\u0002',
  batch: true,
};
const FACTS = { code: 310, flag: 0, opaque: 77 };

/** What the slots say is what the generic reader reads. */
const agrees = (frame: Buffer): void => {
  const view = scanned(frame, shared);
  if (view === undefined || view.isResponse) return;
  let command: ReturnType<typeof decodeCommand>;
  try {
    command = decodeCommand(view);
  } catch (error) {
    // The one value that the scan does not look at.
    assert.is(errorCode(error), 'HEADER_MALFORMED');
    assert.ok(view.code === 17, String(error));
    return;
  }
  assert.equal(
    [view.code, view.opaque, view.flag, view.version, view.language],
    [command.code, command.opaque, command.flag, command.version, 0],
  );
  const extFields = command.extFields ?? {};
  const fields = commandByCode(view.code)?.request.plan ?? [];
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const name = wireName(slot, view.code);
    const text = Object.hasOwn(extFields, name) ? extFields[name] : undefined;
    assert.is(view.has(slot), text !== undefined, `has ${name}`);
    assert.is(view.string(slot), text, name);
    const bytes = Buffer.alloc(view.bytesMax(slot));
    const copied = bytes.subarray(0, view.copyTo(slot, bytes, 0));
    assert.is(copied.toString(), text ?? '', name);
    if (text === undefined) continue;
    const tag = fields.find(({ key }) => key === name)?.tag;
    assert.is(view.isPlain(slot), tag === 'string', name);
    const sent = Buffer.from(text);
    assert.is(view.equals(slot, sent), tag === 'string' && copied.equals(sent), name);
    if (tag === 'int32') assert.is(view.int(slot, 5), Number(text), name);
    if (tag === 'int32' || tag === 'int64') assert.is(view.int64(slot, 5), Number(text), name);
    if (tag === 'boolean') assert.is(view.boolean(slot, true), text === 'true', name);
  }
};

const requestFrame = fc
  .constantFrom(...COMMANDS)
  .chain(({ code, request }) =>
    fc
      .tuple(headerArbitrary(request), factsArbitrary(code, false))
      .map(([header, facts]) => positionalFrame(facts, request, header, Buffer.from('the body'))),
  );

test('scanning agrees with the generic reader for every request of the registry', () => {
  for (const { code, request } of COMMANDS) {
    const property = fc.property(
      headerArbitrary(request),
      factsArbitrary(code, false),
      (header, facts) => {
        const frame = positionalFrame(facts, request, header);
        assert.ok(scanned(frame, shared));
        agrees(frame);
      },
    );
    fc.assert(property, { numRuns: code === 10 || code === 310 || code === 11 ? 300 : 30 });
  }
});

test('changed bytes end in agreement or in a refusal', () => {
  const byte = fc.oneof(fc.constantFrom(0, 1, 2, 4, 8, 127, 128, 255), fc.nat(255));
  const changes = fc.array(fc.tuple(fc.nat(0xffff), byte), { minLength: 1, maxLength: 4 });
  const property = fc.property(requestFrame, changes, (frame, places) => {
    const whole = Buffer.from(frame);
    for (const [at, value] of places) frame[8 + (at % (frame.length - 8))] = value;
    agrees(frame);
    agrees(whole);
  });
  fc.assert(property, { numRuns: 4000 });
});

test('random bytes behind any code end in agreement or in a refusal', () => {
  const header = fc
    .tuple(fc.constantFrom(...COMMANDS.map(({ code }) => code), 7, 9_999), fc.uint8Array())
    .map(([code, bytes]) => Buffer.concat([Buffer.from([code >> 8, code & 0xff, 0]), bytes]));
  fc.assert(
    fc.property(header, (bytes) => agrees(frameOf(bytes, HEADER_TYPE.POSITIONAL))),
    { numRuns: 3000 },
  );
});

test('a header that is cut or grows anywhere is malformed', () => {
  const frame = positionalFrame({ ...FACTS, remark: 'why' }, SendMessageV2.request, SEND);
  const header = frame.subarray(8);
  for (let length = 0; length < header.length; length++) {
    // A body behind the header must not pass for a part of it.
    const cut = frameOf(header.subarray(0, length), HEADER_TYPE.POSITIONAL, header);
    assert.is(scanned(cut), undefined, String(length));
  }
  const grown = Buffer.concat([header, Buffer.from([0])]);
  assert.is(scanned(frameOf(grown, HEADER_TYPE.POSITIONAL)), undefined);
});

test('unknown flags, fields beyond the definition and lengths that lie are malformed', () => {
  const withByte = (at: number, value: number): RequestView | undefined => {
    const frame = positionalFrame(FACTS, SendMessageV2.request, SEND);
    frame[8 + at] = value;
    return scanned(frame);
  };
  assert.ok(withByte(3, 2));
  assert.is(withByte(3, 8), undefined);
  assert.is(withByte(2, 0x80), undefined);
  assert.is(withByte(10, 0x40 | 0x11), undefined, 'field 14');
  assert.is(withByte(8, 0x80), undefined, 'field 31');
  assert.is(withByte(12, 0xff), undefined, 'a negative length');
  assert.is(withByte(13, 1), undefined, 'a length beyond the header');
});

test('the fields of a send are read, under its short and its long code', () => {
  for (const [code, schema] of [
    [310, SendMessageV2.request],
    [10, SendMessage.request],
  ] as const) {
    const frame = positionalFrame({ ...FACTS, code }, schema, SEND, Buffer.from('body'));
    const view = scanned(frame);
    assert.ok(view);
    assert.equal([view.code, view.opaque, view.isOneway], [code, 77, false]);
    assert.is(view.string(SLOT.topic), 'TopicTest');
    assert.is(view.int(SLOT.queueId, -1), 3);
    assert.is(view.int64(SLOT.bornTimestamp, 0), 1637000000000);
    assert.is(view.int(SLOT.bornTimestamp, 5), 5, 'no int32');
    assert.is(view.int(SLOT.batch, 5), 5, 'no number');
    assert.is(view.boolean(SLOT.batch), true);
    assert.is(view.boolean(SLOT.unitMode, true), true, 'absent');
    assert.is(view.string(SLOT.properties), 'WAIT\u0001true\u0002');
    assert.ok(view.isPlain(SLOT.properties));
    assert.ok(view.equals(SLOT.topic, Buffer.from('TopicTest')));
    assert.is(view.buffer.toString('utf8', view.bodyStart, view.bodyEnd), 'body');
    assert.is(view.missingSendField(), undefined);
    assert.equal(readPositional(schema, view), SEND);
  }
});

test('the first missing field of a send is named as on the wire of its code', () => {
  const { queueId: _, ...rest } = SEND;
  const missing = (code: number, header: object): string | undefined =>
    scanned(positionalFrame({ ...FACTS, code }, SendMessageV2.request, header))?.missingSendField();
  assert.is(missing(310, rest), 'e');
  assert.is(missing(10, rest), 'queueId');
  assert.is(missing(320, {}), 'a');
});

test('a code without a definition has no fields', () => {
  for (const code of [0, 7, 362, 0xffff]) {
    const view = scanned(positionalFrame({ ...FACTS, code }, NONE, {}));
    assert.ok(view);
    assert.is(view.code, code);
    assert.equal(decodeCommand(view).extFields, {});
    assert.is(scanned(positionalFrame({ ...FACTS, code }, SendMessageV2.request, SEND)), undefined);
  }
});

test('a view that read a positional header reads texts again', () => {
  const view = new RequestView();
  assert.ok(scanned(positionalFrame(FACTS, SendMessageV2.request, SEND), view));
  assert.ok(scanned(frameOf(sendHeader(5)), view));
  assert.is(view.int(SLOT.queueId, -1), 3);
  assert.is(view.string(SLOT.queueId), '3');
  assert.is(view.boolean(SLOT.batch, true), false);
});
