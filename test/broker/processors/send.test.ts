import * as assert from 'uvu/assert';
import {
  encodeBatch,
  parseOffsetMessageId,
  parseProperties,
  SYS_FLAG,
  tagsCode,
} from '../../../src/message/index.ts';
import {
  onewayOf,
  requestCommand,
  requestOf,
  SendBatchMessage,
  SendMessage,
  ViewMessageById,
} from '../../../src/protocol/index.ts';
import { suite } from '../../support/suite.ts';
import {
  bodiesOf,
  bootBroker,
  createTopic,
  maxOffsetOf,
  pullOf,
  recordsOf,
  type SendFields,
  sendHeader,
  sendOf,
  stored,
  T,
} from '../broker-fixture.ts';

const test = suite('sends');

const item = (body: string, properties: Readonly<Record<string, string>> = {}) => ({
  flag: 3,
  body: Buffer.from(body),
  properties,
});

const batchOf = (body: Buffer, fields: SendFields = {}) =>
  requestCommand(SendBatchMessage, sendHeader(fields), { body });

test('a message is stored as it was sent, and the answer says where', () => {
  const { world, client } = bootBroker();
  client.call(sendOf());
  const answer = client.call(
    sendOf({ queueId: 2, reconsumeTimes: 1, properties: { TAGS: 'A', KEYS: 'k' } }, 'héllo'),
  );
  assert.is(answer.code, 0);
  const { msgId = '', ...fields } = answer.extFields ?? {};
  assert.equal(fields, {
    MSG_REGION: 'DefaultRegion',
    TRACE_ON: 'true',
    queueId: '2',
    queueOffset: '0',
  });
  const [record] = stored(client, T, 2);
  assert.ok(record);
  const { view } = record;
  assert.is(record.body, 'héllo');
  assert.equal([view.flag, view.reconsumeTimes, view.sysFlag], [7, 1, 0]);
  assert.is(view.bornTimestamp, 1_600_000_000_000);
  assert.ok(Math.abs(view.storeTimestamp - world.clock.now()) < 10_000);
  assert.equal(
    [...parseProperties(record.properties)],
    [
      ['TAGS', 'A'],
      ['KEYS', 'k'],
      ['CLUSTER', 'DefaultCluster'],
    ],
  );
  const id = parseOffsetMessageId(msgId);
  assert.is(Number(id.commitLogOffset), view.commitLogOffset);
  const viewed = client.callAs(ViewMessageById, { offset: view.commitLogOffset });
  assert.equal(bodiesOf(viewed), ['héllo']);
});

test('WAIT is not stored, and CLUSTER is the name of this cluster whatever was sent', () => {
  const { client } = bootBroker();
  client.call(sendOf({ properties: { WAIT: 'false', CLUSTER: 'Other', A: 'b' } }));
  client.call(sendOf());
  const [first, second] = stored(client).map(({ properties }) => [...parseProperties(properties)]);
  assert.equal(first, [
    ['A', 'b'],
    ['CLUSTER', 'DefaultCluster'],
  ]);
  assert.equal(second, [['CLUSTER', 'DefaultCluster']]);
});

test('long field names say the same as short ones', () => {
  const { client } = bootBroker();
  const header = sendHeader({ queueId: 1, properties: { TAGS: 'A' } });
  const answer = client.call(requestCommand(SendMessage, header, { body: Buffer.from('long') }));
  assert.is(answer.extFields?.['queueId'], '1');
  assert.equal(bodiesOf(client.call(pullOf({ queueId: 1, subscription: 'A' }))), ['long']);
});

const REFUSED: readonly (readonly [string, SendFields, number, RegExp])[] = [
  ['a delay level', { properties: { DELAY: '3' } }, 13, /delayed .* not stored$/],
  ['a delay that is no number', { properties: { DELAY: 'soon' } }, 1, /DELAY is not a number/],
  ['a half message', { properties: { TRAN_MSG: 'true' } }, 13, /transactional .* not stored$/],
  ['prepared bits', { sysFlag: SYS_FLAG.TRANSACTION_PREPARED }, 13, /transactional .* not stored/],
  ['rollback bits', { sysFlag: SYS_FLAG.TRANSACTION_ROLLBACK }, 13, /transactional .* not stored/],
];

for (const [what, fields, code, remark] of REFUSED) {
  test(`refused and not stored: ${what}`, () => {
    const { client } = bootBroker();
    const answer = client.call(sendOf(fields));
    assert.is(answer.code, code);
    assert.match(answer.remark ?? '', remark);
    const batch = client.call(batchOf(encodeBatch([item('a')]), fields));
    assert.is(batch.code, code);
    assert.is(maxOffsetOf(client), 0);
  });
}

test('a delay level of 0 and a transaction flag of false are ordinary messages', () => {
  const { client } = bootBroker();
  for (const properties of [{ DELAY: '0' }, { DELAY: '-1' }, { TRAN_MSG: 'false' }]) {
    assert.is(client.call(sendOf({ properties })).code, 0);
  }
});

test('one-way sends are stored and never answered, whatever becomes of them', () => {
  const { client, world } = bootBroker();
  const oneway = (fields: SendFields) =>
    client.tell({ ...onewayOf(310), ...sendOf(fields), flag: 2 });
  oneway({});
  oneway({ topic: '../x' });
  oneway({ properties: { DELAY: '3' } });
  client.tell({ ...requestOf(999), flag: 2 });
  world.run(500);
  assert.equal(client.heard, []);
  assert.is(stored(client).length, 1);
});

test('a batch is stored as consecutive records, each with its own tag', () => {
  const { client } = bootBroker();
  client.call(sendOf());
  const items = [item('a', { TAGS: 'A' }), item('b', { TAGS: 'B' }), item('c', { TAGS: 'A' })];
  for (const command of [
    batchOf(encodeBatch(items)),
    sendOf({ batch: true }, encodeBatch(items)),
    requestCommand(SendMessage, sendHeader({ batch: true }), { body: encodeBatch(items) }),
  ]) {
    const first = maxOffsetOf(client);
    const answer = client.call(command);
    assert.is(answer.code, 0, answer.remark);
    assert.is(answer.extFields?.['queueOffset'], String(first));
    const records = recordsOf(client.call(pullOf({ queueOffset: first })).body);
    assert.equal(
      records.map(({ body, view }) => [body, view.queueOffset, view.flag]),
      [
        ['a', first, 3],
        ['b', first + 1, 3],
        ['c', first + 2, 3],
      ],
    );
    const ids = answer.extFields?.['msgId']?.split(',').map(parseOffsetMessageId) ?? [];
    assert.equal(
      ids.map(({ commitLogOffset }) => Number(commitLogOffset)),
      records.map(({ view }) => view.commitLogOffset),
    );
    const tagged = client.call(pullOf({ queueOffset: first, subscription: 'A' }));
    assert.equal(bodiesOf(tagged), ['a', 'c']);
  }
});

const malformedBatches = (): (readonly [string, Buffer])[] => {
  const good = encodeBatch([item('first'), item('second')]);
  const withInt = (at: number, value: number): Buffer => {
    const bytes = Buffer.from(good);
    bytes.writeInt32BE(value, at);
    return bytes;
  };
  return [
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('this is no batch, but it is long enough')],
    ['a cut item', good.subarray(0, good.length - 1)],
    ['bytes behind the last item', Buffer.concat([good, Buffer.alloc(3)])],
    ['a negative item length', withInt(0, -1)],
    ['an item longer than the body', withInt(0, 0x7fffffff)],
    ['a negative body length', withInt(16, -5)],
    ['a body longer than its item', withInt(16, 1_000)],
  ];
};

test('a malformed batch is MESSAGE_ILLEGAL, and nothing of it is stored', () => {
  const { world, client } = bootBroker();
  for (let turn = 0; turn < 4; turn++) {
    for (const [what, body] of malformedBatches()) {
      const answer = client.call(batchOf(body));
      assert.is(answer.code, 13, `${what}: ${answer.code} ${answer.remark}`);
      assert.is(client.call(sendOf({ batch: true }, body)).code, 13, what);
    }
  }
  assert.is(maxOffsetOf(client), 0);
  assert.is(client.call(batchOf(encodeBatch([item('good')]))).code, 0);
  assert.equal(world.failures, []);
});

test('what is too large is MESSAGE_ILLEGAL, and the connection lives', () => {
  const { client } = bootBroker();
  assert.is(client.call(sendOf({}, Buffer.alloc(4 * 1024 * 1024 + 1))).code, 13);
  assert.is(client.call(sendOf({ properties: { P: 'x'.repeat(32_767) } })).code, 13);
  assert.is(client.call(sendOf({ properties: { P: 'x'.repeat(32_700) } }, 'fits')).code, 0);
  assert.equal(
    stored(client).map(({ body }) => body),
    ['fits'],
  );
});

test('properties that no longer fit once CLUSTER is added are refused, not cut', () => {
  const { client, world } = bootBroker();
  for (const bytes of [32_760, 32_765]) {
    assert.is(client.call(sendOf({ properties: { P: 'x'.repeat(bytes) } })).code, 13);
  }
  assert.is(maxOffsetOf(client), 0);
  assert.equal(world.failures, []);
});

test('an empty body is a message', () => {
  const { client } = bootBroker();
  assert.is(client.call(sendOf({}, '')).code, 0);
  assert.equal(
    stored(client).map(({ body }) => body),
    [''],
  );
});

test('messages of a topic with several tags each say so in their sysFlag', () => {
  const { client } = bootBroker();
  createTopic(client, { topic: T, topicFilterType: 'MULTI_TAG' });
  client.call(sendOf({ sysFlag: SYS_FLAG.COMPRESSED }));
  const [record] = stored(client);
  assert.is(record?.view.sysFlag, SYS_FLAG.COMPRESSED | SYS_FLAG.MULTI_TAGS);
});

test('a tag with no code of its own is found by its Java hash', () => {
  const { client } = bootBroker();
  assert.is(tagsCode('Aa'), tagsCode('BB')); // Two texts with one hash: the client tells them apart.
  client.call(sendOf({ properties: { TAGS: 'Aa' } }, 'hit'));
  client.call(sendOf({ properties: { TAGS: 'C' } }, 'miss'));
  assert.equal(bodiesOf(client.call(pullOf({ subscription: 'BB' }))), ['hit']);
});
