import * as assert from 'uvu/assert';
import { AnswerView } from '../../../src/cli/bench/answer-view.ts';
import { type TailShape, TailWork } from '../../../src/cli/bench/tail-work.ts';
import { encodeRecord, PULL_FLAG, RecordFields, recordBytes } from '../../../src/message/index.ts';
import {
  decodeCommand,
  decodeHeader,
  encodeCommand,
  GetMaxOffset,
  PullMessage,
  RequestView,
  ResponseCode,
  responseOf,
} from '../../../src/protocol/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('tail work');
const shape: TailShape = { topic: 'T', consumerGroup: 'g', headerType: 0, suspendMs: 15_000 };
const OPAQUE = 1_000_000_007;

const recordOf = (text: string, storeTimestamp: number): Buffer => {
  const body = Buffer.from(text);
  const topic = Buffer.from('T');
  const host = Buffer.from([127, 0, 0, 1]);
  const fields = Object.assign(new RecordFields(), {
    ...{ storeTimestamp, bornHost: host, storeHost: host },
    ...{ body, bodyBytes: body.length, topic, topicBytes: topic.length },
  });
  const record = Buffer.alloc(recordBytes(fields));
  encodeRecord(record, 0, fields);
  return record;
};

const asked = (work: TailWork, slot: number) => {
  const target = Buffer.alloc(work.requestBytesMax);
  const view = new RequestView();
  assert.ok(view.scan(target, 0, work.write(target, 0, slot, OPAQUE)));
  assert.is(view.opaque, OPAQUE);
  return decodeCommand(view);
};

const pulled = (work: TailWork, slot: number) => {
  const { code, extFields } = asked(work, slot);
  assert.is(code, PullMessage.code);
  return decodeHeader(PullMessage.request, extFields);
};

const answer = (
  work: TailWork,
  slot: number,
  code: number,
  extFields: Record<string, string>,
  body?: Buffer,
): number => {
  const response = responseOf(code, { opaque: OPAQUE, extFields, ...(body ? { body } : {}) });
  const frame = encodeCommand(response);
  const view = new AnswerView();
  assert.ok(view.scan(frame, 0, frame.length));
  return work.read(view, slot);
};

const begin = (onBody: (text: string, storeTimestamp: number) => void = () => undefined) => {
  const work = new TailWork(shape, [3, 4], (source, at, bytes, storeTimestamp) =>
    onBody(source.toString('utf8', at, at + bytes), storeTimestamp),
  );
  answer(work, 0, ResponseCode.SUCCESS, { offset: '70' });
  return work;
};

test('each queue is followed from where it ends, with pulls that the broker may hold', () => {
  const work = new TailWork(shape, [3, 4], () => undefined);
  assert.is(work.unknown, 2);
  const question = asked(work, 1);
  assert.is(question.code, GetMaxOffset.code);
  assert.is(decodeHeader(GetMaxOffset.request, question.extFields).queueId, 4);
  assert.is(answer(work, 1, ResponseCode.SUCCESS, { offset: '12' }), 0);
  assert.is(work.unknown, 1);
  const header = pulled(work, 1);
  assert.equal([header.queueId, header.queueOffset], [4, 12]);
  assert.is(header.sysFlag, PULL_FLAG.SUSPEND | PULL_FLAG.SUBSCRIPTION);
  assert.is(header.suspendTimeoutMillis, 15_000);
});

test('every message of an answer is handed on, and the next pull goes on behind them', () => {
  const seen: string[] = [];
  const work = begin((text, storeTimestamp) => void seen.push(`${text}@${storeTimestamp}`));
  const body = Buffer.concat([recordOf('one', 5), recordOf('two', 6)]);
  assert.is(answer(work, 0, ResponseCode.SUCCESS, { nextBeginOffset: '72' }, body), 2);
  assert.equal(seen, ['one@5', 'two@6']);
  assert.is(pulled(work, 0).queueOffset, 72);
});

test('a pull that was held in vain, or whose queue moved, is asked again from where the broker says', () => {
  const work = begin();
  assert.is(answer(work, 0, ResponseCode.PULL_NOT_FOUND, { nextBeginOffset: '70' }), 0);
  assert.is(pulled(work, 0).queueOffset, 70);
  assert.is(answer(work, 0, ResponseCode.PULL_OFFSET_MOVED, { nextBeginOffset: '90' }), 0);
  assert.is(pulled(work, 0).queueOffset, 90);
});

test('a topic that the first message creates is followed from its beginning', () => {
  const work = new TailWork(shape, [3], () => undefined);
  assert.is(answer(work, 0, ResponseCode.TOPIC_NOT_EXIST, {}), 0);
  assert.is(work.unknown, 0);
  assert.is(pulled(work, 0).queueOffset, 0);
});

test('refusals, and bodies that are no messages, are refusals', () => {
  const work = begin();
  assert.is(answer(work, 1, ResponseCode.NO_PERMISSION, {}), -1);
  assert.is(work.unknown, 1);
  assert.is(answer(work, 0, ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, {}), -1);
  const body = Buffer.from('no message at all');
  assert.is(answer(work, 0, ResponseCode.SUCCESS, { nextBeginOffset: '71' }, body), -1);
});
