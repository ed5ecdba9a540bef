import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { equal, is, ok } from 'uvu/assert';
import { suite } from '../support/suite.ts';
import {
  brokerFields,
  createFixture,
  registerBody,
  slaveFields,
  topicConfig,
} from './name-server-fixture.ts';

const test = suite('route-handlers');

const BROKER = '"brokerName":"broker-a","cluster":"DefaultCluster"}';
const QUEUES =
  '"queueDatas":[{"brokerName":"broker-a","perm":6,"readQueueNums":4,"topicSysFlag":0,"writeQueueNums":4}]}';

const registered = (over = {}) => {
  const fixture = createFixture(over);
  fixture.ask(103, { fields: brokerFields(), body: registerBody() });
  fixture.ask(103, { fields: slaveFields(), body: registerBody() });
  return fixture;
};

const goldenBody = (id: string): string => {
  const path = fileURLToPath(new URL('../../../test/golden/vectors.json', import.meta.url));
  const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as {
    vectors: { id: string; bodyHex?: string }[];
  };
  return Buffer.from(vectors.find((vector) => vector.id === id)?.bodyHex ?? '', 'hex').toString();
};

test('a route is byte for byte what RocketMQ 4.9.2 answers', () => {
  const answer = registered().ask(105, { fields: { topic: 'TopicTest' } });
  is(answer.code, 0);
  is(answer.body?.toString(), goldenBody('route-response-json'));
  is(answer.extFields, undefined);
});

test('filter servers and the order of an ordered topic are told where they exist', () => {
  const fixture = registered({ orderMessageEnable: true });
  fixture.ask(103, {
    fields: brokerFields(),
    body: registerBody(undefined, undefined, ['10.0.0.1:40000']),
  });
  fixture.ask(100, {
    fields: { namespace: 'ORDER_TOPIC_CONFIG', key: 'TopicTest', value: 'broker-a:4;broker-b:4' },
  });
  is(
    fixture.ask(105, { fields: { topic: 'TopicTest' } }).body?.toString(),
    `{"brokerDatas":[{"brokerAddrs":{0:"10.0.0.1:10911",1:"10.0.0.2:10911"},${BROKER}],"filterServerTable":{"10.0.0.1:10911":["10.0.0.1:40000"]},"orderTopicConf":"broker-a:4;broker-b:4",${QUEUES}`,
  );
});

test('the order is kept back unless the setting is on', () => {
  const fixture = registered();
  fixture.ask(100, {
    fields: { namespace: 'ORDER_TOPIC_CONFIG', key: 'TopicTest', value: 'broker-a:4' },
  });
  const before = fixture.ask(105, { fields: { topic: 'TopicTest' } }).body?.toString();
  is(before, goldenBody('route-response-json'));
  fixture.ask(318, { body: 'orderMessageEnable=true' });
  ok(
    fixture
      .ask(105, { fields: { topic: 'TopicTest' } })
      .body?.includes('"orderTopicConf":"broker-a:4"'),
  );
});

test('new clients and those that ask for it get standard JSON', () => {
  const fixture = registered();
  const strict = `{"brokerDatas":[{"brokerAddrs":{"0":"10.0.0.1:10911","1":"10.0.0.2:10911"},${BROKER}],"filterServerTable":{},${QUEUES}`;
  const text = (asked: object): string | undefined =>
    fixture.ask(105, { fields: { topic: 'TopicTest' }, ...asked }).body?.toString();
  is(text({ version: 401 }), strict);
  is(text({ fields: { topic: 'TopicTest', acceptStandardJsonOnly: 'true' } }), strict);
  is(text({ version: 399 }), goldenBody('route-response-json'));
  is(
    text({ fields: { topic: 'TopicTest', acceptStandardJsonOnly: 'false' } }),
    goldenBody('route-response-json'),
  );
});

test("an unknown topic is answered with RocketMQ's words", () => {
  const answer = createFixture().ask(105, { fields: { topic: 'Nowhere' } });
  is(answer.code, 17);
  is(
    answer.remark,
    'No topic route info in name server for the topic: Nowhere\nSee http://rocketmq.apache.org/docs/faq/ for further details.',
  );
  is(answer.body, undefined);
});

test('a master that fails leaves the slave in the route, the last one takes the topic along', () => {
  const fixture = registered();
  const route = () => fixture.ask(105, { fields: { topic: 'TopicTest' } });
  fixture.ask(104, { fields: brokerFields() });
  ok(route().body?.includes('"brokerAddrs":{1:"10.0.0.2:10911"}'));
  fixture.ask(104, { fields: slaveFields() });
  is(route().code, 17);
});

test('the cluster is byte for byte what RocketMQ answers', () => {
  is(
    registered().ask(106).body?.toString(),
    '{"brokerAddrTable":{"broker-a":{"brokerAddrs":{0:"10.0.0.1:10911",1:"10.0.0.2:10911"},"brokerName":"broker-a","cluster":"DefaultCluster"}},"clusterAddrTable":{"DefaultCluster":["broker-a"]}}',
  );
  is(createFixture().ask(106).body?.toString(), '{"brokerAddrTable":{},"clusterAddrTable":{}}');
});

const list = (body: Buffer | undefined): { topicList: string[]; brokerAddr?: string } => {
  const parsed = JSON.parse(body?.toString() ?? '') as { topicList: string[] };
  return { ...parsed, topicList: parsed.topicList.sort() };
};

const twoClusters = () => {
  const fixture = createFixture();
  fixture.ask(103, {
    fields: brokerFields(),
    body: registerBody([
      topicConfig('Plain'),
      topicConfig('Unit', { topicSysFlag: 1 }),
      topicConfig('UnitSub', { topicSysFlag: 3 }),
      topicConfig('Sub', { topicSysFlag: 2 }),
    ]),
  });
  fixture.ask(103, {
    fields: brokerFields({
      brokerName: 'broker-b',
      brokerAddr: '10.0.0.3:10911',
      clusterName: 'Other',
    }),
    body: registerBody([topicConfig('Plain'), topicConfig('OnlyB')]),
  });
  return fixture;
};

test('topic lists name every topic once, those of a cluster, and those of units', () => {
  const fixture = twoClusters();
  equal(list(fixture.ask(206).body), { topicList: ['OnlyB', 'Plain', 'Sub', 'Unit', 'UnitSub'] });
  equal(list(fixture.ask(224, { fields: { cluster: 'Other' } }).body), {
    topicList: ['OnlyB', 'Plain'],
  });
  equal(list(fixture.ask(224, { fields: { cluster: 'None' } }).body), { topicList: [] });
  equal(list(fixture.ask(311).body), { topicList: ['Unit', 'UnitSub'] });
  equal(list(fixture.ask(312).body), { topicList: ['Sub', 'UnitSub'] });
  equal(list(fixture.ask(313).body), { topicList: ['Sub'] });
});

test('system topics are the names of clusters and brokers, with a broker to ask further', () => {
  equal(list(twoClusters().ask(304).body), {
    brokerAddr: '10.0.0.1:10911',
    topicList: ['DefaultCluster', 'Other', 'broker-a', 'broker-b'],
  });
  equal(list(createFixture().ask(304).body), { topicList: [] });
});

test('write permission is taken from and given to all topics of a broker, counted', () => {
  const fixture = twoClusters();
  const perms = (): string =>
    JSON.stringify(
      [...(fixture.nameServer.table.topics.get('Plain')?.values() ?? [])].map(({ perm }) => perm),
    );
  const wiped = fixture.ask(205, { fields: { brokerName: 'broker-a' } });
  equal(wiped.extFields, { wipeTopicCount: '4' });
  is(perms(), '[4,6]');
  equal(fixture.ask(205, { fields: { brokerName: 'nobody' } }).extFields, { wipeTopicCount: '0' });
  const added = fixture.ask(327, { fields: { brokerName: 'broker-a' } });
  equal(added.extFields, { addTopicCount: '4' });
  is(perms(), '[6,6]');
});

test('a topic is deleted everywhere', () => {
  const fixture = twoClusters();
  is(fixture.ask(216, { fields: { topic: 'Plain' } }).code, 0);
  is(fixture.ask(105, { fields: { topic: 'Plain' } }).code, 17);
  is(fixture.ask(216, { fields: { topic: 'Plain' } }).code, 0);
});
