import * as assert from 'uvu/assert';
import { runCli } from '../../src/cli/run-cli.ts';
import { suite } from '../support/suite.ts';
import type { FakeContext } from './fake-context.ts';
import { fakeContext } from './fake-context.ts';

const test = suite('client options');
const run = (context: FakeContext, ...args: string[]): Promise<number> =>
  runCli('saturnmq', args, context, '1');

test('the name server is -n, then NAMESRV_ADDR, then this machine', async () => {
  const context = fakeContext({ NAMESRV_ADDR: 'env:1' });
  await run(context, 'topic', 'list', '-n', 'line:1');
  await run(context, 'topic', 'list');
  const bare = fakeContext();
  await run(bare, 'topic', 'list');
  assert.equal(
    [...context.connectedTo, ...bare.connectedTo],
    ['line:1', 'env:1', '127.0.0.1:9876'],
  );
});

test('what is missing or unknown is one line', async () => {
  for (const args of [
    ['send'],
    ['consume'],
    ['topic'],
    ['topic', 'create'],
    ['topic', 'paint', 'T'],
    ['topic', 'toString'],
  ]) {
    const context = fakeContext();
    assert.is(await run(context, ...args), 1, args.join(' '));
    assert.is(context.errors.length, 1);
  }
});

test('a failing client is closed and its error is the answer', async () => {
  const context = fakeContext();
  context.client.send = async () => {
    throw Object.assign(new Error('no route to topic T'), { code: 'NO_ROUTE' });
  };
  assert.is(await run(context, 'send', 'T', 'x'), 1);
  assert.equal(context.errors, ['saturnmq: no route to topic T']);
  assert.ok(context.client.isClosed);
});
