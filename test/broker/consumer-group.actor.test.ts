import * as assert from 'uvu/assert';
import { CLIENT_EXPIRY_MS, CLIENT_SCAN_MS } from '../../src/broker/broker-limits.ts';
import {
  decodeGetConsumerListByGroupResponse,
  GetConsumerListByGroup,
  UnregisterClient,
} from '../../src/protocol/index.ts';
import type { SimClient } from '../sim/sim-client.ts';
import type { SimWorld } from '../sim/world.ts';
import { suite } from '../support/suite.ts';
import {
  bootBroker,
  createGroup,
  GROUP,
  heartbeat,
  maxOffsetOf,
  subscriptionTo,
  T,
  verdict,
} from './broker-fixture.ts';

const test = suite('consumer group actor');

const members = (client: SimClient): readonly string[] => {
  const answer = client.callAs(GetConsumerListByGroup, { consumerGroup: GROUP });
  return answer.code === 0 ? decodeGetConsumerListByGroupResponse(answer.body).consumerIdList : [];
};

/** Notifications since the last look. */
const notified = (world: SimWorld, client: SimClient): number => {
  world.run(20);
  const heard = client.heard.splice(0);
  for (const { code, extFields } of heard) {
    assert.equal([code, extFields], [40, { consumerGroup: GROUP }]);
  }
  return heard.length;
};

const bootThree = (settings = {}) => {
  const { world, client } = bootBroker(settings);
  return { world, client, a: world.connect('10.0.0.31'), b: world.connect('10.0.0.32') };
};

test('members are told when one joins, leaves, or loses its connection; not of heartbeats', () => {
  const { world, client, a, b } = bootThree();
  const c = world.connect('10.0.0.33');
  const seen = () => [notified(world, a), notified(world, b)];
  heartbeat(a, 'a');
  assert.equal(seen(), [1, 0]);
  heartbeat(a, 'a');
  assert.equal(seen(), [0, 0]);
  heartbeat(b, 'b');
  assert.equal(seen(), [1, 1]);
  heartbeat(c, 'c');
  assert.equal(seen(), [1, 1]);
  assert.equal([...members(client)].sort(), ['a', 'b', 'c']);
  c.close();
  assert.equal(seen(), [1, 1]);
  b.callAs(UnregisterClient, { clientID: 'b', consumerGroup: GROUP });
  assert.equal(seen(), [1, 0]);
  assert.equal(members(client), ['a']);
  a.callAs(UnregisterClient, { clientID: 'a', consumerGroup: GROUP });
  const none = client.callAs(GetConsumerListByGroup, { consumerGroup: GROUP });
  assert.equal(verdict(none), [1, `no consumer for this group, ${GROUP}`]);
});

test('a topic more or less in the subscriptions is told, a newer text of a known one is not', () => {
  const { world, a } = bootThree();
  const subscribe = (...subscriptionDataSet: ReturnType<typeof subscriptionTo>[]) =>
    heartbeat(a, 'a', { subscriptionDataSet });
  subscribe(subscriptionTo(T));
  notified(world, a);
  const { subVersion } = subscriptionTo(T);
  subscribe(subscriptionTo(T, { subString: 'A', subVersion: subVersion + 1 }));
  assert.is(notified(world, a), 0);
  subscribe(subscriptionTo(T), subscriptionTo('Other'));
  assert.is(notified(world, a), 1);
  subscribe(subscriptionTo('Other'));
  assert.is(notified(world, a), 1);
});

test('nobody is told where the broker or the group does not want it', () => {
  const quiet = bootThree({ notifyConsumerIdsChangedEnable: false });
  heartbeat(quiet.a, 'a');
  heartbeat(quiet.b, 'b');
  assert.is(notified(quiet.world, quiet.a), 0);
  const { world, client, a, b } = bootThree();
  createGroup(client, { notifyConsumerIdsChangedEnable: false });
  heartbeat(a, 'a');
  heartbeat(b, 'b');
  b.close();
  assert.is(notified(world, a), 0);
});

test('a consumer without heartbeats for 120 s is no member any more, however much it asks', () => {
  const { world, client, a, b } = bootThree();
  heartbeat(a, 'a');
  heartbeat(b, 'b');
  for (let beat = 0; beat < 4; beat++) {
    world.run(CLIENT_EXPIRY_MS / 4);
    heartbeat(a, 'a');
    if (beat < 3) maxOffsetOf(b); // Keeps its connection from being closed as idle.
    if (beat < 3) assert.equal(members(client), ['a', 'b']);
  }
  world.run(CLIENT_SCAN_MS + 1_000);
  assert.equal(members(client), ['a']);
});

test('one connection may be a member of several groups, and leaves them all with its end', () => {
  const { client, a } = bootThree();
  heartbeat(a, 'a', { groupName: 'g1' });
  heartbeat(a, 'a', { groupName: 'g2' });
  const codes = () =>
    ['g1', 'g2'].map(
      (consumerGroup) => client.callAs(GetConsumerListByGroup, { consumerGroup }).code,
    );
  assert.equal(codes(), [0, 0]);
  a.callAs(UnregisterClient, { clientID: 'a', consumerGroup: 'g1' });
  assert.equal(codes(), [1, 0]);
  a.close();
  assert.equal(codes(), [1, 1]);
});

test('a client with a new id on the same connection takes the place of the old', () => {
  const { client, a } = bootThree();
  heartbeat(a, 'a');
  heartbeat(a, 'renamed');
  assert.equal(members(client), ['renamed']);
});
