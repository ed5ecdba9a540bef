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
  const { signal } = new AbortController();
  const permits = new Permits(1);
  const handling = new Handling({
    core,
    consumerGroup: 'CG',
    isSendBackAllowed,
    permits,
    handlerOf: (topic) => (topic === 'T' ? handler : undefined),
  });
  const consume = (message: ReceivedMessage, over = signal): Promise<void> =>
    Promise.resolve(handling.consume(message, over));
  return { cluster, handling, consume, permits, signal };
};

test('a message the broker takes back is done here', async () => {
  let calls = 0;
  const { cluster, consume } = create(() => {
    calls += 1;
    throw new Error('no');
  });
  cluster.broker().script = ({ code }) =>
    code === RequestCode.CONSUMER_SEND_MSG_BACK ? responseOf(ResponseCode.SUCCESS) : undefined;
  await cluster.settle(consume(messageOf()));
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
  const { cluster, consume } = create(async () => {
    times.push(cluster.clock.monotonicMs());
    if (isFailing) throw new Error('no');
  }, false);
  const work = consume(messageOf());
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
  const { cluster, consume } = create(() => Promise.reject(new Error('no')), false);
  const code = rejectionCode(consume(messageOf(), stopping.signal));
  await cluster.advance(100);
  stopping.abort();
  is(await code, 'ABORTED');
});

test('a topic nobody handles is never skipped', async () => {
  const { cluster, consume } = create(undefined);
  let isDone = false;
  void consume(messageOf()).then(() => {
    isDone = true;
  });
  await cluster.advance(10_000);
  is(isDone, false);
});

test('a handler that is done when it returns costs no turn; one that is not holds its permit', async () => {
  const { handling, permits, signal } = create(() => undefined);
  is(handling.consume(messageOf(), signal), undefined);
  is(permits.free, 1);
  let release: () => void = () => undefined;
  const slow = create(() => new Promise<void>((resolve) => (release = resolve)));
  const work = slow.consume(messageOf());
  is(slow.permits.free, 0);
  const waiting = slow.consume(messageOf());
  release();
  await work;
  release();
  await waiting;
  is(slow.permits.free, 1);
});

test('a handler that throws at once, or without a reason, is called again', async () => {
  let calls = 0;
  const { cluster, consume, permits } = create(() => {
    calls += 1;
    if (calls < 3) throw undefined;
  }, false);
  await cluster.settle(consume(messageOf()));
  is(calls, 3);
  is(permits.free, 1);
});
