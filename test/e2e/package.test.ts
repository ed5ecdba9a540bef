import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { repositoryRoot } from '../support/java.ts';
import { installInto, packInto, runIn as run } from '../support/packed.ts';
import { suite } from '../support/suite.ts';

// The package as npm would publish it, installed into an empty folder, from which nothing of the repository is seen.

const test = suite('package');
const LIMIT_MS = 120_000;
const SHIPPED =
  /^(package\.json|LICENSE|NOTICE|README\.md|README\.zh-CN\.md|bin\/\w+\.mjs|conf\/[\w.-]+|dist\/lib\/[\w.-]+\.c?js|dist\/src\/[\w./-]+\.d\.c?ts)$/;
const UNPACKED_BYTES_MAX = 4 * 1024 * 1024;

const write = (folder: string, name: string, text: string): void =>
  writeFileSync(join(folder, name), text);

/** One installation serves all tests; it goes with this process. */
const folder = mkdtempSync(join(tmpdir(), 'saturnmq-package-'));
const app = join(folder, 'app');
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const packed = packInto(folder);

test('it holds the programs, the bundled sources, their types and the papers, and nothing else', () => {
  const paths = packed.files.map(({ path }) => path);
  assert.equal(
    paths.filter((path) => !SHIPPED.test(path)),
    [],
  );
  const manifest = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
    readonly bin: Readonly<Record<string, string>>;
  };
  const entries = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  const needed = [
    ...[...entries, ...Object.values(manifest.bin)].map((path) => path.replace(/^\.\//, '')),
    'LICENSE',
    'NOTICE',
    'README.md',
    'README.zh-CN.md',
    'bin/launch.mjs',
    'conf/broker.conf',
    'dist/lib/node.worker.js',
    'dist/lib/shard.worker.js',
    'dist/lib/pool.entry.cjs',
    'dist/lib/pool.worker.js',
    'dist/lib/broker-shard.js',
    'dist/lib/io-shard.js',
    'dist/lib/namesrv-shard.js',
    'dist/lib/pool-tasks.js',
  ];
  assert.equal(
    needed.filter((path) => !paths.includes(path)),
    [],
  );
  const kib = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`;
  process.stdout.write(
    `${paths.length} files, ${kib(packed.size)} packed, ${kib(packed.unpackedSize)} unpacked\n`,
  );
  assert.ok(packed.unpackedSize < UNPACKED_BYTES_MAX);
});

test(
  'it installs into an empty folder without scripts',
  () => {
    installInto(app, [join(folder, packed.filename)]);
  },
  LIMIT_MS,
);

const NAMES = `[
  [root.startNode, root.NodeError, root.Producer, root.PushConsumer],
  [ring.createRing, ring.RingWriter, ring.RingReader, ring.FanIn, ring.Doorbell],
  [client.Producer, client.PushConsumer, client.PullConsumer, client.Admin],
].flat().map((value) => typeof value).join()`;
const FUNCTIONS = Array.from({ length: 13 }, () => 'function').join();

test('ES modules import each of its entries, and get the same ones', () => {
  const text = `import * as root from 'saturnmq';
import * as ring from 'saturnmq/ring';
import * as client from 'saturnmq/client';
import manifest from 'saturnmq/package.json' with { type: 'json' };
console.log(${NAMES}, root.Producer === client.Producer, manifest.name);
`;
  write(app, 'import.mjs', text);
  assert.is(run(app, process.execPath, ['import.mjs']), `${FUNCTIONS} true saturnmq\n`);
});

test('CommonJS requires each of its entries', () => {
  const text = `const root = require('saturnmq');
const ring = require('saturnmq/ring');
const client = require('saturnmq/client');
console.log(${NAMES}, root.Producer === client.Producer);
`;
  write(app, 'require.cjs', text);
  assert.is(run(app, process.execPath, ['require.cjs']), `${FUNCTIONS} true\n`);
});

test('what is inside is not reachable', () => {
  const text = `import('saturnmq/dist/lib/broker.js').catch(({ code }) => console.log(code));\n`;
  write(app, 'inside.mjs', text);
  assert.is(run(app, process.execPath, ['inside.mjs']), 'ERR_PACKAGE_PATH_NOT_EXPORTED\n');
});

test('TypeScript checks a program against its types, from both kinds of modules', () => {
  const program = `import { type NodeOptions, type SaturnNode, startNode } from 'saturnmq';
import { Producer, PushConsumer, type ReceivedMessage } from 'saturnmq/client';
import { createRing, RingReader, RingWriter } from 'saturnmq/ring';

export const start = async (options: NodeOptions): Promise<SaturnNode> => {
  const node = await startNode(options);
  return node.on('shardExit', ({ shard, reason }) => process.emitWarning(shard + reason));
};
// @ts-expect-error There is no such flush.
export const wrong: NodeOptions = { storePath: 'store', flush: 'SYNC' };
export const send = async (namesrvAddr: string): Promise<string> => {
  const producer = new Producer({ namesrvAddr, producerGroup: 'group' });
  await producer.start();
  const { msgId } = await producer.send({ topic: 'Topic', body: 'body' });
  return msgId;
};
export const consume = (consumer: PushConsumer, on: (message: ReceivedMessage) => void): void => {
  consumer.subscribe('Topic', '*', (message) => on(message));
};
const memory: SharedArrayBuffer = createRing(1024);
export const capacity: number = new RingWriter(memory).capacity;
export const isEmpty: boolean = new RingReader(memory).isEmpty;
// @ts-expect-error A group is needed.
new Producer({ namesrvAddr: 'localhost:9876' });
`;
  write(app, 'program.mts', program);
  write(app, 'common.cts', program);
  const options = {
    strict: true,
    noEmit: true,
    module: 'NodeNext',
    target: 'ES2023',
    exactOptionalPropertyTypes: true,
    types: ['node'],
    typeRoots: [join(repositoryRoot, 'node_modules', '@types')],
  };
  const config = { compilerOptions: options, files: ['program.mts', 'common.cts'] };
  write(app, 'tsconfig.json', JSON.stringify(config));
  const tsc = join(repositoryRoot, 'node_modules', 'typescript', 'bin', 'tsc');
  run(app, process.execPath, [tsc, '-p', '.']);
});

test('its programs run by name', () => {
  assert.match(run(app, 'npx', ['--no-install', 'saturnmq', 'version']), /^SaturnMQ \d+\.\d+\.\d+/);
  for (const program of ['mqbroker', 'mqnamesrv'])
    assert.match(run(app, 'npx', ['--no-install', program, '-p']), /^listenPort=\d+$/m);
});

test(
  'a node started from it takes a message and gives it out',
  () => {
    const text = `import { Producer, PushConsumer, startNode } from 'saturnmq';

const node = await startNode({
  storePath: process.argv[2],
  listen: { port: 0, namesrvPort: 0 },
  ioShards: 1,
  broker: { mappedFileSizeCommitLog: 4 * 1024 * 1024 },
});
const { namesrvAddr } = node;
const producer = new Producer({ namesrvAddr, producerGroup: 'producers' });
await producer.start();
const { sendStatus } = await producer.send({ topic: 'Topic', body: 'Hello' });
const consumer = new PushConsumer({
  namesrvAddr,
  consumerGroup: 'consumers',
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
});
const received = new Promise((done) => consumer.subscribe('Topic', '*', ({ body }) => done(String(body))));
await consumer.start();
console.log(sendStatus, await received);
await consumer.close();
await producer.close();
await node.close();
`;
    write(app, 'node.mjs', text);
    const store = join(folder, 'store');
    assert.is(run(app, process.execPath, ['node.mjs', store]), 'SEND_OK Hello\n');
  },
  LIMIT_MS,
);
