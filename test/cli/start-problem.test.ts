import * as assert from 'uvu/assert';
import { runCli } from '../../src/cli/run-cli.ts';
import { startProblem } from '../../src/cli/start-problem.ts';
import { suite } from '../support/suite.ts';
import { fakeContext } from './fake-context.ts';

const test = suite('start problem');

test('a taken port is one line with the remedy', async () => {
  const context = fakeContext();
  const cause = Object.assign(new Error('listen EADDRINUSE'), {
    code: 'EADDRINUSE',
    address: '127.0.0.1',
    port: 10_911,
  });
  context.startError = new Error('cannot listen', { cause });
  assert.is(await runCli('saturnmq', ['start'], context, '1'), 1);
  assert.is(context.errors.length, 1);
  assert.ok(context.errors[0]?.startsWith('saturnmq: port 10911 on 127.0.0.1 is taken'));
});

test('what is no problem of a socket stays as it is', () => {
  const denied = Object.assign(new Error('open'), { code: 'EACCES', path: '/x' });
  assert.is(startProblem(denied), denied);
  assert.is(startProblem('text'), 'text');
});

test('an address of another machine and a port below 1024 have their remedies', () => {
  const at = { address: '10.9.9.9', port: 80 };
  const message = (code: string): string =>
    String(startProblem(Object.assign(new Error(code), { code, ...at })));
  assert.ok(
    message('EADDRNOTAVAIL').includes('10.9.9.9') && message('EADDRNOTAVAIL').includes('--host'),
  );
  assert.ok(message('EACCES').includes('above 1023'));
});
