import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { type Child, startChild } from '../support/child.ts';
import { repositoryRoot } from '../support/java.ts';
import { runnableBlocks } from '../support/markdown.ts';
import { suite } from '../support/suite.ts';

// Runs the README's blocks as a reader would, only against a node on free ports instead of RocketMQ's.

const test = suite('readme');
const README = readFileSync(join(repositoryRoot, 'README.md'), 'utf8');
const DEFAULT_NAMESRV = '127.0.0.1:9876';
const READY_MS = 30_000;
const BLOCK_MS = 240_000;

const startNode = (folder: string): Promise<Child> =>
  startChild({
    name: 'saturnmq start',
    command: process.execPath,
    args: [
      join(repositoryRoot, 'bin', 'saturnmq.mjs'),
      'start',
      ...['--store', join(folder, 'store'), '--broker-port', '0', '--namesrv-port', '0'],
    ],
    ready: /The broker\[.*boot success[\s\S]*store /,
    readyLimitMs: READY_MS,
  });

const has = (command: string): boolean =>
  spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

/** Saves the files of the blocks called `name` in `folder`, then runs `command` or their shell blocks; returns the output. */
const runBlocks = (
  name: string,
  namesrv: string,
  folder: string,
  cwd: string,
  command?: string,
): string => {
  const blocks = runnableBlocks(README, name);
  assert.ok(blocks.length > 0, `the README has blocks called ${name}`);
  for (const { file, body } of blocks) {
    if (file === undefined) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), body.replaceAll(DEFAULT_NAMESRV, namesrv));
  }
  const shell = blocks.filter(({ file }) => file === undefined).map(({ body }) => body);
  const { status, stdout, stderr } = spawnSync('sh', ['-e', '-c', command ?? shell.join('\n')], {
    cwd,
    encoding: 'utf8',
    timeout: BLOCK_MS,
    env: { ...process.env, NAMESRV_ADDR: namesrv },
  });
  assert.is(status, 0, `${stdout}\n${stderr}`);
  return stdout;
};

const withNode = async (body: (namesrv: string, folder: string) => void): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-'));
  const node = await startNode(folder);
  try {
    const namesrv = node.output().match(/name server\s+(127\.0\.0\.1:\d+)/)?.[1];
    assert.ok(namesrv, node.output());
    body(String(namesrv), folder);
  } finally {
    await node.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

test(
  'the lines for the command line send and consume a message',
  () =>
    withNode((namesrv, folder) => {
      const output = runBlocks('cli', namesrv, folder, repositoryRoot);
      assert.match(output, /^SEND_OK /m);
      assert.match(output, /^Hello SaturnMQ$/m);
    }),
  BLOCK_MS,
);

test(
  'the program for Node sends and receives a message',
  () =>
    withNode((namesrv) => {
      // Inside of the clone, where the package finds itself by name.
      mkdirSync(join(repositoryRoot, '.cache'), { recursive: true });
      const folder = mkdtempSync(join(repositoryRoot, '.cache', 'readme-'));
      try {
        const command = 'node first-message.mjs';
        const output = runBlocks('node', namesrv, folder, folder, command);
        assert.match(output, /SEND_OK/);
        assert.match(output, /^Hello from Node$/m);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }),
  BLOCK_MS,
);

test(
  'the program that embeds a node sends and receives a message',
  () => {
    mkdirSync(join(repositoryRoot, '.cache'), { recursive: true });
    const folder = mkdtempSync(join(repositoryRoot, '.cache', 'readme-'));
    try {
      const output = runBlocks('embed', DEFAULT_NAMESRV, folder, folder, 'node embedded.mjs');
      assert.is(output, 'Hello from inside\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  BLOCK_MS,
);

const javaTitle = 'the program for Java sends and receives a message';
if (has('mvn')) {
  test(
    javaTitle,
    () =>
      withNode((namesrv, folder) => {
        const java = join(folder, 'java');
        mkdirSync(java);
        const output = runBlocks('java', namesrv, java, java);
        assert.match(output, /SEND_OK/);
        assert.match(output, /^Hello from Java$/m);
      }),
    BLOCK_MS,
  );
} else {
  test.skip(javaTitle, 'this machine has no Maven');
}
