import * as assert from 'uvu/assert';
import {
  CheckClientConfig,
  decodeConsumerConnection,
  decodeProducerConnection,
  decodeTopicConfigTable,
  encodeCheckClientRequest,
  GetAllTopicConfig,
  GetConsumerConnectionList,
  GetProducerConnectionList,
  HeartBeat,
  requestOf,
  UnregisterClient,
  VERSION,
} from '../../../src/protocol/index.ts';
import type { SimClient } from '../../sim/sim-client.ts';
import { suite } from '../../support/suite.ts';
import {
  bootBroker,
  createGroup,
  GROUP,
  heartbeat,
  sendOf,
  subscriptionTo,
  T,
  verdict,
} from '../broker-fixture.ts';

const test = suite('clients');

const topicOf = (client: SimClient, topic: string) =>
  decodeTopicConfigTable(client.call(requestOf(GetAllTopicConfig.code)).body).topicConfigTable.get(
    topic,
  );

test("a consumer's first heartbeat makes its group's retry topic, with the group's queues", () => {
  const { client } = bootBroker();
  createGroup(client, { groupName: 'g2', retryQueueNums: 3 });
  assert.is(topicOf(client, `%RETRY%${GROUP}`), undefined);
  heartbeat(client, 'a');
  heartbeat(client, 'a', { groupName: 'g2' });
  const facts = [GROUP, 'g2'].map((group) => {
    const topic = topicOf(client, `%RETRY%${group}`);
    return [topic?.readQueueNums, topic?.writeQueueNums, topic?.perm];
  });
  assert.equal(facts, [
    [1, 1, 6],
    [3, 3, 6],
  ]);
});

test('where groups are not created by use a heartbeat makes no retry topic', () => {
  const { client } = bootBroker({ autoCreateSubscriptionGroup: false });
  assert.is(heartbeat(client, 'a').code, 0);
  assert.is(topicOf(client, `%RETRY%${GROUP}`), undefined);
});

test('names of groups are checked before anything is made of them', () => {
  const { world, client } = bootBroker();
  for (const groupName of ['../x', 'a/b', ' ', 'x'.repeat(256), 'a\0', 'a@b']) {
    assert.is(heartbeat(client, 'a', { groupName }).code, 1, groupName);
  }
  assert.equal(world.failures, []);
});

test('a group whose retry topic would be too long leaves the broker sound', () => {
  const { world, client } = bootBroker();
  for (const groupName of ['x'.repeat(120), 'x'.repeat(121), 'x'.repeat(255)]) {
    const isShort = groupName.length === 120;
    heartbeat(client, 'a', { groupName });
    const topic = `%RETRY%${groupName}`;
    for (let turn = 0; turn < 25; turn++) {
      const answer = client.call(sendOf({ topic, maxReconsumeTimes: 16 }));
      assert.is(answer.code === 0, isShort, `${answer.code} ${answer.remark}`);
    }
    const dead = client.call(sendOf({ topic, reconsumeTimes: 99, maxReconsumeTimes: 16 }));
    assert.is(dead.code === 0, isShort, `${dead.code} ${dead.remark}`);
  }
  world.run(100);
  assert.is(client.call(sendOf()).code, 0);
  assert.equal(world.failures, []);
});

test('a heartbeat that is no heartbeat is answered with an error', () => {
  const { world, client } = bootBroker();
  for (const body of ['', '{', '[]', 'null', '{"consumerDataSet":[{}]}']) {
    const answer = client.call(requestOf(HeartBeat.code, { body: Buffer.from(body) }));
    assert.is(answer.code, 1, body);
  }
  assert.equal(world.failures, []);
});

test('who consumes in a group, how, and what', () => {
  const { world, client } = bootBroker();
  const offline = client.callAs(GetConsumerConnectionList, { consumerGroup: GROUP });
  assert.equal(verdict(offline), [206, `the consumer group[${GROUP}] not online`]);
  const consumer = world.connect('10.0.0.44');
  heartbeat(consumer, 'c-1', {
    consumeType: 'CONSUME_ACTIVELY',
    messageModel: 'BROADCASTING',
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    subscriptionDataSet: [subscriptionTo(T, { subString: 'A', subVersion: 4 })],
  });
  const answer = client.callAs(GetConsumerConnectionList, { consumerGroup: GROUP });
  const found = decodeConsumerConnection(answer.body);
  assert.equal(
    [found.consumeType, found.messageModel, found.consumeFromWhere],
    ['CONSUME_ACTIVELY', 'BROADCASTING', 'CONSUME_FROM_FIRST_OFFSET'],
  );
  assert.is(found.subscriptionTable.get(T)?.subString, 'A');
  const [connection] = found.connectionSet;
  assert.match(connection?.clientAddr ?? '', /^10\.0\.0\.44:\d+$/);
  assert.equal(
    [connection?.clientId, connection?.language, connection?.version],
    ['c-1', 'JAVA', VERSION.V4_9_2],
  );
});

test('who produces in a group, until it says good-bye or its connection ends', () => {
  const { world, client } = bootBroker();
  const ids = (producerGroup: string): readonly string[] | number => {
    const answer = client.callAs(GetProducerConnectionList, { producerGroup });
    if (answer.code !== 0) return answer.code;
    return decodeProducerConnection(answer.body).connectionSet.map(({ clientId }) => clientId);
  };
  const a = world.connect('10.0.0.31');
  const b = world.connect('10.0.0.32');
  heartbeat(a, 'a', {}, ['p1', 'p2']);
  heartbeat(b, 'b', {}, ['p1']);
  assert.equal([ids('p1'), ids('p2')], [['a', 'b'], ['a']]);
  a.callAs(UnregisterClient, { clientID: 'a', producerGroup: 'p2' });
  assert.equal([ids('p1'), ids('p2')], [['a', 'b'], 1]);
  b.close();
  assert.equal(ids('p1'), ['a']);
  const remark = client.callAs(GetProducerConnectionList, { producerGroup: 'p3' }).remark;
  assert.is(remark, 'the producer group[p3] not exist');
});

test('a subscription is checked before it is used: tags are served, SQL is not', () => {
  const { client } = bootBroker();
  const check = (expressionType: string) => {
    const subscriptionData = subscriptionTo(T, { expressionType, subString: 'a > 1' });
    const body = encodeCheckClientRequest({ clientId: 'a', group: GROUP, subscriptionData });
    return verdict(client.call(requestOf(CheckClientConfig.code, { body })));
  };
  assert.is(check('TAG')[0], 0);
  assert.equal(check('SQL92'), [
    1,
    'The broker does not support consumer to filter message by SQL92',
  ]);
});
