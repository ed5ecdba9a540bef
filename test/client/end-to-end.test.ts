import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { equal, is, ok } from 'uvu/assert';
import { silentLogger } from '../../src/base/index.ts';
import {
  Admin,
  Producer,
  PullConsumer,
  PushConsumer,
  type ReceivedMessage,
} from '../../src/client/index.ts';
import {
  loadBrokerSettings,
  loadNamesrvSettings,
  type RunningRoot,
  readLogOptions,
  readMachineFacts,
  startRoot,
} from '../../src/node/index.ts';
import { suite } from '../support/suite.ts';
import { rejectionCode } from './fake-cluster.ts';

const test = suite('end-to-end');
const LIMIT_MS = 60_000;
const HOST = '127.0.0.1';

const startedNode = (folder: string): Promise<RunningRoot> => {
  const facts = readMachineFacts('broker', {});
  const broker = loadBrokerSettings({
    facts,
    entries: [],
    overrides: {
      brokerIP1: HOST,
      storePathRootDir: folder,
      storePathCommitLog: join(folder, 'commitlog'),
      mappedFileSizeCommitLog: 16 * 1024 * 1024,
    },
  });
  const namesrv = loadNamesrvSettings({
    facts: { ...facts, node: 'namesrv' },
    entries: [],
    overrides: { kvConfigPath: join(folder, 'kvConfig.json') },
  });
  equal([...broker.refusals, ...namesrv.refusals], []);
  return startRoot({
    namesrv: { host: HOST, port: 0, settings: namesrv.settings },
    broker: { host: HOST, port: 0, settings: broker.settings, namesrvAddr: [] },
    logger: silentLogger,
    log: readLogOptions(2, { LOG_LEVEL: 'error' }),
  });
};

const withNode = async (body: (namesrvAddr: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-client-'));
  const node = await startedNode(folder);
  const namesrvAddr = node.namesrvAddress ?? '';
  try {
    await untilRegistered(namesrvAddr);
    await body(namesrvAddr);
  } finally {
    await node.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

const untilRegistered = async (namesrvAddr: string): Promise<void> => {
  await using admin = new Admin({ namesrvAddr });
  await admin.start();
  for (let brokers = 0; brokers === 0; ) {
    brokers = (await admin.clusterInfo()).brokerAddrTable.size;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** Resolves when `isDone`; the suite's limit ends a wait without an end. */
const until = async (isDone: () => boolean): Promise<void> => {
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test(
  'messages sent, alone and in batches, arrive once and in order, and are found by id and time',
  () =>
    withNode(async (namesrvAddr) => {
      await using admin = new Admin({ namesrvAddr });
      await using producer = new Producer({ namesrvAddr, producerGroup: 'PG' });
      await using reader = new PullConsumer({ namesrvAddr, consumerGroup: 'READER' });
      await Promise.all([admin.start(), producer.start(), reader.start()]);
      await admin.createTopic('Orders', { queueNums: 3 });
      ok((await admin.topicList()).includes('Orders'));
      const queues = await reader.fetchMessageQueues('Orders');
      is(queues.length, 3);

      const count = 3000;
      const sends = Array.from({ length: count }, (_, index) =>
        producer.send(
          { topic: 'Orders', body: `m${index}`, tags: index % 2 === 0 ? 'even' : 'odd' },
          { queueSelector: (all) => all[index % 3] ?? (all[0] as (typeof all)[0]) },
        ),
      );
      const results = await Promise.all(sends);
      is(new Set(results.map(({ msgId }) => msgId)).size, count);
      const large = Buffer.alloc(100_000, 'z');
      await producer.sendBatch([
        { topic: 'Orders', body: 'b0', tags: 'even' },
        { topic: 'Orders', body: 'b1', tags: 'odd' },
      ]);
      const sent = await producer.send({ topic: 'Orders', body: large, tags: 'even', keys: 'k' });

      const found = await reader.viewMessage(sent.offsetMsgId);
      is(found.msgId, sent.msgId);
      equal(found.body, large);
      const [first] = queues;
      ok(first);
      is(await reader.minOffset(first), 0);
      is(await reader.searchOffset(first, 0), 0);
      const pulled = await reader.pull(first, 0, { tags: 'odd', maxMessages: 8 });
      is(pulled.messages.length, 8);
      ok(pulled.messages.every(({ tags }) => tags === 'odd'));
      is(await rejectionCode(reader.pull({ ...first, queueId: 99 }, 0)), 'REFUSED');

      const received: ReceivedMessage[] = [];
      const consumer = new PushConsumer({
        namesrvAddr,
        consumerGroup: 'CG',
        consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      });
      consumer.subscribe('Orders', '*', (message) => void received.push(message));
      await consumer.start();
      await until(() => received.length >= count + 3);
      await producer.send({ topic: 'Orders', body: 'last' });
      await until(() => received.length >= count + 4);
      await consumer.close();
      is(received.length, count + 4);
      for (const { queueId } of queues) {
        const own = received.filter((message) => message.queueId === queueId);
        equal(
          own.map(({ queueOffset }) => queueOffset),
          own.map((_, index) => index),
        );
      }
      await using again = new PullConsumer({ namesrvAddr, consumerGroup: 'CG' });
      await again.start();
      let total = 0;
      for (const queue of queues) total += (await again.committedOffset(queue)) ?? 0;
      is(total, count + 4);
    }),
  LIMIT_MS,
);

test(
  'two members share a topic, a failed message comes again, and a deleted topic is gone',
  () =>
    withNode(async (namesrvAddr) => {
      await using admin = new Admin({ namesrvAddr });
      await using producer = new Producer({ namesrvAddr, producerGroup: 'PG' });
      await Promise.all([admin.start(), producer.start()]);
      await producer.send({ topic: 'Created', body: 'first' });
      const received: string[] = [];
      let isFailing = true;
      const create = (): PushConsumer => {
        const consumer = new PushConsumer({
          namesrvAddr,
          consumerGroup: 'CG',
          consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
        });
        consumer.subscribe('Created', '*', async ({ body }) => {
          if (body.toString() === 'fails' && isFailing) {
            isFailing = false;
            throw new Error('once');
          }
          received.push(body.toString());
        });
        return consumer;
      };
      await using one = create();
      await using two = create();
      await one.start();
      await two.start();
      const own = ({ messageQueues }: PushConsumer): number =>
        messageQueues.filter(({ topic }) => topic === 'Created').length;
      await until(() => own(one) === 2 && own(two) === 2);
      await producer.send({ topic: 'Created', body: 'fails' });
      await until(() => received.includes('fails') && received.includes('first'));
      await two.close();
      await until(() => own(one) === 4);
      await one.close();
      await admin.deleteTopic('Created');
      is(await rejectionCode(admin.topicRoute('Created')), 'TOPIC_NOT_FOUND');
    }),
  LIMIT_MS,
);
