import * as assert from 'uvu/assert';
import { runCli } from '../../src/cli/run-cli.ts';
import { suite } from '../support/suite.ts';
import { fakeContext, withFile } from './fake-context.ts';

const test = suite('server commands');

test('a refused setting, a bad name server list and a missing file have their exit codes and one line', () =>
  withFile('aclEnable=true\n', async (path) => {
    for (const [args, code, part] of [
      [['-c', path], 255, 'aclEnable=true'],
      [['-n', 'nonsense'], 253, 'host:port'],
      [['-c', `${path}.missing`], 255, 'no such file'],
    ] as const) {
      const context = fakeContext();
      assert.is(await runCli('mqbroker', args, context, '1'), code);
      assert.is(context.errors.length, 1);
      assert.ok(context.errors[0]?.includes(part));
      assert.equal(context.started, []);
    }
  }));

test('an address or port that cannot be is refused before anything starts', async () => {
  for (const args of [
    ['--host', 'my host'],
    ['--host', 'example.org'],
    ['--broker-port', '70000'],
    ['--namesrv-port=x'],
  ]) {
    const context = fakeContext();
    assert.is(await runCli('saturnmq', ['start', ...args], context, '1'), 1);
    assert.is(context.errors.length, 1);
    assert.equal(context.started, []);
  }
});
