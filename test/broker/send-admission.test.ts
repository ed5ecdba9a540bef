import * as assert from 'uvu/assert';
import type { BrokerSettings } from '../../src/broker/index.ts';
import { encodeBatch } from '../../src/message/index.ts';
import {
  type RemotingCommand,
  RequestCode,
  requestCommand,
  SendBatchMessage,
  SendMessage,
  VERSION,
} from '../../src/protocol/index.ts';
import type { MemoryDisk } from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';
import {
  bootBroker,
  createGroup,
  createTopic,
  maxOffsetOf,
  type SendFields,
  sendHeader,
  sendOf,
  stored,
  T,
  verdict,
} from './broker-fixture.ts';

const test = suite('what sends are admitted');

const FAQ = '\nSee http://rocketmq.apache.org/docs/faq/ for further details.';
const ILLEGAL = 'The specified topic contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$';
const LONG = 'The specified topic is longer than topic max length.';

const REFUSALS: readonly {
  readonly what: string;
  readonly send: SendFields;
  readonly settings?: Partial<BrokerSettings>;
  readonly code: number;
  readonly remark: string | RegExp;
}[] = [
  {
    what: 'a topic nobody created, where topics are not created by sends',
    send: { topic: 'New' },
    settings: { autoCreateTopicEnable: false },
    code: 17,
    remark: `topic[New] not exist, apply first please!${FAQ}`,
  },
  {
    what: 'a topic whose template does not exist',
    send: { topic: 'New', defaultTopic: 'Nothing' },
    code: 17,
    remark: `topic[New] not exist, apply first please!${FAQ}`,
  },
  {
    what: 'a topic whose template is not inherited from',
    send: { topic: 'New', defaultTopic: 'SELF_TEST_TOPIC' },
    code: 17,
    remark: `topic[New] not exist, apply first please!${FAQ}`,
  },
  { what: 'a name that leaves its folder', send: { topic: '../x' }, code: 1, remark: ILLEGAL },
  { what: 'a dot', send: { topic: '.' }, code: 1, remark: ILLEGAL },
  { what: 'a NUL', send: { topic: 'a\0b' }, code: 1, remark: ILLEGAL },
  { what: 'a letter beyond ASCII', send: { topic: 'Thé' }, code: 1, remark: ILLEGAL },
  { what: 'a line break at the end', send: { topic: 'Topic\n' }, code: 1, remark: ILLEGAL },
  { what: '128 letters', send: { topic: 'x'.repeat(128) }, code: 1, remark: LONG },
  { what: '300 letters', send: { topic: 'x'.repeat(300) }, code: 1, remark: LONG },
  {
    what: 'a blank name',
    send: { topic: ' ' },
    code: 1,
    remark: 'The specified topic is blank.',
  },
  {
    what: 'a queue id behind the last queue',
    send: { queueId: 4 },
    code: 1,
    remark: /^request queueId\[4\] is illegal, TopicConfig \[.*\] Producer: 10\.0\.0\.20:\d+$/,
  },
  {
    what: 'the largest queue id',
    send: { queueId: 0x7fffffff },
    code: 1,
    remark: /^request queueId\[2147483647\] is illegal/,
  },
  {
    what: 'the topic of delayed messages',
    send: { topic: 'SCHEDULE_TOPIC_XXXX' },
    code: 16,
    remark: 'Sending message to topic[SCHEDULE_TOPIC_XXXX] is forbidden.',
  },
  {
    what: 'a broker that does not serve yet',
    send: {},
    settings: { startAcceptSendRequestTimeStamp: 9_000_000_000_000 },
    code: 1,
    remark: /^broker unable to service, until /,
  },
];

const FOLDER = '/store/consumequeue';
const queueFolders = (disk: MemoryDisk): string[] =>
  disk.stat(FOLDER) === undefined ? [] : disk.list(FOLDER);

for (const { what, send, settings, code, remark } of REFUSALS) {
  test(`refused: ${what}`, () => {
    const { world, client } = bootBroker(settings);
    const before = queueFolders(world.disk);
    const answer = client.call(sendOf(send));
    assert.is(answer.code, code);
    if (remark instanceof RegExp) assert.match(answer.remark ?? '', remark);
    else assert.is(answer.remark, remark);
    assert.equal(queueFolders(world.disk), before);
    assert.equal(world.failures, []);
  });
}

const without = (command: RemotingCommand, key: string): RemotingCommand => {
  const { [key]: _, ...extFields } = command.extFields ?? {};
  return { ...command, extFields };
};

test('each field a send must have is asked for by its name on the wire', () => {
  const { client } = bootBroker();
  for (const key of 'abcdefgh') {
    const answer = client.call(without(sendOf(), key));
    assert.equal(verdict(answer), [1, `the custom field <${key}> is null`]);
    const batch = requestCommand(SendBatchMessage, sendHeader());
    assert.equal(verdict(client.call(without(batch, key))), [
      1,
      `the custom field <${key}> is null`,
    ]);
  }
  const long = requestCommand(SendMessage, sendHeader());
  for (const key of ['producerGroup', 'topic', 'queueId', 'flag']) {
    assert.equal(verdict(client.call(without(long, key))), [
      1,
      `the custom field <${key}> is null`,
    ]);
  }
  assert.is(maxOffsetOf(client), 0);
});

test('a topic made by its first message has the fewer of the queues asked for and allowed', () => {
  const { client } = bootBroker();
  const codes = [3, 8, 100].map((defaultTopicQueueNums) => {
    const topic = `Auto${defaultTopicQueueNums}`;
    const last = Math.min(defaultTopicQueueNums, 8) - 1;
    return [last, last + 1].map(
      (queueId) => client.call(sendOf({ topic, defaultTopicQueueNums, queueId })).code,
    );
  });
  assert.equal(codes, [
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
});

test('a topic asked for with no queues refuses every queue, and the broker lives on', () => {
  const { world, client } = bootBroker();
  const none = { topic: 'None', defaultTopicQueueNums: -5 };
  for (const queueId of [0, -1]) {
    assert.is(client.call(sendOf({ ...none, queueId })).code, 1, `queue ${queueId}`);
  }
  assert.is(maxOffsetOf(client, 'None'), 0);
  assert.is(client.call(sendOf()).code, 0);
  assert.equal(world.failures, []);
});

test('a negative queue id is any queue that may be written', () => {
  const { client } = bootBroker();
  createTopic(client, { topic: T, writeQueueNums: 3, readQueueNums: 8 });
  const chosen = new Set<number>();
  for (let index = 0; index < 40; index++) {
    const answer = client.call(sendOf({ queueId: index % 2 === 0 ? -1 : -0x80000000 }));
    assert.is(answer.code, 0);
    chosen.add(Number(answer.extFields?.['queueId']));
  }
  assert.equal([...chosen].sort(), [0, 1, 2]);
});

test('a queue that may only be read still takes messages: RocketMQ allows the larger number', () => {
  const { client } = bootBroker();
  createTopic(client, { topic: T, writeQueueNums: 2, readQueueNums: 6 });
  const codes = [1, 5, 6].map((queueId) => client.call(sendOf({ queueId })).code);
  assert.equal(codes, [0, 0, 1]);
});

test("a topic's own permission does not keep ordinary sends out", () => {
  const { client } = bootBroker();
  createTopic(client, { topic: T, perm: 4 });
  assert.is(client.call(sendOf()).code, 0);
});

test('a broker that may not be written refuses nothing but ordered topics', () => {
  const { client } = bootBroker({ brokerPermission: 4 });
  assert.is(client.call(sendOf()).code, 0);
});

const retrySend = (fields: SendFields, version: number = VERSION.V4_9_2) => ({
  ...sendOf({ topic: '%RETRY%g', ...fields }),
  version,
});

test('a message sent to a retry topic stays there until its last retry, then is a dead letter', () => {
  const { client } = bootBroker();
  createGroup(client, { groupName: 'g', retryMaxTimes: 5 });
  const table: readonly [SendFields, number | undefined, string][] = [
    [{ reconsumeTimes: 2, maxReconsumeTimes: 3 }, undefined, '%RETRY%g'],
    [{ reconsumeTimes: 3, maxReconsumeTimes: 3 }, undefined, '%DLQ%g'],
    [{ reconsumeTimes: 4 }, undefined, '%RETRY%g'],
    [{ reconsumeTimes: 5 }, undefined, '%DLQ%g'],
    // Before V3_4_9 a client could not set the limit.
    [{ reconsumeTimes: 4, maxReconsumeTimes: 3 }, VERSION.V3_4_9 - 1, '%RETRY%g'],
    [{ reconsumeTimes: 5, maxReconsumeTimes: 9 }, VERSION.V3_4_9 - 1, '%DLQ%g'],
  ];
  const expected = { '%RETRY%g': 0, '%DLQ%g': 0 } as Record<string, number>;
  for (const [fields, version, topic] of table) {
    const answer = client.call(retrySend(fields, version));
    assert.is(answer.code, 0, answer.remark);
    expected[topic] = (expected[topic] ?? 0) + 1;
    assert.is(maxOffsetOf(client, topic), expected[topic], JSON.stringify(fields));
  }
  assert.is(stored(client, '%DLQ%g')[0]?.view.reconsumeTimes, 3);
});

test('a retry topic of a group nobody created is refused where groups are not created by use', () => {
  const { client } = bootBroker({ autoCreateSubscriptionGroup: false });
  const answer = client.call(retrySend({}));
  assert.equal(verdict(answer), [26, `subscription group not exist, g${FAQ}`]);
  assert.is(maxOffsetOf(client, '%RETRY%g'), 0);
});

test('a retry topic is created by a send even where topics are not', () => {
  const { client } = bootBroker({ autoCreateTopicEnable: false });
  assert.is(client.call(retrySend({ maxReconsumeTimes: 16 })).code, 0);
  assert.is(client.call(retrySend({ maxReconsumeTimes: 16, queueId: 1 })).code, 1);
});

test('the codes of retries, transactions, replies and keys are named as not supported', () => {
  const { client } = bootBroker();
  const codes = [
    RequestCode.CONSUMER_SEND_MSG_BACK,
    RequestCode.END_TRANSACTION,
    RequestCode.SEND_REPLY_MESSAGE,
    RequestCode.SEND_REPLY_MESSAGE_V2,
    RequestCode.QUERY_MESSAGE,
  ];
  assert.equal(codes, [36, 37, 324, 325, 12]);
  for (const code of codes) {
    const answer = client.call({ ...sendOf(), code });
    assert.equal(verdict(answer), [3, ` request type ${code} not supported`]);
  }
  assert.is(maxOffsetOf(client), 0);
});

test('a batch is checked as a single message is', () => {
  const { client } = bootBroker();
  const body = encodeBatch([{ flag: 0, body: Buffer.from('a'), properties: {} }]);
  const batch = (fields: SendFields) =>
    client.call(requestCommand(SendBatchMessage, sendHeader(fields), { body }));
  assert.is(batch({ topic: '../x' }).code, 1);
  assert.is(batch({ queueId: 9 }).code, 1);
  assert.is(batch({ topic: 'SCHEDULE_TOPIC_XXXX' }).code, 16);
  assert.is(batch({}).code, 0);
});
