import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { BenchResult } from '../../../src/cli/bench/bench-result.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { suite } from '../../support/suite.ts';
import { fakeContext } from '../fake-context.ts';
import { spawnCommand } from './bench-child.ts';
import { bench, createTopic, untilLoaded, withServers } from './bench-servers.ts';

// Each run is a process of its own, and so are the servers: this is how a bench ends for who calls it.

const test = suite('bench command');

test(
  'what was sent, alone and in batches, is what is stored and what is pulled',
  () =>
    withServers(async (servers, folder) => {
      await createTopic(servers, 'Load');
      const to = ['-t', 'Load', '-n', servers.namesrvAddr];
      const environment = { SATURNMQ_BENCH: join(folder, 'runs') };
      const sent = await spawnCommand(
        ['bench', 'producer', '-q', '3000', '-w', '10', '--connections', '3', '--save=one', ...to],
        environment,
      ).ended;
      assert.is(sent.code, 0, sent.err);
      assert.match(sent.out, /producer: 3,000 messages in /);
      assert.match(sent.out, /█/);
      assert.match(sent.out, /saved as .*one\.json/);
      const shape = ['-q', '100', '-b', '20', '-l', '3', '-k', 'true', '-p', '40'];
      const batch = await bench('batch', ...shape, '--json', '--serialize', 'ROCKETMQ', ...to);
      assert.is(batch.code, 0, batch.err);
      const batched = JSON.parse(batch.out) as BenchResult;
      assert.is(batched.messages, 2000);
      assert.is(batched.requests, 100);
      for (const serialize of ['JSON', 'ROCKETMQ']) {
        const pulled = await bench('pull', '--json', '--serialize', serialize, ...to);
        assert.is(pulled.code, 0, pulled.err);
        assert.is((JSON.parse(pulled.out) as BenchResult).messages, 5000);
      }
      const args = ['-q', '5000', '--json', '-g', 'readers', '-p', 'false', '-t', 'Load'];
      const consumed = await bench('consumer', ...args, '-n', servers.namesrvAddr);
      assert.is(consumed.code, 0, consumed.err);
      assert.is((JSON.parse(consumed.out) as BenchResult).messages, 5000);
      const compared = await spawnCommand(['bench', 'compare', 'one', 'one'], environment).ended;
      assert.match(compared.out, /messages\/s .* 1\.00 ×/);
    }),
  60_000,
);

test(
  'a rate is kept, and response times count from when a request was due',
  () =>
    withServers(async (servers) => {
      await createTopic(servers, 'Paced');
      const args = ['--rate', '500', '--seconds', '1', '--json', '-t', 'Paced'];
      const ended = await bench('producer', ...args, '-n', servers.namesrvAddr);
      assert.is(ended.code, 0, ended.err);
      const result = JSON.parse(ended.out) as BenchResult;
      assert.ok(result.messages >= 400 && result.messages <= 520, String(result.messages));
    }),
  60_000,
);

test(
  'a broker that stops answering ends it with what it measured',
  () =>
    withServers(async (servers) => {
      await createTopic(servers, 'Hangs');
      const args = ['-t', 'Hangs', '--timeout', '300', '-n', servers.namesrvAddr];
      const load = spawnCommand(['bench', 'producer', ...args]);
      await untilLoaded(servers, 'Hangs');
      servers.child.signal('SIGSTOP');
      const { code, out, err } = await load.ended;
      servers.child.signal('SIGCONT');
      assert.is(code, 1);
      assert.match(out, /producer: [1-9][\d,]* messages in /);
      assert.match(err, /no answer for \d+ s/);
    }),
  60_000,
);

test(
  'Ctrl-C ends it with what it measured',
  () =>
    withServers(async (servers) => {
      await createTopic(servers, 'Stops');
      const load = spawnCommand(['bench', 'batch', '-t', 'Stops', '-n', servers.namesrvAddr]);
      await untilLoaded(servers, 'Stops');
      load.child.kill('SIGINT');
      const { code, out, err } = await load.ended;
      assert.is(code, 0, err);
      assert.match(out, /batch: [1-9][\d,]* messages in /);
    }),
  60_000,
);

test('a kind that does not exist is answered with the nearest, and help shows every option', async () => {
  const context = fakeContext();
  assert.is(await runCli('saturnmq', ['bench', 'produce'], context, '1'), 1);
  assert.match(context.errors.join('\n'), /did you mean "producer"\?/);
  assert.is(await runCli('saturnmq', ['bench'], context, '1'), 1);
  assert.match(context.errors.join('\n'), /the kind is missing; there are producer, /);
  assert.is(await runCli('saturnmq', ['bench', 'compare', 'one'], context, '1'), 1);
  assert.match(context.errors.join('\n'), /takes two saved runs/);
  assert.is(await runCli('saturnmq', ['help', 'bench'], context, '1'), 0);
  const help = context.lines.join('\n');
  for (const option of ['producer:', '-b, --batchSize <n>', '--maxMessages', '--save <name>'])
    assert.ok(help.includes(option), option);
});
