// Clients of a node in this process, over real rings: what holds over TCP holds here.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { equal, is, ok } from 'uvu/assert';
import {
  Admin,
  type MessageQueue,
  Producer,
  PullConsumer,
  PushConsumer,
  type ReceivedMessage,
} from '../../src/client/index.ts';
import { type SaturnNode, startNode } from '../../src/node/index.ts';
import { eventually } from '../support/eventually.ts';
import { suite } from '../support/suite.ts';

const test = suite('embedded');
const LIMIT_MS = 120_000;
const SOON_MS = 30_000;
const TOPIC = 'Embedded';

const withNode = async (body: (node: SaturnNode) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-embedded-'));
  const node = await startNode({ storePath: folder, listen: false, logger: false });
  try {
    // A topic that a send creates is known to the name server a moment later; this one is known at once.
    const admin = new Admin({ node });
    await admin.start();
    await admin.createTopic(TOPIC);
    await admin.close();
    await body(node);
  } finally {
    await node.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

const started = async (node: SaturnNode): Promise<Producer> => {
  const producer = new Producer({ node, producerGroup: 'PG', sendTimeoutMs: SOON_MS });
  await producer.start();
  return producer;
};

/** Consumes from the first message on, until `count` have come. */
const consume = async (node: SaturnNode, tags: string, count: number) => {
  const consumer = new PushConsumer({
    node,
    consumerGroup: `CG-${tags.length}-${count}`,
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  });
  const messages: ReceivedMessage[] = [];
  consumer.subscribe(TOPIC, tags, (message) => void messages.push(message));
  await consumer.start();
  await eventually(
    async () => messages.length,
    (found) => found >= count,
    SOON_MS,
  );
  await consumer.close();
  return messages;
};

test(
  'each queue is consumed in its order, every message once, whole and with what it carries',
  () =>
    withNode(async (node) => {
      const producer = await started(node);
      const count = 5000;
      const bodyOf = (index: number): string =>
        index % 500 === 0 ? `${index}:`.padEnd(20_000 + index, 'x') : `${index}:`;
      const sends = Array.from({ length: count }, (_, index) =>
        producer.send({
          topic: TOPIC,
          body: bodyOf(index),
          tags: `tag${index % 3}`,
          keys: `key${index}`,
          properties: { own: 'ä' },
        }),
      );
      const results = await Promise.all(sends);
      const messages = await consume(node, '*', count);
      is(messages.length, count);
      const byId = new Map(messages.map((message) => [message.msgId, message]));
      is(byId.size, count);
      for (const [index, { msgId, offsetMsgId, messageQueue, queueOffset }] of results.entries()) {
        const message = byId.get(msgId) as ReceivedMessage;
        is(message.body.toString(), bodyOf(index));
        equal(
          [message.tags, message.keys, message.properties.get('own'), message.offsetMessageId],
          [`tag${index % 3}`, `key${index}`, 'ä', offsetMsgId],
        );
        equal([message.queueId, message.queueOffset], [messageQueue.queueId, queueOffset]);
      }
      const next = new Map<number, number>();
      for (const { queueId, queueOffset } of messages) {
        is(queueOffset, next.get(queueId) ?? 0, `queue ${queueId}`);
        next.set(queueId, queueOffset + 1);
      }
      await producer.close();
    }),
  LIMIT_MS,
);

test(
  'tags are filtered, batches arrive, and a pull gives as much as its limits allow',
  () =>
    withNode(async (node) => {
      const producer = await started(node);
      await producer.send({ topic: TOPIC, body: 'first', tags: 'other' });
      const [queue] = await producer.fetchPublishQueues(TOPIC);
      const messageQueue = queue as MessageQueue;
      const batch = Array.from({ length: 100 }, (_, index) => ({
        topic: TOPIC,
        body: `${index}`,
        tags: index % 4 === 0 ? 'wanted' : 'other',
      }));
      for (let round = 0; round < 15; round++) await producer.sendBatch(batch, { messageQueue });
      const wanted = await consume(node, 'wanted', 375);
      is(wanted.length, 375);
      ok(wanted.every(({ tags }) => tags === 'wanted'));
      const puller = new PullConsumer({ node, consumerGroup: 'pullers' });
      await puller.start();
      const end = await puller.maxOffset(messageQueue);
      const first = end - 1500;
      const large = await puller.pull(messageQueue, first, { maxMessages: 4000 });
      is(large.messages.length, 1024);
      is(large.nextBeginOffset, first + 1024);
      is(large.messages[1023]?.queueOffset, first + 1023);
      const past = await puller.pull(messageQueue, end + 5);
      is(past.status, 'OFFSET_ILLEGAL');
      is((await puller.pull(messageQueue, end)).status, 'NO_NEW_MSG');
      await puller.close();
      await producer.close();
    }),
  LIMIT_MS,
);

test(
  'a pull that waits is answered by the message it waited for',
  () =>
    withNode(async (node) => {
      const producer = await started(node);
      await producer.send({ topic: TOPIC, body: 'first' });
      const [queue] = await producer.fetchPublishQueues(TOPIC);
      const messageQueue = queue as MessageQueue;
      const puller = new PullConsumer({ node, consumerGroup: 'waiting' });
      await puller.start();
      const end = await puller.maxOffset(messageQueue);
      const waiting = puller.pull(messageQueue, end, { suspendMs: SOON_MS });
      await producer.send({ topic: TOPIC, body: 'awaited' }, { messageQueue });
      const { status, messages } = await waiting;
      is(status, 'FOUND');
      equal(
        messages.map(({ body }) => body.toString()),
        ['awaited'],
      );
      await puller.close();
      await producer.close();
    }),
  LIMIT_MS,
);
