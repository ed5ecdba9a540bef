import { equal, is, ok } from 'uvu/assert';
import { Producer, PullConsumer } from '../../src/client/index.ts';
import { RequestCode } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { createFakeCluster, type FakeCluster, rejectionCode } from './fake-cluster.ts';

const test = suite('pull-consumer');
const TOPIC = 'TopicTest';
const QUEUE = { topic: TOPIC, brokerName: 'broker-a', queueId: 0 };

const started = async (cluster: FakeCluster): Promise<PullConsumer> => {
  const consumer = new PullConsumer({
    namesrvAddr: cluster.namesrvAddr,
    consumerGroup: 'CG',
    environment: cluster.environment(),
  });
  await consumer.start();
  return consumer;
};

const filled = (count: number): FakeCluster => {
  const cluster = createFakeCluster();
  cluster.broker().createTopic(TOPIC, 2);
  for (let index = 0; index < count; index++) {
    cluster
      .broker()
      .store(TOPIC, 0, Buffer.from(`m${index}`), `TAGS\u0001${index % 2 ? 'B' : 'A'}`);
  }
  return cluster;
};

test('a pull gives messages from an offset on and says where to go on', async () => {
  const cluster = filled(10);
  const consumer = await started(cluster);
  equal(await cluster.settle(consumer.fetchMessageQueues(TOPIC)), [
    QUEUE,
    { ...QUEUE, queueId: 1 },
  ]);
  const result = await cluster.settle(consumer.pull(QUEUE, 3, { maxMessages: 4 }));
  is(result.status, 'FOUND');
  equal(
    result.messages.map(({ body }) => body.toString()),
    ['m3', 'm4', 'm5', 'm6'],
  );
  is(result.nextBeginOffset, 7);
  is(result.maxOffset, 10);
  const tagged = await cluster.settle(consumer.pull(QUEUE, 0, { tags: 'B' }));
  is(tagged.messages.length, 5);
  is(tagged.nextBeginOffset, 10);
  await consumer.close();
});

test('the end, an empty match and a wrong offset have their own status', async () => {
  const cluster = filled(4);
  const consumer = await started(cluster);
  is((await cluster.settle(consumer.pull(QUEUE, 4))).status, 'NO_NEW_MSG');
  const illegal = await cluster.settle(consumer.pull(QUEUE, 40));
  is(illegal.status, 'OFFSET_ILLEGAL');
  is(illegal.nextBeginOffset, 0);
  const none = await cluster.settle(consumer.pull(QUEUE, 0, { tags: 'C' }));
  is(none.status, 'NO_MATCHED_MSG');
  is(none.nextBeginOffset, 4);
});

test('a pull may wait for a message', async () => {
  const cluster = filled(0);
  const consumer = await started(cluster);
  const waiting = consumer.pull(QUEUE, 0, { suspendMs: 5000 });
  await cluster.advance(1000);
  cluster.broker().store(TOPIC, 0, Buffer.from('late'), '');
  is((await cluster.settle(waiting, 100)).messages.length, 1);
  const before = cluster.clock.monotonicMs();
  is((await cluster.settle(consumer.pull(QUEUE, 1, { suspendMs: 5000 }))).status, 'NO_NEW_MSG');
  ok(cluster.clock.monotonicMs() - before >= 5000);
});

test('an abort ends a pull that waits', async () => {
  const cluster = filled(0);
  const consumer = await started(cluster);
  const aborting = new AbortController();
  const code = rejectionCode(consumer.pull(QUEUE, 0, { suspendMs: 5000, signal: aborting.signal }));
  await cluster.advance(100);
  aborting.abort();
  is(await code, 'ABORTED');
});

test('offsets are read, searched, stored and found again', async () => {
  const cluster = filled(4);
  const consumer = await started(cluster);
  is(await cluster.settle(consumer.minOffset(QUEUE)), 0);
  is(await cluster.settle(consumer.maxOffset(QUEUE)), 4);
  is(await cluster.settle(consumer.searchOffset(QUEUE, cluster.clock.now())), 1);
  is(await cluster.settle(consumer.committedOffset(QUEUE)), undefined);
  await cluster.settle(consumer.commitOffset(QUEUE, 3));
  is(await cluster.settle(consumer.committedOffset(QUEUE)), 3);
});

test('a message is found by the id its sender got', async () => {
  const cluster = filled(2);
  const producer = new Producer({
    namesrvAddr: cluster.namesrvAddr,
    producerGroup: 'PG',
    environment: cluster.environment(),
  });
  await producer.start();
  const sent = await cluster.settle(producer.send({ topic: TOPIC, body: 'found', keys: 'k' }));
  const consumer = await started(cluster);
  const message = await cluster.settle(consumer.viewMessage(sent.offsetMsgId));
  is(message.msgId, sent.msgId);
  is(message.keys, 'k');
  is(message.body.toString(), 'found');
  is(await rejectionCode(consumer.viewMessage('no id')), 'BAD_ARGUMENT');
  const unknown = `${sent.offsetMsgId.slice(0, 16)}${'F'.repeat(4).padStart(16, '0')}`;
  is(await rejectionCode(cluster.settle(consumer.viewMessage(unknown))), 'REFUSED');
});

test('it joins no group: members would lose queues to it', async () => {
  const cluster = filled(1);
  const consumer = await started(cluster);
  await cluster.settle(consumer.pull(QUEUE, 0));
  await cluster.advance(35_000);
  is(cluster.broker().of(RequestCode.HEART_BEAT).length, 0);
  await consumer.close();
  is(await rejectionCode(consumer.pull(QUEUE, 0)), 'CLOSED');
});

test('a topic without a route, and a broker without a master, have their errors', async () => {
  const cluster = filled(1);
  const consumer = await started(cluster);
  const missing = { ...QUEUE, topic: 'Missing' };
  is(await rejectionCode(cluster.settle(consumer.pull(missing, 0))), 'TOPIC_NOT_FOUND');
  const elsewhere = { ...QUEUE, brokerName: 'broker-z' };
  is(await rejectionCode(cluster.settle(consumer.pull(elsewhere, 0))), 'NO_QUEUE');
});
