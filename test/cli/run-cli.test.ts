import * as assert from 'uvu/assert';
import { runCli } from '../../src/cli/run-cli.ts';
import { suite } from '../support/suite.ts';
import { fakeContext } from './fake-context.ts';

const test = suite('run cli');

test('without a command it lists the commands', async () => {
  for (const args of [[], ['help'], ['--help'], ['-h']]) {
    const context = fakeContext();
    assert.is(await runCli('saturnmq', args, context, '1.2.3'), 0);
    const text = context.lines.join('\n');
    for (const name of ['start', 'send', 'consume', 'topic', 'actors', 'version', 'help'])
      assert.ok(text.includes(name), name);
  }
});

test('the version is printed', async () => {
  const context = fakeContext();
  assert.is(await runCli('saturnmq', ['version'], context, '1.2.3'), 0);
  assert.equal(context.lines, ['SaturnMQ 1.2.3']);
});

test('each command and program explains its options and starts nothing', async () => {
  for (const name of ['start', 'send', 'consume', 'topic', 'actors']) {
    for (const args of [
      ['help', name],
      [name, '--help'],
      [name, '-h'],
    ]) {
      const context = fakeContext();
      assert.is(await runCli('saturnmq', args, context, '1'), 0);
      assert.ok(context.lines[0]?.startsWith(`usage: saturnmq ${name}`));
      assert.ok(context.lines.some((line) => line.includes('--help')));
    }
  }
  for (const program of ['mqbroker', 'mqnamesrv'] as const) {
    const context = fakeContext();
    assert.is(await runCli(program, ['-h'], context, '1'), 0);
    for (const option of ['--configFile', '--printConfigItem', '--namesrvAddr'])
      assert.ok(
        context.lines.some((line) => line.includes(option)),
        option,
      );
    assert.equal(context.started, []);
  }
});

test('an unknown command is one line with the nearest name', async () => {
  const context = fakeContext();
  assert.is(await runCli('saturnmq', ['strat'], context, '1'), 1);
  assert.equal(context.errors, ['saturnmq: there is no command "strat"; did you mean "start"?']);
  assert.is(await runCli('saturnmq', ['constructor'], fakeContext(), '1'), 1);
});

test('a wrong option is one line and exit code 1', async () => {
  for (const program of ['mqbroker', 'mqnamesrv', 'saturnmq'] as const) {
    const context = fakeContext();
    const args = program === 'saturnmq' ? ['start', '-x'] : ['-x'];
    assert.is(await runCli(program, args, context, '1'), 1);
    assert.is(context.errors.length, 1);
    assert.equal(context.started, []);
  }
});

test('a bug shows where it happened', async () => {
  const context = fakeContext();
  context.startError = new Error('surprise');
  assert.is(
    await runCli('saturnmq', ['start', '--broker-port=0', '--namesrv-port=0'], context, '1'),
    1,
  );
  assert.ok(context.errors[0]?.includes('surprise') && context.errors[0].includes('at '));
});
