import { deflateSync } from 'node:zlib';
import { equal, is, ok } from 'uvu/assert';
import {
  Producer,
  PushConsumer,
  type PushConsumerSettings,
  type ReceivedMessage,
} from '../../src/client/index.ts';
import { SYS_FLAG } from '../../src/message/index.ts';
import {
  decodeHeartbeatData,
  RequestCode,
  ResponseCode,
  responseOf,
} from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { createFakeCluster, type FakeCluster, rejectionCode } from './fake-cluster.ts';

const test = suite('push-consumer');
const TOPIC = 'TopicTest';
const GROUP = 'CG';

const create = (
  cluster: FakeCluster,
  options: Partial<PushConsumerSettings> = {},
  host?: string,
): PushConsumer =>
  new PushConsumer({
    namesrvAddr: cluster.namesrvAddr,
    consumerGroup: GROUP,
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    environment: cluster.environment(host),
    ...options,
  });

const textOf = ({ body }: ReceivedMessage): string => body.toString();

/** A cluster whose topic holds `count` messages in each of its queues. */
const filled = (count: number, queues = 2): FakeCluster => {
  const cluster = createFakeCluster();
  cluster.broker().createTopic(TOPIC, queues);
  for (let queueId = 0; queueId < queues; queueId++) {
    for (let index = 0; index < count; index++) {
      cluster.broker().store(TOPIC, queueId, Buffer.from(`q${queueId}-${index}`), '');
    }
  }
  return cluster;
};

test('every message of every queue arrives once, in the order of its queue', async () => {
  const cluster = filled(100, 4);
  const consumer = create(cluster);
  const received: string[] = [];
  consumer.subscribe(TOPIC, '*', (message) => void received.push(textOf(message)));
  await cluster.settle(consumer.start());
  await cluster.until(() => received.length === 400);
  await cluster.advance(1000);
  is(received.length, 400);
  for (let queueId = 0; queueId < 4; queueId++) {
    const own = received.filter((text) => text.startsWith(`q${queueId}-`));
    equal(
      own,
      Array.from({ length: 100 }, (_, index) => `q${queueId}-${index}`),
    );
  }
  await cluster.settle(consumer.close());
  for (let queueId = 0; queueId < 4; queueId++) {
    is(cluster.broker().committed(GROUP, TOPIC, queueId), 100);
  }
  is(cluster.broker().of(RequestCode.UNREGISTER_CLIENT).length, 1);
});

test('a new message wakes the pull that waits for it', async () => {
  const cluster = filled(0);
  const consumer = create(cluster);
  const received: string[] = [];
  consumer.subscribe(TOPIC, '*', (message) => void received.push(textOf(message)));
  await cluster.settle(consumer.start());
  await cluster.advance(2000);
  cluster.broker().store(TOPIC, 1, Buffer.from('news'), '');
  await cluster.advance(20);
  equal(received, ['news']);
  await cluster.settle(consumer.close());
});

test('a group goes on where it stopped', async () => {
  const cluster = filled(5, 1);
  for (const expected of [5, 3]) {
    const consumer = create(cluster);
    const received: string[] = [];
    consumer.subscribe(TOPIC, '*', (message) => void received.push(textOf(message)));
    await cluster.settle(consumer.start());
    await cluster.until(() => received.length >= expected);
    await cluster.settle(consumer.close());
    is(received.length, expected);
    for (let index = 0; index < 3; index++)
      cluster.broker().store(TOPIC, 0, Buffer.from('more'), '');
  }
});

test('a new group begins where it is told to', async () => {
  const expected = {
    CONSUME_FROM_FIRST_OFFSET: ['q0-0', 'q0-1', 'q0-2'],
    CONSUME_FROM_TIMESTAMP: ['q0-1', 'q0-2'],
    CONSUME_FROM_LAST_OFFSET: [],
  } as const;
  for (const [consumeFromWhere, old] of Object.entries(expected)) {
    const cluster = filled(3, 1);
    const consumer = create(cluster, {
      consumeFromWhere: consumeFromWhere as keyof typeof expected,
    });
    const received: string[] = [];
    consumer.subscribe(TOPIC, '*', (message) => void received.push(textOf(message)));
    await cluster.settle(consumer.start());
    await cluster.advance(100);
    cluster.broker().store(TOPIC, 0, Buffer.from('new'), '');
    await cluster.advance(100);
    equal(received, [...old, 'new'], consumeFromWhere);
    await cluster.settle(consumer.close());
  }
});

test('only the wanted tags arrive, and the offset passes the others', async () => {
  const cluster = filled(0, 1);
  for (const tag of ['A', 'B', 'C', 'BB', 'Aa']) {
    cluster.broker().store(TOPIC, 0, Buffer.from(tag), `TAGS\u0001${tag}`);
  }
  const consumer = create(cluster);
  const received: string[] = [];
  // "Aa" and "BB" have the same hash: the broker cannot tell them apart.
  consumer.subscribe(TOPIC, 'A || BB', (message) => void received.push(message.tags ?? ''));
  await cluster.settle(consumer.start());
  await cluster.until(() => received.length === 2);
  await cluster.settle(consumer.close());
  equal(received, ['A', 'BB']);
  is(cluster.broker().committed(GROUP, TOPIC, 0), 5);
});

test('compressed bodies arrive plain', async () => {
  const cluster = filled(0, 1);
  const body = deflateSync(Buffer.alloc(5000, 'z'));
  cluster.broker().store(TOPIC, 0, body, '', SYS_FLAG.COMPRESSED);
  cluster.broker().store(TOPIC, 0, Buffer.from('broken'), '', SYS_FLAG.COMPRESSED);
  const consumer = create(cluster);
  const received: ReceivedMessage[] = [];
  consumer.subscribe(TOPIC, '*', (message) => void received.push(message));
  await cluster.settle(consumer.start());
  await cluster.until(() => received.length === 2);
  is(received[0]?.body.length, 5000);
  is(received[0]?.sysFlag, 0);
  is(received[1]?.body.toString(), 'broken');
  is(received[1]?.sysFlag, SYS_FLAG.COMPRESSED);
  await cluster.settle(consumer.close());
});

test('two members share the queues; when one leaves the other takes over what it had done', async () => {
  const cluster = filled(20, 4);
  const received: string[][] = [[], []];
  const consumers = received.map((own, index) => {
    const consumer = create(cluster, {}, `10.0.9.${index + 1}`);
    consumer.subscribe(TOPIC, '*', (message) => void own.push(textOf(message)));
    return consumer;
  });
  const [first, second] = consumers as [PushConsumer, PushConsumer];
  await cluster.settle(first.start());
  await cluster.settle(second.start());
  const topicQueues = (consumer: PushConsumer): number =>
    consumer.messageQueues.filter(({ topic }) => topic === TOPIC).length;
  await cluster.until(() => topicQueues(first) === 2 && topicQueues(second) === 2);
  for (let queueId = 0; queueId < 4; queueId++) {
    cluster.broker().store(TOPIC, queueId, Buffer.from(`late-${queueId}`), '');
  }
  await cluster.until(() => received.flat().filter((text) => text.startsWith('late')).length === 4);
  is(received[0]?.filter((text) => text.startsWith('late')).length, 2);
  await cluster.settle(second.close());
  await cluster.until(() => topicQueues(first) === 4);
  cluster.broker().store(TOPIC, 3, Buffer.from('after'), '');
  await cluster.until(() => received[0]?.includes('after') === true);
  is(received.flat().filter((text) => text.startsWith('late')).length, 4);
  await cluster.settle(first.close());
});

test('a broadcasting member gets every queue and stores no offset', async () => {
  const cluster = filled(3, 4);
  const received: string[][] = [[], []];
  const consumers = received.map((own, index) => {
    const consumer = create(cluster, { messageModel: 'BROADCASTING' }, `10.0.9.${index + 1}`);
    consumer.subscribe(TOPIC, '*', (message) => void own.push(textOf(message)));
    return consumer;
  });
  await cluster.settle(Promise.all(consumers.map((consumer) => consumer.start())));
  await cluster.until(() => received.every((own) => own.length === 12));
  await cluster.settle(Promise.all(consumers.map((consumer) => consumer.close())));
  is(cluster.broker().offsets.size, 0);
});

test('a message whose handler fails is handled again here while the broker takes none back', async () => {
  const cluster = filled(3, 1);
  const consumer = create(cluster);
  const attempts: string[] = [];
  const times: number[] = [];
  consumer.subscribe(TOPIC, '*', async (message) => {
    attempts.push(textOf(message));
    times.push(cluster.clock.monotonicMs());
    if (textOf(message) === 'q0-1' && attempts.length < 5) throw new Error('not yet');
  });
  await cluster.settle(consumer.start());
  await cluster.until(() => attempts.length === 3);
  is(cluster.broker().committed(GROUP, TOPIC, 0), 0);
  await cluster.advance(6000);
  is(cluster.broker().committed(GROUP, TOPIC, 0), 1);
  await cluster.until(() => attempts.includes('q0-2'));
  equal(attempts, ['q0-0', 'q0-1', 'q0-1', 'q0-1', 'q0-1', 'q0-2']);
  const pauses = [2, 3, 4].map((index) => (times[index] ?? 0) - (times[index - 1] ?? 0));
  ok(pauses.every((pause, index) => pause >= 1000 * 2 ** index));
  ok(cluster.broker().of(RequestCode.CONSUMER_SEND_MSG_BACK).length >= 3);
  await cluster.settle(consumer.close());
  is(cluster.broker().committed(GROUP, TOPIC, 0), 3);
});

test('a message the broker takes back comes again by the retry topic, under its own', async () => {
  const cluster = filled(2, 1);
  cluster.broker().script = ({ code }) => {
    if (code !== RequestCode.CONSUMER_SEND_MSG_BACK) return undefined;
    cluster.broker().store(`%RETRY%${GROUP}`, 0, Buffer.from('again'), `RETRY_TOPIC\u0001${TOPIC}`);
    return responseOf(ResponseCode.SUCCESS);
  };
  const consumer = create(cluster);
  const received: string[] = [];
  consumer.subscribe(TOPIC, '*', (message) => {
    received.push(`${message.topic} ${textOf(message)}`);
    if (textOf(message) === 'q0-0') throw new Error('no');
  });
  await cluster.settle(consumer.start());
  await cluster.until(() => received.length === 3);
  equal(received.sort(), ['TopicTest again', 'TopicTest q0-0', 'TopicTest q0-1']);
  const [back] = cluster.broker().of(RequestCode.CONSUMER_SEND_MSG_BACK);
  is(back?.fields['group'], GROUP);
  is(back?.fields['originTopic'], TOPIC);
  await cluster.settle(consumer.close());
  is(cluster.broker().committed(GROUP, TOPIC, 0), 2);
});

test('a slow handler stops the pulls of its queue at the limit, not those of others', async () => {
  const cluster = filled(200, 2);
  const consumer = create(cluster, { queueMessagesMax: 10, pullBatchSize: 10 });
  let release: () => void = () => undefined;
  const blocked = new Promise<void>((resolve) => {
    release = resolve;
  });
  const received: string[] = [];
  consumer.subscribe(TOPIC, '*', async (message) => {
    if (message.queueId === 0) await blocked;
    received.push(textOf(message));
  });
  await cluster.settle(consumer.start());
  await cluster.until(() => received.length === 200);
  const pulls = cluster
    .broker()
    .of(RequestCode.PULL_MESSAGE)
    .filter(({ fields }) => fields['topic'] === TOPIC && fields['queueId'] === 0);
  is(pulls.length, 1);
  release();
  await cluster.until(() => received.length === 400);
  await cluster.settle(consumer.close());
});

test('handlers of different queues overlap up to their limit, those of one queue never', async () => {
  const cluster = filled(20, 6);
  const consumer = create(cluster, { handlersMax: 3 });
  const running = new Map<number, number>();
  let most = 0;
  let done = 0;
  const { scheduler } = cluster.environment();
  consumer.subscribe(TOPIC, '*', async ({ queueId }) => {
    running.set(queueId, (running.get(queueId) ?? 0) + 1);
    is(running.get(queueId), 1);
    most = Math.max(most, [...running.values()].filter((count) => count > 0).length);
    await new Promise<void>((resolve) => scheduler.setTimer(10, resolve));
    running.set(queueId, 0);
    done += 1;
  });
  await cluster.settle(consumer.start());
  await cluster.until(() => done === 120);
  is(most, 3);
  await cluster.settle(consumer.close());
});

test('offsets are stored every five seconds, also without traffic', async () => {
  const cluster = filled(3, 1);
  const consumer = create(cluster);
  consumer.subscribe(TOPIC, '*', () => undefined);
  await cluster.settle(consumer.start());
  await cluster.advance(5100);
  is(cluster.broker().committed(GROUP, TOPIC, 0), 3);
  ok(cluster.broker().of(RequestCode.UPDATE_CONSUMER_OFFSET).length > 0);
  await cluster.settle(consumer.close());
});

test('close waits for the handler that runs and stores that its message is done', async () => {
  const cluster = filled(3, 1);
  const consumer = create(cluster);
  let release: () => void = () => undefined;
  let isRunning = false;
  consumer.subscribe(TOPIC, '*', () => {
    isRunning = true;
    return new Promise<void>((resolve) => {
      release = resolve;
    });
  });
  await cluster.settle(consumer.start());
  await cluster.until(() => isRunning);
  let isClosed = false;
  const closing = consumer.close().then(() => {
    isClosed = true;
  });
  await cluster.advance(500);
  is(isClosed, false);
  release();
  await cluster.settle(closing);
  is(cluster.broker().committed(GROUP, TOPIC, 0), 1);
  is(await rejectionCode(consumer.start()), 'CLOSED');
});

test('a handler that never returns does not hold up close for ever', async () => {
  const cluster = filled(1, 1);
  const consumer = create(cluster, { closeTimeoutMs: 2000 });
  let isRunning = false;
  consumer.subscribe(TOPIC, '*', () => {
    isRunning = true;
    return new Promise<void>(() => undefined);
  });
  await cluster.settle(consumer.start());
  await cluster.until(() => isRunning);
  await cluster.settle(consumer.close(), 5000);
  is(cluster.broker().committed(GROUP, TOPIC, 0), 0);
});

test('after a lost connection the broker hears of the member again and nothing is lost', async () => {
  const cluster = filled(5, 2);
  const consumer = create(cluster);
  const received = new Set<string>();
  consumer.subscribe(TOPIC, '*', (message) => void received.add(textOf(message)));
  await cluster.settle(consumer.start());
  await cluster.until(() => received.size === 10);
  cluster.network.cut();
  await cluster.advance(10);
  is(cluster.broker().members.get(GROUP)?.size, 0);
  cluster.broker().store(TOPIC, 0, Buffer.from('meanwhile'), '');
  await cluster.until(() => received.has('meanwhile'), 5000);
  is(cluster.broker().members.get(GROUP)?.size, 1);
  await cluster.settle(consumer.close());
});

test('a topic that appears later is consumed without a restart', async () => {
  const cluster = createFakeCluster();
  const consumer = create(cluster);
  const received: string[] = [];
  consumer.subscribe(TOPIC, '*', (message) => void received.push(textOf(message)));
  await cluster.settle(consumer.start());
  await cluster.advance(3000);
  const producer = new Producer({
    namesrvAddr: cluster.namesrvAddr,
    producerGroup: 'PG',
    environment: cluster.environment('10.0.9.7'),
  });
  await producer.start();
  await cluster.settle(producer.send({ topic: TOPIC, body: 'first' }));
  await cluster.until(() => received.length === 1, 25_000);
  await cluster.settle(Promise.all([consumer.close(), producer.close()]));
});

test('the heartbeat tells the subscriptions; a later one replaces them', async () => {
  const cluster = filled(0, 1);
  const consumer = create(cluster);
  consumer.subscribe(TOPIC, 'A || B', () => undefined);
  await cluster.settle(consumer.start());
  const last = () => {
    const seen = cluster.broker().of(RequestCode.HEART_BEAT).at(-1);
    const [data] = decodeHeartbeatData(seen?.body ?? Buffer.alloc(0)).consumerDataSet;
    return data?.subscriptionDataSet.find(({ topic }) => topic === TOPIC);
  };
  const first = last();
  equal(first?.tagsSet, ['A', 'B']);
  consumer.subscribe(TOPIC, 'C', () => undefined);
  await cluster.advance(100);
  equal(last()?.tagsSet, ['C']);
  ok((last()?.subVersion ?? 0) > (first?.subVersion ?? 0));
  await cluster.settle(consumer.close());
});
