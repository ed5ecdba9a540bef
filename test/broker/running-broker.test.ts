import * as assert from 'uvu/assert';
import { decodeTopicConfigTable, GetAllTopicConfig, requestOf } from '../../src/protocol/index.ts';
import { SimWorld } from '../sim/world.ts';
import { suite } from '../support/suite.ts';
import {
  actorOf,
  createGroup,
  GROUP,
  heartbeat,
  pullOf,
  SEED,
  sendOf,
  T,
  waitingPull,
} from './broker-fixture.ts';

const test = suite('running broker');

test('queues and groups are actors of their own, started by use', () => {
  const world = new SimWorld(SEED);
  world.boot();
  const ids = (): string[] => actorOf(world, 'broker').children.map(({ id }) => id);
  assert.equal(ids(), ['broker/registrar']);
  const client = world.connect();
  client.call(sendOf({ queueId: 2 }));
  client.call(pullOf({ queueId: 2 }));
  assert.equal(ids(), ['broker/registrar', `broker/queue-${T}-2`, `broker/group-${GROUP}`]);
});

test('one closed connection releases its pulls and memberships, and nothing of others', () => {
  const world = new SimWorld(SEED);
  world.boot();
  const client = world.connect();
  client.call(sendOf());
  const others = [world.connect('10.0.0.31'), world.connect('10.0.0.32')];
  for (const [index, other] of others.entries()) {
    heartbeat(other, `c-${index}`);
    waitingPull(other, 1);
  }
  world.run(20);
  const facts = () => [
    actorOf(world, `queue-${T}-0`).facts,
    actorOf(world, `group-${GROUP}`).facts,
  ];
  assert.equal(facts(), [
    { minOffset: 0, maxOffset: 1, waiting: 2, postponed: 0 },
    { members: 2, topics: 1 },
  ]);
  others[0]?.close();
  world.run(20);
  assert.equal(facts(), [
    { minOffset: 0, maxOffset: 1, waiting: 1, postponed: 0 },
    { members: 1, topics: 1 },
  ]);
});

test('configuration a full disk refused is written once there is room', () => {
  const world = new SimWorld(SEED);
  world.boot();
  const client = world.connect();
  client.call(sendOf());
  world.disk.failNextWrite('subscriptionGroup', 1);
  assert.is(createGroup(client, { retryQueueNums: 5 }).code, 0);
  world.run(world.settings.flushConsumerOffsetInterval + 100);
  world.crash('all');
  world.boot();
  const next = world.connect();
  heartbeat(next, 'a');
  const { topicConfigTable } = decodeTopicConfigTable(
    next.call(requestOf(GetAllTopicConfig.code)).body,
  );
  assert.is(topicConfigTable.get(`%RETRY%${GROUP}`)?.readQueueNums, 5);
});
