// What an application may do wrong: each misuse three times over, and nothing is left of it when its node is closed.
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import { Producer, PullConsumer, PushConsumer } from '../../../src/client/index.ts';
import { type NodeOptions, type SaturnNode, startNode } from '../../../src/node/index.ts';
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
import { embedOptions } from './embed-fixture.ts';

const test = suite('misuse');
const LIMIT_MS = 240_000;
const SOON_MS = 30_000;
const ROUNDS = 3;
/** The first round loads modules. */
const ROUNDS_TO_WARM_UP = 1;
const TOPIC = 'Misuse';
const THREAD = new URL('./embed.thread.js', import.meta.url);
const BODY = 'x'.repeat(1024);
const NO_PORT = { listen: false } as const;
/** Starts at the first message, and does not wait long for handlers when it is closed. */
const SHORT = { consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET', closeTimeoutMs: 100 } as const;

interface Place {
  readonly node: SaturnNode;
  readonly options: NodeOptions;
}

const producerOf = async (node: SaturnNode): Promise<Producer> => {
  const producer = new Producer({ node, producerGroup: 'misuse', sendTimeoutMs: 5_000 });
  await producer.start();
  return producer;
};

const fill = async (node: SaturnNode, messages: number): Promise<void> => {
  const producer = await producerOf(node);
  const one = () => producer.send({ topic: TOPIC, body: BODY });
  await Promise.all(Array.from({ length: messages }, one));
  await producer.close();
};

/** What keeps this process alive: sockets, ports, timers. Its own two pipes are made when they are first looked at. */
const handleCount = (): number => {
  assert.ok(process.stdout && process.stderr);
  return process.getActiveResourcesInfo().length;
};

/** A node is started, misused and closed, again and again; threads, descriptors, mappings and handles stay the same. */
const leavesNothing = (
  claim: string,
  misuse: (place: Place) => Promise<void>,
  more: Partial<NodeOptions> = {},
): void =>
  test(
    claim,
    () =>
      withFolder(async (folder) => {
        const marks: number[][] = [];
        for (let round = 0; round < ROUNDS; round++) {
          const before = handleCount();
          const options = embedOptions(join(folder, `store-${round}`), { ...NO_PORT, ...more });
          const node = await startNode(options);
          await misuse({ node, options });
          await node.close();
          // A port closes a turn later.
          const isAsBefore = (handles: number): boolean => handles <= before;
          const handles = await eventually(async () => handleCount(), isAsBefore, SOON_MS);
          assert.ok(isAsBefore(handles), process.getActiveResourcesInfo().join());
          marks.push([threadCount(), descriptorCount(), mappingsBelow(folder).length]);
        }
        const last = marks.at(-1) ?? [];
        const isNoMore = last.every((count, at) => count <= (marks[ROUNDS_TO_WARM_UP]?.[at] ?? 0));
        assert.ok(isNoMore, JSON.stringify(marks));
        assert.is(last[2], 0, 'nothing stays mapped');
      }),
    LIMIT_MS,
  );

leavesNothing('consumers that are never read, closed after their node', async ({ node }) => {
  await fill(node, 2_000);
  const pull = new PullConsumer({ node, consumerGroup: 'unread-pull' });
  await pull.start();
  const push = new PushConsumer({
    node,
    consumerGroup: 'unread-push',
    ...SHORT,
  });
  let inHand = 0;
  push.subscribe(TOPIC, '*', () => {
    inHand += 1;
    return new Promise(() => undefined);
  });
  await push.start();
  await eventually(
    async () => inHand,
    (count) => count > 0,
    SOON_MS,
  );
  await node.close();
  await Promise.all([pull.close(), push.close()]);
});

leavesNothing('everything closed twice, and a node that is closed used again', async ({ node }) => {
  const producer = await producerOf(node);
  await producer.send({ topic: TOPIC, body: BODY });
  const consumer = new PushConsumer({ node, consumerGroup: 'twice' });
  consumer.subscribe(TOPIC, '*', () => undefined);
  await consumer.start();
  const closers = [producer, consumer, node, producer, consumer, node];
  await Promise.all(closers.map((one) => one.close()));
  await node[Symbol.asyncDispose]();
  assert.is((await failureOf(node.handle())).code, 'NODE_CLOSED');
  assert.ok((await failureOf(producer.send({ topic: TOPIC, body: BODY }))).code);
});

leavesNothing('a node that is closed while hundreds of sends are under way', async ({ node }) => {
  const producer = await producerOf(node);
  await producer.send({ topic: TOPIC, body: BODY });
  const settle = async (): Promise<boolean> => {
    try {
      await producer.send({ topic: TOPIC, body: BODY });
      return true;
    } catch (error) {
      assert.is((error as Error).name, 'ClientError', String(error));
      assert.type((error as { code?: unknown }).code, 'string');
      return false;
    }
  };
  const sends = Array.from({ length: 500 }, settle);
  const closing = node.close();
  assert.is((await Promise.all(sends)).length, 500);
  await closing;
  await producer.close();
});

leavesNothing('handlers that throw, at once and later', async ({ node }) => {
  await fill(node, 20);
  const failures = [0, 0];
  const consumers = [0, 1].map((kind) => {
    const consumer = new PushConsumer({ node, consumerGroup: `throws-${kind}`, ...SHORT });
    consumer.subscribe(TOPIC, '*', () => {
      failures[kind] = (failures[kind] ?? 0) + 1;
      if (kind === 0) throw new Error('at once');
      return Promise.reject(new Error('later'));
    });
    return consumer;
  });
  await Promise.all(consumers.map((consumer) => consumer.start()));
  // More than one, so that they come again; 20 messages are in hand when the consumers close.
  const isAgain = (counts: readonly number[]): boolean => Math.min(...counts) > 1;
  assert.ok(isAgain(await eventually(async () => failures, isAgain, SOON_MS)), `${failures}`);
  await Promise.all(consumers.map((consumer) => consumer.close()));
});

leavesNothing('a store that is opened again while its node runs', async ({ node, options }) => {
  for (let again = 0; again < 2; again++)
    assert.is((await failureOf(startNode(options))).code, 'STORE_IN_USE');
  await fill(node, 1);
});

leavesNothing('options and addresses of wrong types', async ({ node, options }) => {
  const wrong: unknown[] = [
    undefined,
    { ...options, shards: '2' },
    { ...options, broker: { maxMessageSize: '1' } },
    { ...options, broker: { maxMesageSize: 1 } },
    { ...options, broker: { brokerName: () => 'b' } },
    { ...options, broker: Promise.resolve({}) },
  ];
  for (const one of wrong)
    assert.is((await failureOf(startNode(one as NodeOptions))).code, 'OPTION_INVALID');
  for (const given of [{}, 'node', 5]) {
    const start = async (): Promise<void> =>
      new Producer({ node: given as unknown as SaturnNode, producerGroup: 'wrong' }).start();
    const { code, message } = await failureOf(start());
    assert.type(code, 'string', message);
  }
  await fill(node, 1);
});

leavesNothing('a thread of the application that ends with its clients open', async ({ node }) => {
  const handle = await node.handle();
  const workerData: EmbedThreadData = {
    handle,
    topic: TOPIC,
    sends: 10,
    group: 'crashing',
    crashes: true,
  };
  await once(new Worker(THREAD, { workerData }), 'exit');
  await node.release(handle);
});
