import * as assert from 'uvu/assert';
import { AnswerView } from '../../../src/cli/bench/answer-view.ts';
import { type PullShape, PullWork } from '../../../src/cli/bench/pull-work.ts';
import {
  decodeCommand,
  decodeHeader,
  encodeCommand,
  PullMessage,
  RequestView,
  ResponseCode,
  responseOf,
} from '../../../src/protocol/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('pull work');
const shape: PullShape = {
  topic: 'T',
  consumerGroup: 'g',
  maxMessages: 32,
  headerType: 0,
  isRepeated: false,
};

const asked = (work: PullWork, slot: number) => {
  const target = Buffer.alloc(work.requestBytesMax);
  const end = work.write(target, 0, slot, 1_000_000_007);
  if (end < 0) return undefined;
  const view = new RequestView();
  assert.ok(view.scan(target, 0, end));
  assert.is(view.opaque, 1_000_000_007);
  return decodeHeader(PullMessage.request, decodeCommand(view).extFields);
};

const answer = (work: PullWork, slot: number, code: number, next: number): number => {
  const extFields = { nextBeginOffset: String(next), minOffset: '0', maxOffset: '99' };
  const frame = encodeCommand(responseOf(code, { opaque: 1_000_000_007, extFields }));
  const view = new AnswerView();
  assert.ok(view.scan(frame, 0, frame.length));
  return work.read(view, slot);
};

test('each slot reads its own queue from its first message to its last', () => {
  const work = new PullWork(shape, [3, 4]);
  assert.is(asked(work, 1)?.queueId, 4);
  assert.is(asked(work, 0)?.queueOffset, 0);
  assert.is(answer(work, 0, ResponseCode.SUCCESS, 32), 32);
  assert.is(asked(work, 0)?.queueOffset, 32);
  assert.is(answer(work, 0, ResponseCode.SUCCESS, 40), 8);
  assert.is(answer(work, 0, ResponseCode.PULL_NOT_FOUND, 40), 0);
  assert.is(asked(work, 0), undefined);
  assert.is(asked(work, 1)?.queueOffset, 0);
});

test('a queue whose first messages are deleted is read from where it begins', () => {
  const work = new PullWork(shape, [0]);
  assert.is(answer(work, 0, ResponseCode.PULL_OFFSET_MOVED, 50), 0);
  assert.is(asked(work, 0)?.queueOffset, 50);
  assert.is(answer(work, 0, ResponseCode.SUCCESS, 60), 10);
  // The answer that changes nothing would be asked for without an end.
  assert.is(answer(work, 0, ResponseCode.PULL_OFFSET_MOVED, 60), 0);
  assert.is(asked(work, 0), undefined);
});

test('a queue that is to be repeated begins again', () => {
  const work = new PullWork({ ...shape, isRepeated: true }, [0]);
  answer(work, 0, ResponseCode.SUCCESS, 5);
  answer(work, 0, ResponseCode.PULL_NOT_FOUND, 5);
  assert.is(asked(work, 0)?.queueOffset, 0);
});

test('anything else is a refusal', () => {
  assert.is(answer(new PullWork(shape, [0]), 0, ResponseCode.TOPIC_NOT_EXIST, 0), -1);
});
