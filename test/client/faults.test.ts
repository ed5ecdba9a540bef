import { equal, ok } from 'uvu/assert';
import { seededRandom } from '../../src/base/index.ts';
import { Producer, PushConsumer } from '../../src/client/index.ts';
import { suite } from '../support/suite.ts';
import { bodiesOf } from './fake-broker.ts';
import { createFakeCluster } from './fake-cluster.ts';

// Producers and a group of consumers while connections break at random; a seed replays a run.

const test = suite('faults');
const TOPIC = 'TopicTest';
const SEEDS = [1, 2, 3, 4, 5, 6];
const MESSAGES = 200;

for (const seed of SEEDS) {
  test(`what is acknowledged is stored, and what is stored arrives, over breaking connections (seed ${seed})`, async () => {
    const cluster = createFakeCluster(2, seed);
    for (const broker of cluster.brokers) broker.createTopic(TOPIC, 2);
    const random = seededRandom(seed);
    const { namesrvAddr } = cluster;
    const received = new Set<string>();
    const consumers = ['10.0.9.1', '10.0.9.2'].map((host) => {
      const environment = cluster.environment(host);
      const consumer = new PushConsumer({
        namesrvAddr,
        consumerGroup: 'CG',
        consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
        environment,
      });
      consumer.subscribe(TOPIC, '*', ({ body }) => {
        if (random.below(50) === 0) throw new Error('now and then');
        received.add(body.toString());
      });
      return consumer;
    });
    await cluster.settle(Promise.all(consumers.map((consumer) => consumer.start())));
    const environment = cluster.environment('10.0.9.3');
    const producer = new Producer({ namesrvAddr, producerGroup: 'PG', environment });
    await producer.start();
    const acknowledged: string[] = [];
    for (let index = 0; index < MESSAGES; index++) {
      const body = `m${index}`;
      producer.send({ topic: TOPIC, body }).then(
        () => acknowledged.push(body),
        () => undefined,
      );
      if (random.below(20) === 0) cluster.network.cut();
      await cluster.advance(random.below(40));
    }
    await cluster.until(() => producer.sendsInFlight === 0);
    const stored = new Set(cluster.brokers.flatMap((broker) => bodiesOf(broker, TOPIC)));
    ok(acknowledged.length > MESSAGES / 2, `${acknowledged.length} acknowledged`);
    equal(
      acknowledged.filter((body) => !stored.has(body)),
      [],
    );
    await cluster.until(() => [...stored].every((body) => received.has(body)), 300_000);
    await cluster.settle(Promise.all([...consumers, producer].map((client) => client.close())));
    for (const broker of cluster.brokers) {
      for (const [queueId, records] of (broker.topics.get(TOPIC) ?? []).entries()) {
        equal(broker.committed('CG', TOPIC, queueId), records.length);
      }
    }
  });
}
