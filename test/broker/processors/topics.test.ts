import * as assert from 'uvu/assert';
import {
  DeleteTopicInBroker,
  decodeTopicConfigTable,
  decodeTopicStatsTable,
  GetAllTopicConfig,
  GetTopicStatsInfo,
  requestOf,
} from '../../../src/protocol/index.ts';
import type { SimClient } from '../../sim/sim-client.ts';
import { SimWorld } from '../../sim/world.ts';
import { suite } from '../../support/suite.ts';
import {
  bootBroker,
  createTopic,
  maxOffsetOf,
  SEED,
  sendOf,
  stored,
  T,
} from '../broker-fixture.ts';

const test = suite('topics');

const topics = (client: SimClient) =>
  decodeTopicConfigTable(client.call(requestOf(GetAllTopicConfig.code)).body);

const BAD_NAMES: readonly (readonly [string, string])[] = [
  ['../x', 'The specified topic contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$'],
  ['x/y', 'The specified topic contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$'],
  ['x'.repeat(300), 'The specified topic is longer than topic max length.'],
  [' ', 'The specified topic is blank.'],
  ['TBW102', 'The topic[TBW102] is conflict with system topic.'],
  ['DefaultCluster', 'The topic[DefaultCluster] is conflict with system topic.'],
  ['rmq_sys_x', 'The topic[rmq_sys_x] is conflict with system topic.'],
];

test('names are checked before a topic is created or deleted', () => {
  const { world, client } = bootBroker();
  const before = topics(client).dataVersion;
  for (const [topic, remark] of BAD_NAMES) {
    for (const answer of [
      createTopic(client, { topic }),
      client.callAs(DeleteTopicInBroker, { topic }),
    ]) {
      assert.equal([answer.code, answer.remark], [1, remark]);
    }
  }
  assert.equal(topics(client).dataVersion, before);
  assert.is(world.disk.stat('/store/x'), undefined);
});

test('a number of queues that no topic has is refused', () => {
  const { client } = bootBroker();
  for (const queues of [-1, 65_536, 0x7fffffff]) {
    assert.is(createTopic(client, { topic: 'A', readQueueNums: queues }).code, 1);
    assert.is(createTopic(client, { topic: 'A', writeQueueNums: queues }).code, 1);
  }
  assert.is(topics(client).topicConfigTable.get('A'), undefined);
});

test('a topic is created and changed as asked, each time with a new version', () => {
  const { client } = bootBroker();
  const versions = [topics(client).dataVersion.counter];
  const fields = { topic: 'A', readQueueNums: 3, writeQueueNums: 2, perm: 4 };
  for (const perm of [4, 6]) {
    assert.is(createTopic(client, { ...fields, perm, topicFilterType: 'MULTI_TAG' }).code, 0);
    const { dataVersion, topicConfigTable } = topics(client);
    versions.push(dataVersion.counter);
    assert.equal(topicConfigTable.get('A'), {
      order: false,
      perm,
      readQueueNums: 3,
      topicFilterType: 'MULTI_TAG',
      topicName: 'A',
      topicSysFlag: 0,
      writeQueueNums: 2,
    });
  }
  assert.equal(versions, [versions[0], (versions[0] ?? 0) + 1, (versions[0] ?? 0) + 2]);
});

test('a deleted topic holds nothing when it comes back', () => {
  const { world, client } = bootBroker();
  client.call(sendOf({ queueId: 0 }));
  client.call(sendOf({ queueId: 1 }));
  assert.is(client.callAs(DeleteTopicInBroker, { topic: T }).code, 0);
  assert.is(topics(client).topicConfigTable.get(T), undefined);
  assert.equal([maxOffsetOf(client), maxOffsetOf(client, T, 1)], [0, 0]);
  assert.is(client.call(sendOf({}, 'again')).code, 0);
  assert.equal(
    stored(client).map(({ body, view }) => [body, view.queueOffset]),
    [['again', 0]],
  );
  assert.is(client.callAs(DeleteTopicInBroker, { topic: 'Never' }).code, 0);
  assert.equal(world.failures, []);
});

test('topics and what was deleted survive restarts', () => {
  const world = new SimWorld(SEED);
  world.boot();
  const client = world.connect();
  createTopic(client, { topic: 'Kept', writeQueueNums: 7 });
  createTopic(client, { topic: 'Gone' });
  client.callAs(DeleteTopicInBroker, { topic: 'Gone' });
  client.call(sendOf());
  world.run(1_000);
  const before = topics(client);
  world.crash('all');
  world.boot();
  const after = topics(world.connect());
  assert.equal(after, before);
  assert.is(after.topicConfigTable.get('Kept')?.writeQueueNums, 7);
  assert.ok(after.topicConfigTable.has(T));
});

test('statistics name each queue that may be written, with its offsets and last change', () => {
  const { client } = bootBroker();
  createTopic(client, { topic: T, readQueueNums: 4, writeQueueNums: 2 });
  client.call(sendOf());
  client.call(sendOf());
  const [record] = stored(client).slice(-1);
  const answer = client.callAs(GetTopicStatsInfo, { topic: T });
  const rows = [...decodeTopicStatsTable(answer.body).offsetTable].map(([queue, stats]) => ({
    ...queue,
    ...stats,
  }));
  const row = { brokerName: 'broker-a', topic: T, minOffset: 0 };
  const lastUpdateTimestamp = record?.view.storeTimestamp;
  assert.equal(rows, [
    { ...row, queueId: 0, maxOffset: 2, lastUpdateTimestamp },
    { ...row, queueId: 1, maxOffset: 0, lastUpdateTimestamp: 0 },
  ]);
  assert.is(client.callAs(GetTopicStatsInfo, { topic: 'None' }).code, 17);
});
