import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { offsetMessageId, offsetMessageIdPrefix } from '../../src/message/index.ts';
import {
  decodeCommand,
  defineCommand,
  HEADER_TYPE,
  HotResponse,
  PullMessage,
  readPositional,
  SendMessage,
} from '../../src/protocol/index.ts';
import { PositionalTemplate } from '../../src/protocol/positional-template.ts';
import { suite } from '../support/suite.ts';
import { scanned } from './frames.ts';
import { positionalFrame } from './positional-frames.ts';

const test = suite('positional template');
const { POSITIONAL, JSON: JSON_TYPE } = HEADER_TYPE;
const HOST = Buffer.from([192, 168, 0, 1]);
const PORT = 10911;
const CONSTANTS = [
  { key: 'MSG_REGION', constant: 'DefaultRegion' },
  { key: 'TRACE_ON', constant: 'true' },
];
const POSITION = [
  { key: 'queueOffset', number: true },
  { key: 'queueId', number: true },
] as const;

const safe = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const int32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });

/** A hot answer's head in the middle of a buffer, its announced length checked. */
const write = (
  response: HotResponse,
  opaque: number,
  code: number,
  body: string,
  remark = '',
): Buffer => {
  const bytes = response.headBytes(POSITIONAL, opaque, code, Buffer.from(remark));
  const target = Buffer.alloc(bytes + 20, 0xee);
  const end = response.write(target, 7, POSITIONAL, opaque, code, body.length, Buffer.from(remark));
  assert.is(end, 7 + bytes);
  assert.is(target[end], 0xee);
  return Buffer.concat([target.subarray(7, end), Buffer.from(body)]);
};

test('a send answer is byte for byte what the generic writer writes', () => {
  const id = { key: 'msgId', hexAfter: offsetMessageIdPrefix(HOST, PORT).toString() };
  const response = new HotResponse([...CONSTANTS, id, ...POSITION], SendMessage.response);
  const property = fc.property(
    safe,
    safe,
    int32,
    int32,
    (commitLogOffset, offset, id32, opaque) => {
      response.numbers.set([commitLogOffset, offset, id32]);
      const header = {
        msgId: offsetMessageId(HOST, PORT, commitLogOffset),
        queueId: id32,
        queueOffset: offset,
      };
      const frame = write(response, opaque, 10, 'abc');
      const facts = { code: 10, flag: 1, opaque };
      const expected = positionalFrame(facts, SendMessage.response, header, Buffer.from('abc'));
      assert.equal(frame, expected);
      const view = scanned(frame);
      assert.ok(view);
      assert.equal(readPositional(SendMessage.response, view), header);
    },
  );
  fc.assert(property);
});

test('a pull answer has its remark and its constants as numbers', () => {
  const response = new HotResponse(
    [
      { key: 'maxOffset', number: true },
      { key: 'minOffset', number: true },
      { key: 'nextBeginOffset', number: true },
      { key: 'suggestWhichBrokerId', constant: '7' },
    ],
    PullMessage.response,
  );
  response.numbers.set([2 ** 52, 3, -1]);
  const header = { suggestWhichBrokerId: 7, nextBeginOffset: -1, minOffset: 3, maxOffset: 2 ** 52 };
  for (const remark of ['FOUND', '']) {
    const facts = { code: 19, flag: 1, opaque: -9, remark };
    const frame = write(response, -9, 19, 'records', remark);
    const expected = positionalFrame(facts, PullMessage.response, header, Buffer.from('records'));
    assert.equal(frame, expected);
  }
});

test('a text is written with its own length', () => {
  const batch = new HotResponse([{ key: 'msgId', text: true }, ...POSITION], SendMessage.response);
  batch.text = Buffer.from('AA,BB,and more that is not meant');
  batch.numbers.set([5, 1, 12]);
  const view = scanned(write(batch, 1, 0, ''));
  assert.ok(view);
  const header = { msgId: 'AA,BB', queueId: 12, queueOffset: 1 };
  assert.equal(readPositional(SendMessage.response, view), header);
});

test('without a definition the answer to a positional request is JSON', () => {
  const response = new HotResponse([{ key: 'queueId', number: true }]);
  response.numbers[0] = 5;
  const view = scanned(write(response, 6, 0, 'abc'));
  assert.ok(view);
  assert.is(view.headerType, JSON_TYPE);
  assert.equal({ ...decodeCommand(view).extFields }, { queueId: '5' });
});

test('a response that lacks a required field, or has it in another type, is a bug', () => {
  const One = defineCommand({
    name: 'ONE',
    code: 1,
    to: 'broker',
    response: { n: 'int64', text: 'string', isOn: 'boolean?' },
  });
  const text = { key: 'text', text: true } as const;
  const n = { key: 'n', number: true } as const;
  assert.ok(new PositionalTemplate([n, text], One.response));
  assert.throws(() => new PositionalTemplate([text], One.response), /the response has n/);
  assert.throws(
    () => new PositionalTemplate([{ key: 'n', text: true }, text], One.response),
    /n is a text/,
  );
  assert.throws(
    () => new PositionalTemplate([n, { key: 'text', number: true }], One.response),
    /text is a number/,
  );
  const constants = new PositionalTemplate(
    [n, { key: 'text', constant: 'é' }, { key: 'isOn', constant: 'true' }],
    One.response,
  );
  assert.is(constants.headerBytes(new Float64Array(1), Buffer.alloc(0)), 12 + 8 + 4 + 2 + 1);
});
