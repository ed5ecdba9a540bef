import { equal, is } from 'uvu/assert';
import { ClientCore } from '../../src/client/core.ts';
import { RequestCode } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { createFakeCluster, type FakeCluster, rejectionCode } from './fake-cluster.ts';

const test = suite('routes');
const BOUNDS = { timeoutMs: 1000 };

const create = (cluster: FakeCluster, changes: string[] = []): ClientCore => {
  const options = { namesrvAddr: cluster.namesrvAddr, environment: cluster.environment() };
  const core = new ClientCore(options, { onRouteChange: (topic) => changes.push(topic) });
  core.start();
  return core;
};
const queries = (cluster: FakeCluster): number =>
  cluster.nameServer.codes.filter((code) => code === RequestCode.GET_ROUTEINFO_BY_TOPIC).length;

test('a route is asked for once, also by many at once', async () => {
  const cluster = createFakeCluster();
  cluster.broker().createTopic('T');
  const { routes } = create(cluster);
  const asked = Array.from({ length: 10 }, () => routes.existing('T', BOUNDS));
  await cluster.settle(Promise.all(asked));
  await cluster.settle(routes.existing('T', BOUNDS));
  is(queries(cluster), 1);
});

test('a route is refreshed every 30 seconds; only a change is told', async () => {
  const cluster = createFakeCluster(2);
  cluster.broker(0).createTopic('T');
  const changes: string[] = [];
  const { routes } = create(cluster, changes);
  await cluster.settle(routes.existing('T', BOUNDS));
  await cluster.advance(31_000);
  equal(changes, ['T']);
  cluster.broker(1).createTopic('T');
  await cluster.advance(31_000);
  equal(changes, ['T', 'T']);
  is(routes.known('T')?.brokerDatas.length, 2);
  is(routes.brokerAddresses().size, 2);
});

test('a route that cannot be refreshed stays', async () => {
  const cluster = createFakeCluster();
  cluster.broker().createTopic('T');
  const { routes } = create(cluster);
  await cluster.settle(routes.existing('T', BOUNDS));
  cluster.broker().topics.delete('T');
  await cluster.settle(routes.refresh());
  is(routes.known('T')?.topic, 'T');
});

test('the template serves senders only, until the topic exists', async () => {
  const cluster = createFakeCluster();
  const { routes } = create(cluster);
  const route = await cluster.settle(routes.forSending('New', BOUNDS));
  is(route.isTemplate, true);
  is(route.queueDatas[0]?.writeQueueNums, 4);
  is(await rejectionCode(cluster.settle(routes.existing('New', BOUNDS))), 'TOPIC_NOT_FOUND');
  cluster.broker().createTopic('New', 2);
  await cluster.settle(routes.refresh());
  is((await cluster.settle(routes.forSending('New', BOUNDS))).isTemplate, false);
});

test('a slow name server does not hold up who waits less long', async () => {
  const cluster = createFakeCluster();
  const { routes } = create(cluster);
  cluster.network.unreach('10.0.0.1:9876');
  const before = cluster.clock.monotonicMs();
  is(await rejectionCode(cluster.settle(routes.existing('T', { timeoutMs: 200 }))), 'TIMEOUT');
  is(cluster.clock.monotonicMs() - before <= 210, true);
});

test('a queue leads to the address of its master', async () => {
  const cluster = createFakeCluster();
  cluster.broker().createTopic('T');
  const { routes } = create(cluster);
  const queue = { topic: 'T', brokerName: 'broker-a', queueId: 0 };
  is(await cluster.settle(routes.addressOf(queue, BOUNDS)), cluster.broker().address);
  const elsewhere = { ...queue, brokerName: 'x' };
  is(await rejectionCode(cluster.settle(routes.addressOf(elsewhere, BOUNDS))), 'NO_QUEUE');
});
