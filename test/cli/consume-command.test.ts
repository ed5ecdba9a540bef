import * as assert from 'uvu/assert';
import { runCli } from '../../src/cli/run-cli.ts';
import { suite } from '../support/suite.ts';
import type { FakeContext } from './fake-context.ts';
import { fakeContext, settle } from './fake-context.ts';

const test = suite('consume command');
const run = (context: FakeContext, ...args: string[]): Promise<number> =>
  runCli('saturnmq', args, context, '1');

const received = (text: string, queueOffset: number) => ({
  msgId: `m${queueOffset}`,
  brokerName: 'b',
  queueId: 2,
  queueOffset,
  body: Buffer.from(text),
  tags: undefined,
  keys: 'k',
});

test('consume prints as many messages as asked for and stops', async () => {
  const context = fakeContext();
  context.client.inbox.push(received('one', 0), received('two', 1), received('three', 2));
  assert.is(await run(context, 'consume', 'T', '-g', 'G', '--count=2', '--tags', 'A || B'), 0);
  assert.equal(context.lines, ['one', 'two']);
  assert.equal(
    context.client.left.map(({ msgId }) => msgId),
    ['m2'],
    'the third stays with the group',
  );
  assert.equal(context.client.subscriptions, [
    { topic: 'T', consumerGroup: 'G', subExpression: 'A || B', isFromFirst: true },
  ]);
  assert.ok(context.client.isStopped && context.client.isClosed);
});

test('consume ends in order when it is interrupted', async () => {
  const context = fakeContext();
  const ended = run(context, 'consume', 'T', '-v', '--from-latest');
  await settle();
  context.signal('SIGINT');
  assert.is(await ended, 0);
  assert.is(context.client.subscriptions[0]?.isFromFirst, false);
  assert.ok(context.client.isStopped);
});

test('verbose lines name the queue', async () => {
  const context = fakeContext();
  context.client.inbox.push(received('one', 7));
  await run(context, 'consume', 'T', '-v', '--count=1');
  assert.equal(context.lines, ['msgId=m7 queue=b/2 queueOffset=7 keys=k body=one']);
});
