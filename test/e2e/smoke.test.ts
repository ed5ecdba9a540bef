import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { startChild } from '../support/child.ts';
import { repositoryRoot } from '../support/java.ts';
import { suite } from '../support/suite.ts';

// Small enough to run under another version of Node: one node, one message each way, one clean end.

const test = suite('smoke');
const READY_MS = 30_000;
const COMMAND_MS = 30_000;
const program = join(repositoryRoot, 'bin', 'saturnmq.mjs');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const run = (args: readonly string[], input = ''): Promise<Ended> =>
  new Promise((done) => {
    const child = spawn(process.execPath, [program, ...args], { timeout: COMMAND_MS });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      err += String(chunk);
    });
    child.on('close', (code) => done({ code, out, err }));
    child.stdin.end(input);
  });

const succeed = async (args: readonly string[], input = ''): Promise<string> => {
  const { code, out, err } = await run(args, input);
  assert.is(code, 0, `${args.join(' ')}\n${out}\n${err}`);
  return out;
};

test('a node starts on free ports, passes messages on, and leaves a clean store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-'));
  const store = join(folder, 'store');
  const start = ['start', '--store', store, '--broker-port', '0', '--namesrv-port', '0'];
  const node = await startChild({
    name: 'saturnmq start',
    command: process.execPath,
    args: [program, ...start],
    ready: /The broker\[.*boot success[\s\S]*store /,
    readyLimitMs: READY_MS,
  });
  try {
    const namesrv = node.output().match(/name server\s+(127\.0\.0\.1:\d+)/)?.[1];
    assert.ok(namesrv, node.output());
    const to = ['-n', String(namesrv)];
    const sent = await succeed(['send', 'SmokeTopic', 'hello', '--tags', 'A', ...to]);
    assert.match(sent, /^SEND_OK msgId=\S+ queue=\S+\/\d+ queueOffset=0$/m);
    assert.is(
      (await succeed(['send', 'SmokeTopic', ...to], 'two\nthree\n')).match(/SEND_OK/g)?.length,
      2,
    );
    const consumed = await succeed(['consume', 'SmokeTopic', '--count', '3', '-g', 'smoke', ...to]);
    assert.equal(consumed.trim().split('\n').sort(), ['hello', 'three', 'two']);
    assert.ok((await succeed(['topic', 'list', ...to])).split('\n').includes('SmokeTopic'));
    assert.match(await succeed(['actors', '--store', store]), /queue/);
    const end = await node.stop();
    assert.is(end.code, 0, node.output());
    assert.not.ok(existsSync(join(store, 'abort')), 'the abort marker is gone');
    assert.ok(readdirSync(join(store, 'commitlog')).length > 0);
    assert.not.ok(existsSync(join(store, 'control.sock')));
  } finally {
    if (node.isRunning) await node.kill9();
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);

test('the version is printed', () => {
  const { stdout } = spawnSync(process.execPath, [program, 'version'], { encoding: 'utf8' });
  assert.match(stdout, /^SaturnMQ \d+\.\d+\.\d+/);
});
