// A test with uvu: each file has a broker of its own, on free ports, gone when the file ends.

import { Producer, PullConsumer } from 'saturnmq';
import { createTestBroker } from 'saturnmq/testing';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('orders');
const broker = await createTestBroker();

test('an order is stored once', async () => {
  const { namesrvAddr } = broker;
  const producer = new Producer({ namesrvAddr, producerGroup: 'orders' });
  await producer.start();
  await producer.send({ topic: 'Orders', body: 'order 1' });
  await producer.close();

  const consumer = new PullConsumer({ namesrvAddr, consumerGroup: 'check' });
  await consumer.start();
  const queues = await consumer.fetchMessageQueues('Orders');
  const results = await Promise.all(queues.map((queue) => consumer.pull(queue, 0)));
  const bodies = results.flatMap(({ messages }) => messages.map(({ body }) => body.toString()));
  assert.equal(bodies, ['order 1']);
  await consumer.close();
});

test.after(() => broker.close());
test.run();
