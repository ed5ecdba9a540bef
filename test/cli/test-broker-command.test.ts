import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import * as assert from 'uvu/assert';
import { runCli } from '../../src/cli/run-cli.ts';
import { suite } from '../support/suite.ts';
import { spawnCommand } from './bench/bench-child.ts';
import { fakeContext } from './fake-context.ts';

const test = suite('test broker command');

const isListening = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const [host = '', port = ''] = address.split(':');
    const socket = connect({ host, port: Number(port) });
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });

test('a process prints its addresses as one line, moves its clock, and ends with its standard input', async () => {
  const { child, ended } = spawnCommand(['test-broker', '--clock', 'manual']);
  const lines: AsyncIterator<string> = createInterface({
    input: child.stdout as NodeJS.ReadableStream,
  })[Symbol.asyncIterator]();
  const next = async (): Promise<Record<string, unknown>> =>
    JSON.parse((await lines.next()).value ?? '{}');
  const ready = await next();
  assert.ok(await isListening(String(ready['namesrvAddr'])));
  assert.ok(await isListening(String(ready['brokerAddr'])));
  child.stdin?.write('advance 1000\nadvance 500\nwhat\n');
  const [first, second, third] = [await next(), await next(), await next()];
  assert.is(Number(second['now']) - Number(first['now']), 500);
  assert.match(String(third['error']), /advance MILLISECONDS/);
  child.stdin?.end();
  assert.is((await ended).code, 0);
  assert.not(existsSync(String(ready['storePath'])));
});

test('without standard input only a signal ends it', async () => {
  const { child, ended } = spawnCommand(['test-broker', '--detached']);
  child.stdin?.end();
  await new Promise((done) => child.stdout?.once('data', done));
  child.kill('SIGTERM');
  assert.is((await ended).code, 0);
});

test('it runs in this process too, and refuses a clock that it does not know', async () => {
  const context = fakeContext({}, ['advance 10']);
  assert.is(await runCli('saturnmq', ['test-broker'], context, '1'), 0);
  assert.is(context.lines.length, 2);
  assert.is(await runCli('saturnmq', ['test-broker', '--clock', 'slow'], context, '1'), 1);
  assert.match(context.errors.join(), /--clock takes running or manual/);
});
