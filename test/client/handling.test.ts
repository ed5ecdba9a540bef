import { equal, is, ok } from 'uvu/assert';
import { ClientCore } from '../../src/client/core.ts';
import {
  Handling,
  LOCAL_RETRY_MS_MAX,
  LOCAL_RETRY_MS_MIN,
  type MessageHandler,
} from '../../src/client/handling.ts';
import { Permits } from '../../src/client/permits.ts';
import type { ReceivedMessage } from '../../src/client/types.ts';
import { RequestCode, ResponseCode, responseOf } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { createFakeCluster, rejectionCode } from './fake-cluster.ts';

const test = suite('handling');

const messageOf = (over: Partial<ReceivedMessage> = {}): ReceivedMessage =>
  ({
    topic: 'T',
    brokerName: 'broker-a',
    queueId: 0,
    msgId: 'ID',
    commitLogOffset: 77,
    reconsumeTimes: 0,
    properties: new Map(),
    ...over,
  }) as unknown as ReceivedMessage;

const create = (handler: MessageHandler | undefined, isSendBackAllowed = true) => {
  const cluster = createFakeCluster();
  cluster.broker().createTopic('T');
  const options = { namesrvAddr: cluster.namesrvAddr, environment: cluster.environment() };
  const core = new ClientCore(options, {});
  core.start();
  const handling = new Handling({
    core,
    consumerGroup: 'CG',
    isSendBackAllowed,
    permits: new Permits(1),
    handlerOf: (topic) => (topic === 'T' ? handler : undefined),
  });
  return { cluster, handling, signal: new AbortController().signal };
};

test('a message the broker takes back is done here', async () => {
  let calls = 0;
  const { cluster, handling, signal } = create(() => {
    calls += 1;
    throw new Error('no');
  });
  cluster.broker().script = ({ code }) =>
    code === RequestCode.CONSUMER_SEND_MSG_BACK ? responseOf(ResponseCode.SUCCESS) : undefined;
  await cluster.settle(handling.consume(messageOf(), signal));
  is(calls, 1);
  const [seen] = cluster.broker().of(RequestCode.CONSUMER_SEND_MSG_BACK);
  equal(seen?.fields, {
    offset: 77,
    group: 'CG',
    delayLevel: 0,
    originMsgId: 'ID',
    originTopic: 'T',
    unitMode: false,
    maxReconsumeTimes: 16,
  });
});

test('otherwise it is tried again here, ever more slowly, without an end', async () => {
  const times: number[] = [];
  let isFailing = true;
  const { cluster, handling, signal } = create(async () => {
    times.push(cluster.clock.monotonicMs());
    if (isFailing) throw new Error('no');
  }, false);
  const work = handling.consume(messageOf(), signal);
  await cluster.until(() => times.length === 10, 600_000);
  isFailing = false;
  await cluster.settle(work);
  const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  ok((pauses[0] ?? 0) >= LOCAL_RETRY_MS_MIN);
  ok(pauses.every((pause) => pause <= LOCAL_RETRY_MS_MAX + 5));
  ok((pauses.at(-1) ?? 0) >= LOCAL_RETRY_MS_MAX);
  is(cluster.broker().of(RequestCode.CONSUMER_SEND_MSG_BACK).length, 0);
});

test('giving the queue away ends the attempts; the message is not done', async () => {
  const stopping = new AbortController();
  const { cluster, handling } = create(() => Promise.reject(new Error('no')), false);
  const code = rejectionCode(handling.consume(messageOf(), stopping.signal));
  await cluster.advance(100);
  stopping.abort();
  is(await code, 'ABORTED');
});

test('a topic nobody handles is never skipped', async () => {
  const { cluster, handling, signal } = create(undefined);
  let isDone = false;
  void handling.consume(messageOf(), signal).then(() => {
    isDone = true;
  });
  await cluster.advance(10_000);
  is(isDone, false);
});
