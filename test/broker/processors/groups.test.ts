import * as assert from 'uvu/assert';
import {
  DeleteSubscriptionGroup,
  decodeConsumerOffsets,
  decodeGroupList,
  decodeSubscriptionGroupTable,
  GetAllConsumerOffset,
  GetAllSubscriptionGroupConfig,
  QueryTopicConsumeByWho,
  requestOf,
  UpdateAndCreateSubscriptionGroup,
  UpdateConsumerOffset,
} from '../../../src/protocol/index.ts';
import type { SimClient } from '../../sim/sim-client.ts';
import { SimWorld } from '../../sim/world.ts';
import { suite } from '../../support/suite.ts';
import {
  bootBroker,
  createGroup,
  GROUP,
  groupConfig,
  heartbeat,
  pullOf,
  SEED,
  sendOf,
  T,
} from '../broker-fixture.ts';

const test = suite('groups');

const groups = (client: SimClient) =>
  decodeSubscriptionGroupTable(client.call(requestOf(GetAllSubscriptionGroupConfig.code)).body)
    .subscriptionGroupTable;

const commit = (client: SimClient, consumerGroup: string, commitOffset: number) =>
  client.callAs(UpdateConsumerOffset, { consumerGroup, topic: T, queueId: 0, commitOffset });

test('a group is created and changed as asked', () => {
  const { client } = bootBroker();
  for (const retryMaxTimes of [3, 5]) {
    assert.is(createGroup(client, { retryMaxTimes, brokerId: 1 }).code, 0);
    assert.equal(groups(client).get(GROUP), groupConfig({ retryMaxTimes, brokerId: 1 }));
  }
});

test('names of groups are checked, and bodies that name none', () => {
  const { client } = bootBroker();
  const before = [...groups(client).keys()];
  for (const groupName of ['../x', ' ', 'a@b', 'x'.repeat(256)]) {
    assert.is(createGroup(client, { groupName }).code, 1, groupName);
  }
  for (const body of ['', '{', '{}', '[]']) {
    const request = requestOf(UpdateAndCreateSubscriptionGroup.code, { body: Buffer.from(body) });
    assert.is(client.call(request).code, 1, body);
  }
  assert.equal([...groups(client).keys()], before);
});

test('a pull creates its group with the defaults', () => {
  const { client } = bootBroker();
  client.call(sendOf());
  client.call(pullOf({ consumerGroup: 'new' }));
  assert.equal(groups(client).get('new'), groupConfig({ groupName: 'new' }));
});

test('groups survive a restart', () => {
  const world = new SimWorld(SEED);
  world.boot();
  createGroup(world.connect(), { retryQueueNums: 4 });
  world.run(100);
  world.crash('all');
  world.boot();
  assert.is(groups(world.connect()).get(GROUP)?.retryQueueNums, 4);
});

test('a deleted group keeps its offsets unless they are to go too', () => {
  const { client } = bootBroker();
  client.call(sendOf());
  for (const group of ['kept', 'gone']) {
    createGroup(client, { groupName: group });
    commit(client, group, 1);
    client.callAs(DeleteSubscriptionGroup, { groupName: group, removeOffset: group === 'gone' });
    assert.not.ok(groups(client).has(group));
  }
  const keys = () => {
    const { body } = client.call(requestOf(GetAllConsumerOffset.code));
    return [...decodeConsumerOffsets(body).offsetTable.keys()];
  };
  assert.equal(keys(), [`${T}@kept`]);
  commit(client, 'gone', 0);
  assert.equal(keys(), [`${T}@kept`, `${T}@gone`]);
});

test('who consumes a topic: groups with an offset, and groups with a subscription', () => {
  const { client } = bootBroker();
  client.call(sendOf());
  commit(client, 'by-offset', 1);
  heartbeat(client, 'a');
  heartbeat(client, 'a', { groupName: 'elsewhere', subscriptionDataSet: [] });
  const consumers = (topic: string) =>
    decodeGroupList(client.callAs(QueryTopicConsumeByWho, { topic }).body).groupList;
  assert.equal([...consumers(T)].sort(), ['by-offset', GROUP]);
  assert.equal(consumers('None'), []);
});
