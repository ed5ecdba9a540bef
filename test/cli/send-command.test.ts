import * as assert from 'uvu/assert';
import { runCli } from '../../src/cli/run-cli.ts';
import { suite } from '../support/suite.ts';
import type { FakeContext } from './fake-context.ts';
import { fakeContext } from './fake-context.ts';

const test = suite('send command');
const run = (context: FakeContext, ...args: string[]): Promise<number> =>
  runCli('saturnmq', args, context, '1');
const bodies = (context: FakeContext): string[] =>
  context.client.sent.map(({ body }) => body.toString());

test('send sends its text with tags and keys and says where it went', async () => {
  const context = fakeContext();
  assert.is(await run(context, 'send', 'T', 'héllo', '--tags', 'A', '--keys=k1 k2'), 0);
  const sent = context.client.sent[0];
  assert.equal(bodies(context), ['héllo']);
  assert.is(sent?.tags, 'A');
  assert.is(sent?.keys, 'k1 k2');
  assert.equal(context.lines, ['SEND_OK msgId=id0 queue=b/1 queueOffset=0']);
  assert.ok(context.client.isClosed);
});

test('send repeats, or takes one message from each line of its input', async () => {
  const repeated = fakeContext();
  assert.is(await run(repeated, 'send', 'T', 'x', '--count', '3'), 0);
  assert.equal(bodies(repeated), ['x', 'x', 'x']);
  const piped = fakeContext({}, ['a', '', 'b']);
  assert.is(await run(piped, 'send', 'T'), 0);
  assert.equal(bodies(piped), ['a', '', 'b']);
});

test('a count of what is read line by line makes no sense, and is not passed over', async () => {
  const context = fakeContext({}, ['a']);
  assert.is(await run(context, 'send', 'T', '--count', '5'), 1);
  assert.equal(context.errors, [
    'saturnmq: --count repeats a BODY: saturnmq send TOPIC BODY --count n',
  ]);
  assert.equal([bodies(context), context.connectedTo], [[], []]);
});
