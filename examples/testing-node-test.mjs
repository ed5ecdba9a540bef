// A test with node:test, and a clock that stands still until the test moves it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Producer, PullConsumer } from 'saturnmq';
import { createTestBroker } from 'saturnmq/testing';

const broker = await createTestBroker({ clock: 'manual' });
after(() => broker.close());

test('a message carries the time at which the broker stored it', async () => {
  const { namesrvAddr, clock } = broker;
  const producer = new Producer({ namesrvAddr, producerGroup: 'orders' });
  await producer.start();
  await clock.advance(60_000);
  const storedMs = clock.now();
  const { messageQueue, queueOffset } = await producer.send({ topic: 'Orders', body: 'order 1' });
  await producer.close();

  const consumer = new PullConsumer({ namesrvAddr, consumerGroup: 'check' });
  await consumer.start();
  const { messages } = await consumer.pull(messageQueue, queueOffset);
  assert.equal(messages[0]?.storeTimestamp, storedMs);
  await consumer.close();
});
