import { equal, is, ok } from 'uvu/assert';
import { type BodyReader, silentLogger } from '../../src/base/index.ts';
import type { Channel } from '../../src/client/channel.ts';
import { ClientCore } from '../../src/client/core.ts';
import { type PullCall, pullFrom } from '../../src/client/pull-call.ts';
import { Remote } from '../../src/client/remote.ts';
import { parseSubscription } from '../../src/client/subscription.ts';
import { LOG_RUN_BYTES, PULL_FLAG, writeLogRun } from '../../src/message/index.ts';
import {
  PullMessage,
  RequestCode,
  RequestView,
  ResponseCode,
  responseOf,
  writePositional,
} from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { createFakeCluster, rejectionCode } from './fake-cluster.ts';

const test = suite('pull-call');
const CALL: PullCall = {
  consumerGroup: 'CG',
  queue: { topic: 'T', brokerName: 'broker-a', queueId: 0 },
  queueOffset: 0,
  maxMessages: 32,
  subscription: parseSubscription('T', 'A || B', 7),
  suspendMs: 0,
};

const create = () => {
  const cluster = createFakeCluster();
  cluster.broker().createTopic('T', 1);
  const options = { namesrvAddr: cluster.namesrvAddr, environment: cluster.environment() };
  const { remote } = new ClientCore(options, {});
  const pull = (over: Partial<PullCall> = {}) => {
    const call = { ...CALL, ...over };
    const { address } = cluster.broker();
    return cluster.settle(pullFrom(remote, address, call, { timeoutMs: 1000 }, silentLogger));
  };
  return { cluster, pull };
};

test('the header carries subscription, commit and hold as its flags say', async () => {
  const { cluster, pull } = create();
  await pull();
  await pull({ suspendMs: 10, commitOffset: 0 });
  const [plain, full] = cluster.broker().of(RequestCode.PULL_MESSAGE);
  is(plain?.fields['sysFlag'], PULL_FLAG.SUBSCRIPTION);
  is(plain?.fields['subscription'], 'A || B');
  is(plain?.fields['subVersion'], 7);
  is(plain?.fields['expressionType'], 'TAG');
  is(full?.fields['sysFlag'], 7);
  is(full?.fields['suspendTimeoutMillis'], 10);
});

test('each answer has its status; messages of other tags are left out', async () => {
  const { cluster, pull } = create();
  is((await pull()).status, 'NO_NEW_MSG');
  cluster.broker().store('T', 0, Buffer.from('c'), 'TAGS\u0001C');
  const none = await pull();
  is(none.status, 'NO_MATCHED_MSG');
  is(none.nextBeginOffset, 1);
  cluster.broker().store('T', 0, Buffer.from('b'), 'TAGS\u0001B');
  const found = await pull();
  is(found.status, 'FOUND');
  equal(
    found.messages.map(({ tags }) => tags),
    ['B'],
  );
  is((await pull({ queueOffset: 9 })).status, 'OFFSET_ILLEGAL');
});

test('a refusal is an error', async () => {
  const { cluster, pull } = create();
  cluster.broker().script = () => responseOf(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
  is(await rejectionCode(pull()), 'REFUSED');
});

/** A pull that is answered with the addresses of two records of which the log has `keptBytes`. */
const pullAddressed = (code: number, keptBytes: number, hasLog = true) => {
  const { cluster } = create();
  for (const body of ['one', 'two'])
    cluster.broker().store('T', 0, Buffer.from(body), 'TAGS\u0001A');
  const log = Buffer.concat(cluster.broker().topics.get('T')?.[0] ?? []);
  const half = log.length / 2;
  const header = {
    suggestWhichBrokerId: 0,
    nextBeginOffset: 9,
    minOffset: 3,
    maxOffset: 10,
  };
  const frame = Buffer.alloc(1000);
  const runsBytes = 2 * LOG_RUN_BYTES;
  const facts = { code, flag: 1, opaque: 1 };
  const start = writePositional(frame, 0, facts, PullMessage.response, header, runsBytes);
  const end = writeLogRun(frame, writeLogRun(frame, start, 0, half), half, half);
  const view = new RequestView();
  ok(view.scan(frame, 0, end));
  const bodies: BodyReader = {
    lease: () => undefined,
    copyTo(position, bytes, target, at) {
      if (position + bytes > keptBytes * half) return false;
      log.copy(target, at, position, position + bytes);
      return true;
    },
    refresh: () => undefined,
    close: () => undefined,
  };
  const channel: Channel = {
    call: (_, __, ___, ____, _____, done) => setImmediate(() => done(undefined, view)),
    oneway: () => undefined,
    close: () => undefined,
    ...(hasLog ? { bodiesOf: () => bodies } : {}),
  };
  const call = { ...CALL, queueOffset: 5 };
  return pullFrom(new Remote(channel), 'a:1', call, { timeoutMs: 1000 }, silentLogger);
};

test('an answer with addresses gives the messages there', async () => {
  const found = await pullAddressed(ResponseCode.SUCCESS, 2);
  is(found.status, 'FOUND');
  equal([found.nextBeginOffset, found.minOffset, found.maxOffset], [9, 3, 10]);
  equal(
    found.messages.map(({ body, topic, tags }) => `${topic} ${tags} ${body}`),
    ['T A one', 'T A two'],
  );
});

test('what was deleted meanwhile is asked for again, from where it began', async () => {
  const some = await pullAddressed(ResponseCode.SUCCESS, 1);
  is(some.status, 'FOUND');
  is(some.messages.length, 1);
  is(some.nextBeginOffset, 1, 'behind the last one read');
  const none = await pullAddressed(ResponseCode.SUCCESS, 0);
  is(none.status, 'OFFSET_ILLEGAL');
  is(none.nextBeginOffset, 5);
  equal(none.messages, []);
});

test('a positional answer without messages has its status; addresses need a log', async () => {
  const none = await pullAddressed(ResponseCode.PULL_RETRY_IMMEDIATELY, 2);
  is(none.status, 'NO_MATCHED_MSG');
  is(none.nextBeginOffset, 9);
  is(await rejectionCode(pullAddressed(ResponseCode.SUCCESS, 2, false)), 'BAD_RESPONSE');
});
