import { equal } from 'uvu/assert';
import { ClientCore } from '../../src/client/core.ts';
import { OffsetCalls } from '../../src/client/offset-calls.ts';
import { type ConsumeFromWhere, startOffset } from '../../src/client/start-offset.ts';
import { suite } from '../support/suite.ts';
import { createFakeCluster } from './fake-cluster.ts';

const test = suite('start-offset');

test('first, last and by time; retry queues from their beginning', async () => {
  const cluster = createFakeCluster();
  for (const topic of ['T', '%RETRY%CG']) {
    cluster.broker().createTopic(topic, 1);
    for (let index = 0; index < 3; index++) cluster.broker().store(topic, 0, Buffer.from('x'), '');
  }
  const options = { namesrvAddr: cluster.namesrvAddr, environment: cluster.environment() };
  const core = new ClientCore(options, {});
  core.start();
  const offsets = new OffsetCalls(core);
  const of = (topic: string, where: ConsumeFromWhere): Promise<number> => {
    const queue = { topic, brokerName: 'broker-a', queueId: 0 };
    return cluster.settle(startOffset(offsets, queue, where, 5, { timeoutMs: 1000 }));
  };
  const results = [];
  for (const where of [
    'CONSUME_FROM_FIRST_OFFSET',
    'CONSUME_FROM_LAST_OFFSET',
    'CONSUME_FROM_TIMESTAMP',
  ] as const) {
    results.push([await of('T', where), await of('%RETRY%CG', where)]);
  }
  equal(results, [
    [0, 0],
    [3, 0],
    [1, 3],
  ]);
});
