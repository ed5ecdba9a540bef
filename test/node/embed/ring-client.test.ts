import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import { Admin, Producer, PullConsumer, PushConsumer } from '../../../src/client/index.ts';
import { type SaturnNode, startNode } from '../../../src/node/index.ts';
import { eventually } from '../../support/eventually.ts';
import { suite } from '../../support/suite.ts';
import {
  descriptorCount,
  failureOf,
  mappingsBelow,
  threadCount,
  withFolder,
} from '../node-fixture.ts';
import type { EmbedThreadData } from './embed.thread.ts';
import { embedOptions, withEmbedded } from './embed-fixture.ts';

const test = suite('ring client');
const LIMIT_MS = 120_000;
const SOON_MS = 30_000;
const TOPIC = 'Ring';
const THREAD = new URL('./embed.thread.js', import.meta.url);
const NO_PORT = { listen: false } as const;

const sendAll = async (
  node: SaturnNode,
  bodies: readonly string[],
  topic = TOPIC,
): Promise<void> => {
  const producer = new Producer({ node, producerGroup: 'ring' });
  await producer.start();
  await Promise.all(bodies.map((body) => producer.send({ topic, body })));
  await producer.close();
};

const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `message ${index}`);

/** What a consumer group gets, until it has `count` messages. */
const consumeAll = async (node: SaturnNode, count: number, group = 'ring'): Promise<string[]> => {
  const consumer = new PushConsumer({
    node,
    consumerGroup: group,
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  });
  // A send that timed out on a busy machine was repeated, and may be there twice.
  const bodies = new Set<string>();
  consumer.subscribe(TOPIC, '*', ({ body }) => void bodies.add(body.toString()));
  await consumer.start();
  await eventually(
    async () => bodies.size,
    (found) => found >= count,
    SOON_MS,
  );
  await consumer.close();
  return [...bodies].sort();
};

test(
  'producers and consumers of the same classes speak to a node that opens no port',
  () =>
    withEmbedded(NO_PORT, async (node, folder) => {
      const bodies = numbered(200).sort();
      await sendAll(node, bodies);
      assert.equal(await consumeAll(node, bodies.length), bodies);
      const admin = new Admin({ node });
      await admin.start();
      assert.ok((await admin.topicList()).includes(TOPIC));
      await admin.close();
      // Mappings of the reader are gone with the last client; the broker's own stay, and pieces come and go that a helper
      // fills.
      const own = mappingsBelow(folder).length;
      await consumeAll(node, bodies.length, 'second');
      const left = await eventually(
        async () => mappingsBelow(folder),
        ({ length }) => length <= own,
        SOON_MS,
      );
      assert.ok(left.length <= own, left.join('\n'));
    }),
  LIMIT_MS,
);

test(
  'a node that listens serves TCP and rings alike, and shards get their share',
  () =>
    withEmbedded({ shards: 2 }, async (node) => {
      const bodies = numbered(64).sort();
      const tcp = new Producer({ namesrvAddr: node.namesrvAddr, producerGroup: 'tcp' });
      await tcp.start();
      const sent = await Promise.all(bodies.map((body) => tcp.send({ topic: TOPIC, body })));
      await tcp.close();
      assert.is(new Set(sent.map(({ messageQueue }) => messageQueue.brokerName)).size, 2);
      assert.equal(await consumeAll(node, bodies.length), bodies);
    }),
  LIMIT_MS,
);

test(
  'worker threads connect by handles: each sends and consumes; a used handle is refused',
  () =>
    withEmbedded(NO_PORT, async (node) => {
      const received: string[] = [];
      const workers: Worker[] = [];
      for (let index = 0; index < 2; index++) {
        const handle = await node.handle();
        const workerData: EmbedThreadData = { handle, topic: TOPIC, sends: 50, group: 'threads' };
        const worker = new Worker(THREAD, { workerData });
        worker.on('message', (body: string) => received.push(body));
        workers.push(worker);
      }
      await eventually(
        async () => received.length,
        (count) => count >= 100,
        SOON_MS,
      );
      assert.is(new Set(received).size, 100);
      for (const worker of workers) {
        const exit = once(worker, 'exit');
        worker.postMessage('end');
        assert.equal(await exit, [0]);
      }
    }),
  LIMIT_MS,
);

test(
  'a thread that crashed with everything open is released: its group goes on, nothing stays mapped',
  () =>
    withFolder(async (folder) => {
      const node = await startNode(embedOptions(folder, NO_PORT));
      await sendAll(node, numbered(20));
      const handle = await node.handle();
      const workerData: EmbedThreadData = {
        handle,
        topic: TOPIC,
        sends: 10,
        group: 'crashing',
        crashes: true,
      };
      const worker = new Worker(THREAD, { workerData });
      await once(worker, 'exit');
      await node.release(handle);
      await node.release(handle);
      assert.is((await consumeAll(node, 30, 'after')).length, 30);
      await node.close();
      assert.equal(mappingsBelow(folder), []);
    }),
  LIMIT_MS,
);

test(
  'a node that closes settles what is being sent, and its clients close',
  () =>
    withFolder(async (folder) => {
      const node = await startNode(embedOptions(folder, NO_PORT));
      const producer = new Producer({ node, producerGroup: 'ring', sendTimeoutMs: 5_000 });
      await producer.start();
      await producer.send({ topic: TOPIC, body: 'first' });
      const consumer = new PushConsumer({ node, consumerGroup: 'ring' });
      consumer.subscribe(TOPIC, '*', () => undefined);
      await consumer.start();
      const sends = numbered(500).map((body) => failureOf(producer.send({ topic: TOPIC, body })));
      const closing = node.close();
      const outcomes = await Promise.all(sends);
      await closing;
      assert.is(outcomes.length, 500);
      for (const { code, message } of outcomes)
        assert.ok(code === undefined || code !== '', message);
      assert.ok((await failureOf(producer.send({ topic: TOPIC, body: 'late' }))).code);
      await Promise.all([producer.close(), consumer.close()]);
      await node.close();
      const refused = await failureOf(
        (async () => new Producer({ node, producerGroup: 'ring' }).start())(),
      );
      assert.is(refused.code, 'NODE_CLOSED');
    }),
  LIMIT_MS,
);

test(
  'a handler that throws gets its message again, and a consumer that is never read stalls nobody',
  () =>
    withEmbedded(NO_PORT, async (node) => {
      const stuck = new PushConsumer({
        node,
        consumerGroup: 'stuck',
        consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
        closeTimeoutMs: 100,
      });
      stuck.subscribe(TOPIC, '*', () => new Promise(() => undefined));
      await stuck.start();
      let failures = 0;
      const throwing = new PushConsumer({
        node,
        consumerGroup: 'throwing',
        consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      });
      const handled = new Promise<void>((resolve) => {
        throwing.subscribe(TOPIC, '*', () => {
          failures += 1;
          if (failures === 1) throw new Error('a handler threw');
          resolve();
        });
      });
      await throwing.start();
      await sendAll(node, numbered(100));
      await handled;
      assert.is((await consumeAll(node, 100, 'others')).length, 100);
      await Promise.all([stuck.close(), throwing.close()]);
    }),
  LIMIT_MS,
);

test(
  'large bodies, and pulls of many messages, arrive as they were sent',
  () =>
    withEmbedded(NO_PORT, async (node) => {
      const large = Buffer.alloc(1024 * 1024, 'abc');
      const producer = new Producer({
        node,
        producerGroup: 'ring',
        compressBodyBytesMin: Number.POSITIVE_INFINITY,
      });
      await producer.start();
      const { messageQueue, queueOffset } = await producer.send({ topic: TOPIC, body: large });
      await producer.close();
      const consumer = new PullConsumer({ node, consumerGroup: 'ring' });
      await consumer.start();
      // The name server learns of a topic that a send made a moment later.
      const pulled = await eventually(
        () => consumer.pull(messageQueue, queueOffset).catch(() => undefined),
        (found) => found !== undefined,
        SOON_MS,
      );
      assert.ok(pulled?.messages[0]?.body.equals(large));
      await consumer.close();
    }),
  LIMIT_MS,
);

test(
  'nodes, channels and handles that come and go leave no thread, descriptor or mapping behind',
  () =>
    withFolder(async (folder) => {
      const marks: number[][] = [];
      for (let cycle = 0; cycle < 4; cycle++) {
        const node = await startNode(embedOptions(join(folder, 'store'), NO_PORT));
        await sendAll(node, numbered(10));
        const workerData = { handle: await node.handle(), topic: TOPIC, sends: 10 };
        await once(new Worker(THREAD, { workerData }), 'exit');
        await consumeAll(node, 20);
        await node.close();
        marks.push([threadCount(), descriptorCount(), mappingsBelow(folder).length]);
      }
      assert.equal(marks.at(-1), marks[1], JSON.stringify(marks));
      assert.is(marks.at(-1)?.[2], 0);
    }),
  LIMIT_MS,
);
