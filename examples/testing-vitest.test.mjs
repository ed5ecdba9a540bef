// A test with vitest: each file has a broker of its own, on free ports, gone when the file ends. Nothing is configured.
import { Producer, PullConsumer } from 'saturnmq';
import { createTestBroker } from 'saturnmq/testing';
// biome-ignore lint/correctness/noUndeclaredDependencies: this repository tests with uvu and has no vitest.
import { afterAll, beforeAll, expect, test } from 'vitest';

let broker;
beforeAll(async () => {
  broker = await createTestBroker();
});
afterAll(() => broker.close());

test('the orders of one customer stay in sequence', async () => {
  const { namesrvAddr } = broker;
  const producer = new Producer({ namesrvAddr, producerGroup: 'orders' });
  await producer.start();
  const { messageQueue } = await producer.send({ topic: 'Orders', body: 'order 1' });
  for (const body of ['order 2', 'order 3'])
    await producer.send({ topic: 'Orders', body }, { messageQueue });
  await producer.close();

  const consumer = new PullConsumer({ namesrvAddr, consumerGroup: 'check' });
  await consumer.start();
  const { messages } = await consumer.pull(messageQueue, 0);
  expect(messages.map(({ body }) => body.toString())).toEqual(['order 1', 'order 2', 'order 3']);
  await consumer.close();
});
