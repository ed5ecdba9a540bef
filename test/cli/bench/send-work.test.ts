import * as assert from 'uvu/assert';
import { AnswerView } from '../../../src/cli/bench/answer-view.ts';
import { type MessageShape, propertiesOf, SendWork } from '../../../src/cli/bench/send-work.ts';
import { Stamp } from '../../../src/cli/bench/stamp.ts';
import { BatchItems, parseProperties } from '../../../src/message/index.ts';
import {
  decodeCommand,
  decodeHeader,
  encodeCommand,
  RequestView,
  responseOf,
  SendMessageV2,
} from '../../../src/protocol/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('send work');

const shape: MessageShape = {
  topic: 'T',
  producerGroup: 'g',
  bodyBytes: 10,
  batchSize: 1,
  hasKeys: false,
  hasUniqueKeys: false,
  propertyBytes: 0,
  tagCount: 0,
  delayLevel: 0,
  headerType: 0,
};

const decode = (work: SendWork, opaque = 1_000_000_000) => {
  const target = Buffer.alloc(work.requestBytesMax);
  const end = work.write(target, 0, 0, opaque, 5);
  const view = new RequestView();
  assert.ok(view.scan(target, 0, end));
  const command = decodeCommand(view);
  return { command, header: decodeHeader(SendMessageV2.request, command.extFields) };
};

test('requests go to the queues in turn, each with every tag', () => {
  const work = new SendWork({ ...shape, tagCount: 2 }, [0, 5], () => 1_700_000_000_000);
  const seen = Array.from({ length: 5 }, () => {
    const { header } = decode(work);
    return `${header.queueId}/${parseProperties(header.properties ?? '').get('TAGS')}`;
  });
  assert.equal(seen, ['0/tag0', '5/tag0', '0/tag1', '5/tag1', '0/tag0']);
});

test('a message has the size, time and topic that were asked for', () => {
  const { command, header } = decode(new SendWork(shape, [1], () => 1_712_345_678_901));
  assert.is(command.code, 310);
  assert.is(command.body?.length, 10);
  assert.is(header.topic, 'T');
  assert.is(header.bornTimestamp, 1_712_345_678_901);
  assert.not(header.batch);
});

test('a batch holds its messages', () => {
  const work = new SendWork({ ...shape, batchSize: 3, tagCount: 2 }, [1], () => 1_712_345_678_901);
  assert.is(work.messagesPerRequest, 3);
  const { command, header } = decode(work);
  assert.is(command.code, 320);
  assert.ok(header.batch);
  const body = command.body as Buffer;
  const items = new BatchItems();
  items.read(body, 0, body.length);
  const tags: (string | undefined)[] = [];
  for (let index = 0; index < items.count; index++) {
    assert.is(items.bodyLengths[index], 10);
    const start = items.propertiesStart(index);
    const text = body.toString('utf8', start, start + (items.propertiesLengths[index] as number));
    tags.push(parseProperties(text).get('TAGS'));
  }
  assert.equal(tags, ['tag0', 'tag1', 'tag0']);
});

test('properties are of about the size that was asked for, and delays and keys are among them', () => {
  const properties = propertiesOf(
    { ...shape, propertyBytes: 100, hasKeys: true, delayLevel: 4, hasUniqueKeys: true },
    0,
  );
  const user = Object.entries(properties).filter(([name]) => name.startsWith('prop'));
  const bytes = user.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  assert.ok(bytes >= 100 && bytes < 130, String(bytes));
  assert.is(properties['DELAY'], '4');
  assert.is(properties['KEYS']?.length, 10);
  assert.is(properties['UNIQ_KEY']?.length, 32);
});

test('stored is stored, however far it got; everything else is a refusal', () => {
  const work = new SendWork({ ...shape, batchSize: 4 }, [0], () => 1_700_000_000_000);
  const view = new AnswerView();
  const read = (code: number): number => {
    const frame = encodeCommand(responseOf(code, { opaque: 1_000_000_000 }));
    assert.ok(view.scan(frame, 0, frame.length));
    return work.read(view);
  };
  assert.equal([0, 10, 11, 12].map(read), [4, 4, 4, 4]);
  assert.equal([1, 2, 17].map(read), [-1, -1, -1]);
});

test('a stamp says in the body when the request was due', () => {
  const stamp = new Stamp();
  const work = new SendWork({ ...shape, bodyBytes: 20 }, [1], () => 1_700_000_000_000, stamp);
  const { command } = decode(work);
  const body = command.body ?? Buffer.alloc(0);
  assert.is(body.length, 20);
  assert.is(stamp.read(body, 0, body.length), 5);
});
