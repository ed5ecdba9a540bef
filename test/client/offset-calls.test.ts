import { is } from 'uvu/assert';
import { ClientCore } from '../../src/client/core.ts';
import { OffsetCalls } from '../../src/client/offset-calls.ts';
import { RequestCode, ResponseCode, responseOf } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { createFakeCluster, rejectionCode } from './fake-cluster.ts';

const test = suite('offset-calls');
const QUEUE = { topic: 'T', brokerName: 'broker-a', queueId: 1 };
const BOUNDS = { timeoutMs: 1000 };

const create = () => {
  const cluster = createFakeCluster();
  cluster.broker().createTopic('T', 2);
  cluster.broker().store('T', 1, Buffer.from('x'), '');
  const options = { namesrvAddr: cluster.namesrvAddr, environment: cluster.environment() };
  const core = new ClientCore(options, {});
  core.start();
  return { cluster, offsets: new OffsetCalls(core) };
};

test('positions of a queue are read', async () => {
  const { cluster, offsets } = create();
  is(await cluster.settle(offsets.min(QUEUE, BOUNDS)), 0);
  is(await cluster.settle(offsets.max(QUEUE, BOUNDS)), 1);
  is(await cluster.settle(offsets.byTime(QUEUE, 9, BOUNDS)), 1);
  is(cluster.broker().of(RequestCode.SEARCH_OFFSET_BY_TIMESTAMP)[0]?.fields['timestamp'], 9);
});

test('what is stored with or without an answer is found again; nothing stored is no error', async () => {
  const { cluster, offsets } = create();
  is(await cluster.settle(offsets.committed('CG', QUEUE, BOUNDS)), undefined);
  await cluster.settle(offsets.commit('CG', QUEUE, 5, BOUNDS));
  is(await cluster.settle(offsets.committed('CG', QUEUE, BOUNDS)), 5);
  await cluster.settle(offsets.tellCommit('CG', QUEUE, 6, BOUNDS));
  await cluster.advance(20);
  is(await cluster.settle(offsets.committed('CG', QUEUE, BOUNDS)), 6);
});

test('any other refusal is an error: nobody may begin at a wrong offset', async () => {
  const { cluster, offsets } = create();
  cluster.broker().script = () => responseOf(ResponseCode.SYSTEM_ERROR, { remark: 'no' });
  is(await rejectionCode(cluster.settle(offsets.committed('CG', QUEUE, BOUNDS))), 'REFUSED');
});
