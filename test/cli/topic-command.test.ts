import * as assert from 'uvu/assert';
import { runCli } from '../../src/cli/run-cli.ts';
import { suite } from '../support/suite.ts';
import type { FakeContext } from './fake-context.ts';
import { fakeContext } from './fake-context.ts';

const test = suite('topic command');
const run = (context: FakeContext, ...args: string[]): Promise<number> =>
  runCli('saturnmq', args, context, '1');

test('topics are listed, created, deleted and looked at', async () => {
  const context = fakeContext();
  assert.is(await run(context, 'topic', 'list'), 0);
  assert.is(await run(context, 'topic', 'create', 'T', '--queues', '4'), 0);
  assert.is(await run(context, 'topic', 'delete', 'T'), 0);
  assert.is(await run(context, 'topic', 'status', 'T'), 0);
  assert.equal(context.client.created, [{ name: 'T', queues: 4, perm: 6 }]);
  assert.equal(context.client.deleted, ['T']);
  assert.equal(context.lines, [
    'a',
    'b',
    'created T with 4 queues',
    'deleted T',
    'b/0 queueOffsetMin=1 queueOffsetMax=5',
  ]);
});
