import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { errorCode, FRAME_BYTES_MAX } from '../../src/base/index.ts';
import {
  decodeCommand,
  encodeCommand,
  encodeCommandHead,
  GetMaxOffset,
  HEADER_TYPE,
  isOneway,
  isResponse,
  type Language,
  onewayOf,
  PullMessage,
  type RemotingCommand,
  requestCommand,
  requestOf,
  responseCommand,
  responseOf,
  SendMessage,
} from '../../src/protocol/index.ts';
import { readVectors } from '../support/golden.ts';
import { suite } from '../support/suite.ts';
import { scanned } from './frames.ts';
import { positionalFrame } from './positional-frames.ts';

const test = suite('remoting command');

interface DecodedFrame {
  readonly code: number;
  readonly opaque: number;
  readonly flag: number;
  readonly version: number;
  readonly language: Language;
  readonly remark: string | null;
  readonly extFields: Readonly<Record<string, string>> | null;
}

const decode = (frame: Buffer): RemotingCommand => {
  const view = scanned(frame);
  assert.ok(view);
  return decodeCommand(view);
};

for (const { id, hex = '', bodyHex = '', serialization, decoded } of readVectors('frame')) {
  const expected = decoded as DecodedFrame;

  test(`the bytes of the Java classes are read: ${id}`, () => {
    const command = decode(Buffer.from(hex, 'hex'));
    assert.is(command.code, expected.code);
    assert.is(command.opaque, expected.opaque);
    assert.is(command.flag, expected.flag);
    assert.is(command.version, expected.version);
    assert.is(command.language, expected.language);
    assert.is(command.remark, expected.remark ?? undefined);
    assert.equal(command.extFields, expected.extFields ?? undefined);
    assert.is(command.body?.toString('hex') ?? '', bodyHex);
  });

  test(`the same bytes are written: ${id}`, () => {
    const { remark, extFields } = expected;
    const command: RemotingCommand = {
      code: expected.code,
      language: expected.language,
      version: expected.version,
      opaque: expected.opaque,
      flag: expected.flag,
      ...(remark === null ? {} : { remark }),
      ...(extFields === null ? {} : { extFields }),
      ...(bodyHex === '' ? {} : { body: Buffer.from(bodyHex, 'hex') }),
    };
    const type = serialization === 'JSON' ? HEADER_TYPE.JSON : HEADER_TYPE.ROCKETMQ;
    assert.is(encodeCommand(command, type).toString('hex'), hex);
    assert.is(
      Buffer.concat([encodeCommandHead(command, type), Buffer.from(bodyHex, 'hex')]).toString(
        'hex',
      ),
      hex,
    );
  });
}

test('any command survives either encoding', () => {
  const int32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
  const text = fc.string({ unit: 'grapheme' });
  const command = fc.record(
    {
      code: fc.integer({ min: 0, max: 0x7fff }),
      language: fc.constantFrom<Language>('JAVA', 'GO', 'CPP', 'OTHER'),
      version: fc.nat(0x7fff),
      opaque: int32,
      flag: fc.constantFrom(0, 1, 2),
      remark: fc.string({ unit: 'grapheme', minLength: 1 }),
      extFields: fc.dictionary(
        text.filter((key) => key !== '__proto__'),
        text,
        {
          noNullPrototype: true,
          minKeys: 1,
        },
      ),
      body: fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    },
    {
      noNullPrototype: true,
      requiredKeys: ['code', 'language', 'version', 'opaque', 'flag'],
    },
  );
  fc.assert(
    fc.property(command, fc.constantFrom<0 | 1>(0, 1), (each, headerType) => {
      assert.equal(decode(encodeCommand(each, headerType)), each);
    }),
    { numRuns: 500 },
  );
});

test('what was decoded does not refer to the chunk, unless the body is wanted in place', () => {
  const frame = encodeCommand(requestOf(105, { opaque: 1, body: Buffer.from('body') }));
  const view = scanned(frame);
  assert.ok(view);
  const copied = decodeCommand(view);
  const inPlace = decodeCommand(view, false);
  view.buffer.fill(0);
  assert.is(copied.body?.toString(), 'body');
  assert.is(inPlace.body?.toString(), '\0\0\0\0');
});

test('requests, one-way requests and responses differ by their flag', () => {
  assert.equal([isResponse(requestOf(1)), isOneway(requestOf(1))], [false, false]);
  assert.equal([isResponse(onewayOf(1)), isOneway(onewayOf(1))], [false, true]);
  assert.equal([isResponse(responseOf(1)), isOneway(responseOf(1))], [true, false]);
  assert.is(responseOf(0).version, 397);
});

test('typed headers become the fields of a command', () => {
  const request = requestCommand(GetMaxOffset, { topic: 'T', queueId: 2 }, { opaque: 7 });
  assert.equal(
    [request.code, request.opaque, request.extFields],
    [30, 7, { topic: 'T', queueId: '2' }],
  );
  const header = { suggestWhichBrokerId: 0, nextBeginOffset: 3, minOffset: 0, maxOffset: 9 };
  const response = responseCommand(PullMessage, header, { extFields: { more: 'x' } });
  assert.is(response.code, 0);
  assert.is(response.extFields?.['nextBeginOffset'], '3');
  assert.is(response.extFields?.['more'], 'x');
});

test('a command beyond the frame limit is not written', () => {
  assert.throws(
    () => encodeCommandHead(requestOf(1, { body: Buffer.alloc(FRAME_BYTES_MAX) }), 0),
    (error: unknown) => errorCode(error) === 'FRAME_TOO_LONG',
  );
});

test('an object answers a positional request in JSON', () => {
  const answer = responseOf(1, { opaque: 7, remark: 'why', extFields: { a: 'b' } });
  assert.equal(encodeCommand(answer, HEADER_TYPE.POSITIONAL), encodeCommand(answer));
});

test('the fields of a positional response are those the caller knows it has', () => {
  const header = { msgId: 'M', queueId: 1, queueOffset: 2 };
  const facts = { code: 0, flag: 1, opaque: 7, remark: 'why' };
  const view = scanned(positionalFrame(facts, SendMessage.response, header));
  assert.ok(view);
  const { extFields, ...rest } = decodeCommand(view, true, SendMessage.response);
  assert.equal({ ...extFields }, { msgId: 'M', queueId: '1', queueOffset: '2' });
  assert.equal(decodeCommand(view), rest);
});
