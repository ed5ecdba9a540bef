import * as assert from 'uvu/assert';
import { runCli } from '../../src/cli/run-cli.ts';
import { suite } from '../support/suite.ts';
import { fakeContext, settle, startAndStop } from './fake-context.ts';

const test = suite('run node');

test("RocketMQ's boot lines come first, then the address in plain view", async () => {
  const context = fakeContext();
  await startAndStop('mqbroker', ['-n', 'c:1'], context);
  assert.match(
    context.lines[0] ?? '',
    /^The broker\[.+, 10\.0\.0\.5:10911\] boot success\. serializeType=JSON and name server is c:1$/,
  );
  assert.ok(context.lines[1]?.includes('10.0.0.5:10911'));
  const alone = fakeContext();
  await startAndStop('mqbroker', [], alone);
  assert.ok(alone.lines[0]?.endsWith('serializeType=JSON'));
  const both = fakeContext();
  await startAndStop('saturnmq', ['start'], both);
  assert.is(both.lines[0], 'The Name Server boot success. serializeType=JSON');
  assert.ok(both.lines[1]?.endsWith('and name server is 127.0.0.1:19876'));
});

test('who starts both servers is told what to try next, with the name server to name', async () => {
  const both = fakeContext();
  await startAndStop('saturnmq', ['start'], both);
  const send = both.lines.find((line) => line.includes(' send '));
  assert.is(
    send?.trim(),
    'node bin/saturnmq.mjs send TopicTest "Hello SaturnMQ" -n 127.0.0.1:19876',
  );
  const alone = fakeContext();
  await startAndStop('mqbroker', [], alone);
  assert.not.ok(alone.lines.some((line) => line.includes(' send ')));
});

test('a second signal ends the process at once', async () => {
  const context = fakeContext();
  const ended = runCli('saturnmq', ['start'], context, '1');
  await settle();
  context.signal('SIGINT');
  context.signal('SIGINT');
  assert.equal(context.exits, [130]);
  assert.is(await ended, 0);
});

test('a signal during the start still ends in a clean close', async () => {
  const context = fakeContext();
  const ended = runCli('saturnmq', ['start'], context, '1');
  context.signal('SIGTERM');
  assert.is(await ended, 0);
  assert.is(context.closedNodes, 1);
});

test('a fatal error closes the node and fails', async () => {
  const context = fakeContext();
  const ended = runCli('saturnmq', ['start'], context, '1');
  await settle();
  context.fail(new Error('disk on fire'));
  assert.is(await ended, 1);
  assert.is(context.closedNodes, 1);
});
