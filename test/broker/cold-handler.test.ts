import * as assert from 'uvu/assert';
import { handle } from '../../src/broker/cold-handler.ts';
import { GetMaxOffset, HeartBeat, requestCommand, requestOf } from '../../src/protocol/index.ts';
import type { Peer } from '../../src/transport/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('cold handler');
const PEER = {} as Peer; // Handlers only pass it on.

test('a handler is given the header as values, and its answer is written as the command says', () => {
  const [code, run] = handle(GetMaxOffset, ({ topic, queueId }, request, peer) => {
    assert.equal([topic, queueId, request.code, peer], ['T', 3, 30, PEER]);
    return { header: { offset: 2 ** 53 - 1 }, body: Buffer.from('b') };
  });
  assert.is(code, 30);
  const answer = run(requestCommand(GetMaxOffset, { topic: 'T', queueId: 3 }), PEER);
  assert.equal(
    [answer?.code, answer?.extFields, answer?.body?.toString()],
    [0, { offset: '9007199254740991' }, 'b'],
  );
});

test('a handler with nothing to say answers SUCCESS', () => {
  const [, run] = handle(HeartBeat, () => undefined);
  const answer = run(requestOf(34), PEER);
  assert.equal([answer?.code, answer?.extFields, answer?.body], [0, undefined, undefined]);
});

test('a header without a required field does not reach the handler', () => {
  const [, run] = handle(GetMaxOffset, () => {
    throw new Error('not to be called');
  });
  assert.throws(() => run(requestOf(30), PEER), /the custom field <topic> is null/);
});
