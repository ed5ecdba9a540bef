import * as assert from 'uvu/assert';
import { LEASE_MS } from '../../../src/broker/queue-lease.ts';
import {
  decodeLockBatchResponse,
  encodeLockBatchRequest,
  LockBatchMq,
  type MessageQueue,
  requestOf,
  UnlockBatchMq,
  UnregisterClient,
} from '../../../src/protocol/index.ts';
import type { SimClient } from '../../sim/sim-client.ts';
import { suite } from '../../support/suite.ts';
import { bootBroker, GROUP, heartbeat, sendOf, T } from '../broker-fixture.ts';

const test = suite('locks');

const queue = (queueId: number, topic = T): MessageQueue => ({
  brokerName: 'broker-a',
  queueId,
  topic,
});

const call = (
  client: SimClient,
  code: number,
  clientId: string,
  mqSet: readonly MessageQueue[],
  consumerGroup = GROUP,
) =>
  client.call(
    requestOf(code, { body: encodeLockBatchRequest({ clientId, consumerGroup, mqSet }) }),
  );

/** Ids of the queues that are `clientId`'s now. */
const lock = (client: SimClient, clientId: string, ids: readonly number[], group = GROUP) => {
  const { body } = call(
    client,
    LockBatchMq.code,
    clientId,
    ids.map((id) => queue(id)),
    group,
  );
  return decodeLockBatchResponse(body).lockOKMQSet.map(({ queueId }) => queueId);
};

const boot = () => {
  const { world, client } = bootBroker();
  client.call(sendOf());
  return { world, client, a: world.connect('10.0.0.31'), b: world.connect('10.0.0.32') };
};

test('a queue is one client’s until it lets go; groups do not disturb each other', () => {
  const { a, b } = boot();
  assert.equal(lock(a, 'a', [0, 1]), [0, 1]);
  assert.equal(lock(b, 'b', [1, 2]), [2]);
  assert.equal(lock(b, 'b', [0, 1], 'other'), [0, 1]);
  call(b, UnlockBatchMq.code, 'b', [queue(0)]);
  assert.equal(lock(b, 'b', [0]), []);
  call(a, UnlockBatchMq.code, 'a', [queue(0)]);
  assert.equal(lock(b, 'b', [0, 1]), [0]);
});

test('queues that do not exist are nobody’s', () => {
  const { world, a } = boot();
  assert.equal(lock(a, 'a', [-1, 0, 4, 0x7fffffff]), [0]);
  const { body } = call(a, LockBatchMq.code, 'a', [queue(0, 'None'), queue(0, '../x')]);
  assert.equal(decodeLockBatchResponse(body).lockOKMQSet, []);
  assert.equal(world.failures, []);
});

test('a lease that is not renewed ends after 60 s', () => {
  const { world, a, b } = boot();
  lock(a, 'a', [0]);
  world.run(LEASE_MS - 1_000);
  assert.equal(lock(b, 'b', [0]), []);
  world.run(1_100);
  assert.equal(lock(b, 'b', [0]), [0]);
});

test('a consumer whose connection ends, or who leaves its group, holds no queue', () => {
  const { world, a, b } = boot();
  heartbeat(a, 'a');
  heartbeat(b, 'b');
  lock(a, 'a', [0, 1]);
  a.close();
  world.run(20);
  assert.equal(lock(b, 'b', [0, 1]), [0, 1]);
  b.callAs(UnregisterClient, { clientID: 'b', consumerGroup: GROUP });
  const c = world.connect('10.0.0.33');
  assert.equal(lock(c, 'c', [0, 1]), [0, 1]);
});
