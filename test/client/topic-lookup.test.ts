import { equal, is } from 'uvu/assert';
import { locateQueues } from '../../src/client/topic-lookup.ts';
import { suite } from '../support/suite.ts';
import { createFakeCluster, rejectionCode } from './fake-cluster.ts';

const test = suite('topic lookup');

test('queues come with the address of the broker that holds each', async () => {
  const cluster = createFakeCluster(2);
  cluster.broker(0).createTopic('T');
  cluster.broker(1).createTopic('T');
  const options = { namesrvAddr: cluster.namesrvAddr, environment: cluster.environment() };
  for (const purpose of ['send', 'pull'] as const) {
    const queues = await cluster.settle(locateQueues(options, 'T', purpose));
    is(new Set(queues.map(({ address }) => address)).size, 2);
    equal(
      queues.filter(({ brokerName }) => brokerName === queues[0]?.brokerName),
      queues.filter(({ address }) => address === queues[0]?.address),
    );
  }
});

test('a topic that nobody holds is an error for who wants to pull', async () => {
  const cluster = createFakeCluster();
  const options = { namesrvAddr: cluster.namesrvAddr, environment: cluster.environment() };
  const code = await cluster.settle(rejectionCode(locateQueues(options, 'Nowhere', 'pull')));
  is(code, 'TOPIC_NOT_FOUND');
});
