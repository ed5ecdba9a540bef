import { equal, is, match, ok, throws } from 'uvu/assert';
import { ClientCore, checkGroup } from '../../src/client/core.ts';
import { decodeHeartbeatData, RequestCode } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { createFakeCluster, type FakeCluster } from './fake-cluster.ts';

const test = suite('core');
const withCode = (code: string) => (error: { code?: string }) => error.code === code;
const BOUNDS = { timeoutMs: 1000 };
const HEARTBEAT = { producerDataSet: [{ groupName: 'PG' }], consumerDataSet: [] };

const create = (cluster: FakeCluster): ClientCore =>
  new ClientCore(
    { namesrvAddr: cluster.namesrvAddr, environment: cluster.environment() },
    { heartbeat: () => HEARTBEAT },
  );

test('it is started once and closed once', () => {
  const core = create(createFakeCluster());
  match(core.clientId, /^10\.0\.9\.1@1#\d+$/);
  throws(() => core.requireStarted(), withCode('NOT_STARTED'));
  core.start();
  core.requireStarted();
  throws(() => core.start(), withCode('BAD_ARGUMENT'));
  core.close();
  core.close();
  throws(() => core.requireStarted(), withCode('CLOSED'));
  throws(() => core.start(), withCode('CLOSED'));
});

test('brokers of a new route hear of the client soon, and then every 30 seconds', async () => {
  const cluster = createFakeCluster();
  cluster.broker().createTopic('T');
  const core = create(cluster);
  core.start();
  await cluster.settle(core.routes.existing('T', BOUNDS));
  await cluster.advance(1100);
  const heartbeats = () => cluster.broker().of(RequestCode.HEART_BEAT);
  is(heartbeats().length, 1);
  equal(decodeHeartbeatData(heartbeats()[0]?.body ?? Buffer.alloc(0)), {
    clientID: core.clientId,
    ...HEARTBEAT,
  });
  await cluster.advance(61_000);
  is(heartbeats().length, 3);
  core.close();
  await cluster.advance(40_000);
  is(heartbeats().length, 3);
});

test('a broker that forgot the client, or refuses, is told again every second', async () => {
  const cluster = createFakeCluster();
  cluster.broker().createTopic('T');
  const core = create(cluster);
  core.start();
  await cluster.settle(core.routes.existing('T', BOUNDS));
  await cluster.advance(1100);
  cluster.broker().script = ({ code }) => (code === RequestCode.HEART_BEAT ? 'cut' : undefined);
  cluster.network.cut();
  await cluster.advance(3300);
  const told = cluster.broker().of(RequestCode.HEART_BEAT).length;
  ok(told >= 3, `told ${told} times`);
  cluster.broker().script = () => undefined;
  await cluster.advance(5000);
  is(cluster.broker().of(RequestCode.HEART_BEAT).length, told + 1);
  await cluster.settle(core.unregister({ producerGroup: 'PG' }));
  is(cluster.broker().of(RequestCode.UNREGISTER_CLIENT).length, 1);
  core.close();
});

test('group names are checked', () => {
  checkGroup('Good_group-1');
  for (const name of ['', ' ', 'a b', 'x'.repeat(300)]) {
    throws(() => checkGroup(name), withCode('BAD_ARGUMENT'));
  }
});
