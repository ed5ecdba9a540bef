import { equal, is } from 'uvu/assert';
import { silentLogger } from '../../src/base/index.ts';
import { ClientCore } from '../../src/client/core.ts';
import { type PullCall, pullFrom } from '../../src/client/pull-call.ts';
import { parseSubscription } from '../../src/client/subscription.ts';
import { PULL_FLAG } from '../../src/message/index.ts';
import { RequestCode, ResponseCode, responseOf } from '../../src/protocol/index.ts';
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
