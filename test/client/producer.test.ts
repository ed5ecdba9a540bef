import { inflateSync } from 'node:zlib';
import { equal, is, match, ok } from 'uvu/assert';
import { type NamesrvOptions, Producer, type ProducerSettings } from '../../src/client/index.ts';
import { encodeBatch, parseProperties, SYS_FLAG } from '../../src/message/index.ts';
import { RequestCode, ResponseCode, responseOf } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { bodiesOf, type Script } from './fake-broker.ts';
import { createFakeCluster, type FakeCluster, rejectionCode } from './fake-cluster.ts';

const test = suite('producer');
const TOPIC = 'TopicTest';

const started = async (
  cluster: FakeCluster,
  options: Partial<NamesrvOptions & ProducerSettings> = {},
): Promise<Producer> => {
  const producer = new Producer({
    namesrvAddr: cluster.namesrvAddr,
    producerGroup: 'PG',
    environment: cluster.environment(),
    ...options,
  });
  await producer.start();
  return producer;
};

const refuseWith =
  (code: number): Script =>
  (seen) =>
    seen.code === RequestCode.SEND_MESSAGE_V2 ? responseOf(code, { remark: 'no' }) : undefined;

test('a first message creates its topic as the template says and tells where it went', async () => {
  const cluster = createFakeCluster();
  const producer = await started(cluster);
  const message = { topic: TOPIC, body: 'hello', tags: 'A', keys: ['k1', 'k2'], flag: 7 };
  const sent = await cluster.settle(producer.send({ ...message, properties: { color: 'red' } }));
  is(sent.sendStatus, 'SEND_OK');
  is(sent.queueOffset, 0);
  is(sent.messageQueue.brokerName, 'broker-a');
  match(sent.msgId, /^0A000901[0-9A-F]{24}$/);
  match(sent.offsetMsgId, /^0A00010100002A9F0{16}$/);
  equal(bodiesOf(cluster.broker(), TOPIC), ['hello']);
  const [seen] = cluster.broker().of(RequestCode.SEND_MESSAGE_V2);
  is(seen?.fields['defaultTopic'], 'TBW102');
  is(seen?.fields['defaultTopicQueueNums'], 4);
  is(seen?.fields['flag'], 7);
  is(seen?.fields['producerGroup'], 'PG');
  equal(Object.fromEntries(parseProperties(String(seen?.fields['properties']))), {
    color: 'red',
    KEYS: 'k1 k2',
    TAGS: 'A',
    UNIQ_KEY: sent.msgId,
    WAIT: 'true',
  });
  await cluster.settle(producer.close());
});

test('queues are taken in turn', async () => {
  const cluster = createFakeCluster(2);
  for (const broker of cluster.brokers) broker.createTopic(TOPIC, 3);
  const producer = await started(cluster);
  const queues: string[] = [];
  for (let index = 0; index < 6; index++) {
    const { messageQueue } = await cluster.settle(producer.send({ topic: TOPIC, body: 'x' }));
    queues.push(`${messageQueue.brokerName}:${messageQueue.queueId}`);
  }
  is(new Set(queues).size, 6);
});

test('a body of 4096 bytes is compressed, a smaller one is not', async () => {
  const cluster = createFakeCluster();
  const producer = await started(cluster);
  for (const length of [4095, 4096]) {
    await cluster.settle(producer.send({ topic: TOPIC, body: Buffer.alloc(length, 'a') }));
  }
  const [small, large] = cluster.broker().of(RequestCode.SEND_MESSAGE_V2);
  is(small?.fields['sysFlag'], 0);
  is(small?.body.length, 4095);
  is(large?.fields['sysFlag'], SYS_FLAG.COMPRESSED);
  is(large?.body.readUInt16BE(0), 0x785e);
  is(inflateSync(large?.body ?? Buffer.alloc(0)).length, 4096);
});

test('a batch goes out in one request, in the form of the golden batch body', async () => {
  const cluster = createFakeCluster();
  const producer = await started(cluster);
  const messages = [
    { topic: TOPIC, body: 'one', tags: 'A' },
    { topic: TOPIC, body: 'two', flag: 7 },
  ];
  const sent = await cluster.settle(producer.sendBatch(messages));
  const ids = sent.msgId.split(',');
  is(ids.length, 2);
  is(sent.offsetMsgId.split(',').length, 2);
  const [seen] = cluster.broker().of(RequestCode.SEND_BATCH_MESSAGE);
  is(seen?.fields['batch'], true);
  is(seen?.fields['properties'], 'WAIT\u0001true');
  const expected = encodeBatch([
    {
      flag: 0,
      body: Buffer.from('one'),
      properties: { TAGS: 'A', UNIQ_KEY: ids[0], WAIT: 'true' },
    },
    { flag: 7, body: Buffer.from('two'), properties: { UNIQ_KEY: ids[1], WAIT: 'true' } },
  ]);
  equal(seen?.body, expected);
  equal(bodiesOf(cluster.broker(), TOPIC), ['one', 'two']);
});

test('messages of a batch must agree', async () => {
  const cluster = createFakeCluster();
  const producer = await started(cluster);
  const mixed = [
    { topic: TOPIC, body: 'a' },
    { topic: 'Other', body: 'b' },
  ];
  is(await rejectionCode(producer.sendBatch(mixed)), 'BAD_ARGUMENT');
  is(await rejectionCode(producer.sendBatch([])), 'BAD_ARGUMENT');
});

test('a retryable answer leads to another broker; the message is stored once', async () => {
  const cluster = createFakeCluster(2);
  for (const broker of cluster.brokers) broker.createTopic(TOPIC, 4);
  cluster.broker(0).script = refuseWith(ResponseCode.SYSTEM_ERROR);
  const producer = await started(cluster);
  for (let index = 0; index < 8; index++) {
    const sent = await cluster.settle(producer.send({ topic: TOPIC, body: `m${index}` }));
    is(sent.messageQueue.brokerName, 'broker-b');
  }
  is(bodiesOf(cluster.broker(1), TOPIC).length, 8);
  ok(cluster.broker(0).of(RequestCode.SEND_MESSAGE_V2).length > 0);
});

test('a broker that drops the connection is left for another one', async () => {
  const cluster = createFakeCluster(2);
  for (const broker of cluster.brokers) broker.createTopic(TOPIC, 4);
  cluster.broker(1).script = ({ code }) =>
    code === RequestCode.SEND_MESSAGE_V2 ? 'cut' : undefined;
  const producer = await started(cluster);
  for (let index = 0; index < 4; index++) {
    const sent = await cluster.settle(producer.send({ topic: TOPIC, body: 'x' }));
    is(sent.messageQueue.brokerName, 'broker-a');
  }
});

test('after the retries the last answer is told, with its code and remark', async () => {
  const cluster = createFakeCluster();
  cluster.broker().script = refuseWith(ResponseCode.SYSTEM_ERROR);
  const producer = await started(cluster, { retryTimesWhenSendFailed: 2 });
  const work = producer.send({ topic: TOPIC, body: 'x' });
  is(await rejectionCode(cluster.settle(work)), 'REFUSED');
  const error = await work.catch((reason: { details: object }) => reason);
  equal((error as { details: object }).details, {
    address: cluster.broker().address,
    responseCode: ResponseCode.SYSTEM_ERROR,
    remark: 'no',
  });
  is(cluster.broker().of(RequestCode.SEND_MESSAGE_V2).length, 3);
});

test('an answer that no retry mends is told at once', async () => {
  const cluster = createFakeCluster();
  cluster.broker().script = refuseWith(ResponseCode.MESSAGE_ILLEGAL);
  const producer = await started(cluster);
  is(await rejectionCode(cluster.settle(producer.send({ topic: TOPIC, body: 'x' }))), 'REFUSED');
  is(cluster.broker().of(RequestCode.SEND_MESSAGE_V2).length, 1);
});

test('a chosen queue is the only one tried', async () => {
  const cluster = createFakeCluster(2);
  for (const broker of cluster.brokers) broker.createTopic(TOPIC, 4);
  const producer = await started(cluster);
  const messageQueue = { topic: TOPIC, brokerName: 'broker-b', queueId: 2 };
  const sent = await cluster.settle(producer.send({ topic: TOPIC, body: 'x' }, { messageQueue }));
  equal(sent.messageQueue, messageQueue);
  cluster.broker(1).script = refuseWith(ResponseCode.SYSTEM_ERROR);
  const queueSelector = () => messageQueue;
  const work = producer.send({ topic: TOPIC, body: 'x' }, { queueSelector });
  is(await rejectionCode(cluster.settle(work)), 'REFUSED');
  is(cluster.broker(1).of(RequestCode.SEND_MESSAGE_V2).length, 2);
  is(cluster.broker(0).of(RequestCode.SEND_MESSAGE_V2).length, 0);
});

test('a flush that was late is still a stored message', async () => {
  const cluster = createFakeCluster();
  cluster.broker().script = ({ code }) =>
    code === RequestCode.SEND_MESSAGE_V2
      ? responseOf(ResponseCode.FLUSH_DISK_TIMEOUT, {
          extFields: { msgId: 'ID', queueId: '1', queueOffset: '5' },
        })
      : undefined;
  const producer = await started(cluster);
  const sent = await cluster.settle(producer.send({ topic: TOPIC, body: 'x' }));
  is(sent.sendStatus, 'FLUSH_DISK_TIMEOUT');
  is(sent.queueOffset, 5);
});

test('many sends are under way at once, up to the limit', async () => {
  const cluster = createFakeCluster();
  const producer = await started(cluster, { sendsInFlightMax: 100 });
  const sends = Array.from({ length: 100 }, (_, index) =>
    producer.send({ topic: TOPIC, body: `m${index}` }),
  );
  is(producer.sendsInFlight, 100);
  is(await rejectionCode(producer.send({ topic: TOPIC, body: 'x' })), 'TOO_MANY_IN_FLIGHT');
  const results = await cluster.settle(Promise.all(sends));
  is(new Set(results.map(({ msgId }) => msgId)).size, 100);
  is(producer.sendsInFlight, 0);
  is(bodiesOf(cluster.broker(), TOPIC).length, 100);
});

test('a broker that does not answer ends the send at its deadline', async () => {
  const cluster = createFakeCluster();
  cluster.broker().script = ({ code }) =>
    code === RequestCode.SEND_MESSAGE_V2 ? 'silent' : undefined;
  const producer = await started(cluster);
  const before = cluster.clock.monotonicMs();
  const work = producer.send({ topic: TOPIC, body: 'x' }, { timeoutMs: 500 });
  is(await rejectionCode(cluster.settle(work)), 'TIMEOUT');
  ok(cluster.clock.monotonicMs() - before < 700);
});

test('an abort ends a send at once', async () => {
  const cluster = createFakeCluster();
  cluster.broker().script = ({ code }) =>
    code === RequestCode.SEND_MESSAGE_V2 ? 'silent' : undefined;
  const producer = await started(cluster);
  const aborting = new AbortController();
  const work = producer.send({ topic: TOPIC, body: 'x' }, { signal: aborting.signal });
  const code = rejectionCode(work);
  await cluster.advance(50);
  aborting.abort();
  is(await code, 'ABORTED');
  is(producer.sendsInFlight, 0);
  const signal = AbortSignal.abort();
  is(await rejectionCode(producer.send({ topic: TOPIC, body: 'x' }, { signal })), 'ABORTED');
});

test('a one-way send has no answer to wait for', async () => {
  const cluster = createFakeCluster();
  const producer = await started(cluster);
  await cluster.settle(producer.sendOneway({ topic: TOPIC, body: 'gone' }));
  await cluster.advance(20);
  equal(bodiesOf(cluster.broker(), TOPIC), ['gone']);
});

test('close waits for the sends under way, leaves the group and refuses further ones', async () => {
  const cluster = createFakeCluster();
  const producer = await started(cluster);
  await cluster.settle(producer.send({ topic: TOPIC, body: 'first' }));
  await cluster.advance(1100);
  const last = producer.send({ topic: TOPIC, body: 'last' });
  const closed = producer.close();
  is(await rejectionCode(producer.send({ topic: TOPIC, body: 'x' })), 'CLOSED');
  is((await cluster.settle(last)).sendStatus, 'SEND_OK');
  await cluster.settle(closed);
  const [unregister] = cluster.broker().of(RequestCode.UNREGISTER_CLIENT);
  equal(unregister?.fields, { clientID: producer.clientId, producerGroup: 'PG' });
  await producer.close();
});

test('a send that cannot begin keeps nobody from closing', async () => {
  const cluster = createFakeCluster();
  const producer = await started(cluster);
  const message = { topic: TOPIC, body: 'x' };
  const none = null as unknown as undefined;
  for (const send of [producer.send(message, none), producer.sendBatch([message], none)]) {
    const error = await send.catch((reason: unknown) => reason);
    is(error instanceof TypeError, true);
  }
  is(producer.sendsInFlight, 0);
  await cluster.settle(producer.close());
});

test('a producer that was not started, or has no name server, says so', async () => {
  const cluster = createFakeCluster();
  const environment = cluster.environment();
  const { namesrvAddr } = cluster;
  const idle = new Producer({ namesrvAddr, producerGroup: 'PG', environment });
  is(await rejectionCode(idle.send({ topic: TOPIC, body: 'x' })), 'NOT_STARTED');
  const lost = await started(cluster, { namesrvAddr: '10.0.0.7:9876' });
  is(
    await rejectionCode(cluster.settle(lost.send({ topic: TOPIC, body: 'x' }))),
    'NAMESRV_UNREACHABLE',
  );
});

test('without a template a topic must exist', async () => {
  const cluster = createFakeCluster();
  cluster.broker().topics.delete('TBW102');
  const producer = await started(cluster);
  const work = producer.send({ topic: TOPIC, body: 'x' });
  is(await rejectionCode(cluster.settle(work)), 'TOPIC_NOT_FOUND');
  cluster.broker().createTopic(TOPIC);
  cluster.broker().perm = 4;
  is(await rejectionCode(cluster.settle(producer.send({ topic: TOPIC, body: 'x' }))), 'NO_QUEUE');
  cluster.broker().perm = 6;
  is((await cluster.settle(producer.send({ topic: TOPIC, body: 'x' }))).sendStatus, 'SEND_OK');
});
