import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { AnswerView } from '../../../src/cli/bench/answer-view.ts';
import { encodeCommand, requestOf, responseOf } from '../../../src/protocol/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('answer view');
const NEXT = Buffer.from('nextBeginOffset');

test('code, opaque, body and a field are those of the answer, in any order of answers', () => {
  const view = new AnswerView();
  const answer = fc.record({
    code: fc.integer({ min: 0, max: 400 }),
    opaque: fc.integer({ min: 0, max: 0x7fff_ffff }),
    next: fc.maxSafeNat(),
    remark: fc.option(fc.string(), { nil: undefined }),
    headerType: fc.constantFrom(0 as const, 1 as const),
    body: fc.uint8Array({ maxLength: 50 }),
    padding: fc.nat(10),
  });
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 8 }), (answers) => {
      for (const { code, opaque, next, remark, headerType, body, padding } of answers) {
        const extFields = { nextBeginOffset: String(next), msgId: '0A00' };
        const parts = { opaque, remark, extFields, body: Buffer.from(body) };
        const frame = encodeCommand(responseOf(code, parts), headerType);
        const buffer = Buffer.concat([Buffer.alloc(padding, '{'), frame, Buffer.alloc(padding)]);
        assert.ok(view.scan(buffer, padding, padding + frame.length));
        assert.equal([view.code, view.opaque, view.isResponse], [code, opaque, true]);
        assert.is(view.bodyEnd - view.bodyStart, body.length);
        assert.is(view.field(NEXT), next);
      }
    }),
  );
});

test('a request of the server is not taken for an answer', () => {
  const view = new AnswerView();
  for (const headerType of [0, 1] as const) {
    const frame = encodeCommand(requestOf(40, { opaque: 7 }), headerType);
    assert.ok(view.scan(frame, 0, frame.length));
    assert.not(view.isResponse);
  }
});

test('an absent field is -1, and nonsense is no answer', () => {
  const view = new AnswerView();
  const frame = encodeCommand(responseOf(19, { opaque: 7 }), 0);
  assert.ok(view.scan(frame, 0, frame.length));
  assert.is(view.field(NEXT), -1);
  const nonsense = Buffer.concat([Buffer.from([0, 0, 0, 8, 0, 0, 0, 4]), Buffer.from('abcd')]);
  assert.not(view.scan(nonsense, 0, nonsense.length));
});

test('a refusal is told with its name and remark', () => {
  const view = new AnswerView();
  const remark = 'topic[T] not exist';
  const frame = encodeCommand(responseOf(17, { opaque: 1_000_000_000, remark }), 0);
  view.scan(frame, 0, frame.length);
  assert.is(view.problem(), 'TOPIC_NOT_EXIST (17): topic[T] not exist');
});
