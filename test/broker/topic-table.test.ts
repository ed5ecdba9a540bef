import * as assert from 'uvu/assert';
import { ManualClock } from '../../src/base/index.ts';
import { type TopicSettings, TopicTable } from '../../src/broker/topic-table.ts';
import { suite } from '../support/suite.ts';

const test = suite('topic table');

const SETTINGS: TopicSettings = {
  brokerClusterName: 'DefaultCluster',
  brokerName: 'broker-a',
  autoCreateTopicEnable: true,
  clusterTopicEnable: true,
  brokerTopicEnable: true,
  traceTopicEnable: false,
  msgTraceTopicName: 'RMQ_SYS_TRACE_TOPIC',
  defaultTopicQueueNums: 8,
};

const createTable = (settings: Partial<TopicSettings> = {}) => {
  let saves = 0;
  const store = {
    load: () => undefined,
    save: () => {
      saves += 1;
    },
  };
  const clock = new ManualClock();
  const table = new TopicTable({ ...SETTINGS, ...settings }, store, clock);
  return { table, saves: () => saves, clock };
};

const asked = (topic: string, defaultTopic = 'TBW102', defaultTopicQueueNums = 4) => ({
  topic,
  defaultTopic,
  defaultTopicQueueNums,
  isUnitMode: false,
});

test('system topics have the queues and permissions RocketMQ gives them', () => {
  const { table } = createTable();
  const facts = [...table.all()].map(({ topicName, writeQueueNums, perm }) => [
    topicName,
    writeQueueNums,
    perm,
  ]);
  assert.equal(facts.sort(), [
    ['BenchmarkTest', 1024, 6],
    ['DefaultCluster', 16, 7],
    ['DefaultCluster_REPLY_TOPIC', 1, 6],
    ['OFFSET_MOVED_EVENT', 1, 6],
    ['SCHEDULE_TOPIC_XXXX', 18, 6],
    ['SELF_TEST_TOPIC', 1, 6],
    ['TBW102', 8, 7],
    ['broker-a', 1, 7],
  ]);
});

test('a topic is created from its template with the fewer of the queues asked for and allowed', () => {
  const { table, saves } = createTable();
  assert.is(table.getOrCreate(asked('A'))?.writeQueueNums, 4);
  assert.is(table.getOrCreate(asked('B', 'TBW102', 100))?.writeQueueNums, 8);
  assert.is(table.getOrCreate(asked('C', 'TBW102', -3))?.writeQueueNums, 0);
  assert.is(table.get('A')?.perm, 6);
  assert.is(saves(), 3);
});

test('no topic is created where that is switched off, or its template does not inherit', () => {
  assert.is(createTable({ autoCreateTopicEnable: false }).table.getOrCreate(asked('A')), undefined);
  assert.is(createTable().table.getOrCreate(asked('A', 'SELF_TEST_TOPIC')), undefined);
  assert.is(createTable().table.getOrCreate(asked('A', 'unknown')), undefined);
});

test('every change has a new version and is announced, asking twice changes nothing', () => {
  const { table, clock } = createTable();
  const changes: string[] = [];
  table.onCreate = ({ topicName }) => changes.push(topicName);
  const before = table.version;
  clock.advance(5);
  table.getOrCreate(asked('A'));
  table.getOrCreate(asked('A'));
  assert.equal(changes, ['A']);
  assert.equal(table.version, { counter: before.counter + 1, timestamp: before.timestamp + 5 });
});

test('names of the broker itself are system topics', () => {
  const { table } = createTable();
  for (const name of ['DefaultCluster', 'broker-a', 'TBW102', 'rmq_sys_anything']) {
    assert.ok(table.isSystem(name), name);
  }
  assert.not.ok(table.isSystem('TopicTest'));
});

test('the order flag follows the list of the name servers', () => {
  const { table } = createTable();
  table.getOrCreate(asked('A'));
  table.applyOrder(new Set(['A']));
  assert.ok(table.get('A')?.order);
  const { counter } = table.version;
  table.applyOrder(new Set(['A']));
  assert.is(table.version.counter, counter);
  table.applyOrder(new Set());
  assert.not.ok(table.get('A')?.order);
});

test('saved topics with names that no topic may have are left out', () => {
  const names = ['Good', '%RETRY%a/b', '..', `%RETRY%${'x'.repeat(121)}`];
  const saved = createTable().table.getOrCreate(asked('Any'));
  assert.ok(saved);
  const topics = names.map((topicName) => [topicName, { ...saved, topicName }] as const);
  const dataVersion = { counter: 9, timestamp: 1 };
  const store = {
    load: () => ({ dataVersion, topicConfigTable: new Map(topics) }),
    save: () => undefined,
  };
  const table = new TopicTable(SETTINGS, store, new ManualClock());
  assert.equal(
    names.map((name) => table.get(name) !== undefined),
    [true, false, false, false],
  );
  assert.is(table.version.counter, 9);
});
