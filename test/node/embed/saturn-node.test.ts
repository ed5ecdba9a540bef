import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { askControl, type NodeOptions, startNode } from '../../../src/node/index.ts';
import { startChild } from '../../support/child.ts';
import { eventually } from '../../support/eventually.ts';
import { suite } from '../../support/suite.ts';
import {
  descriptorCount,
  failureOf,
  HOST,
  mappingsBelow,
  NodeClient,
  threadCount,
  withFolder,
} from '../node-fixture.ts';
import { embedOptions, withEmbedded } from './embed-fixture.ts';

const test = suite('saturn node');
const LIMIT_MS = 120_000;
const CHILD = new URL('./embed.child.js', import.meta.url).pathname;
const CYCLES = 5;
const CYCLES_TO_WARM_UP = 2;

test(
  'an embedded node serves TCP clients, closes as often as it is asked to, and leaves a clean store',
  () =>
    withFolder(async (folder) => {
      const node = await startNode(embedOptions(folder));
      const client = new NodeClient(node.brokerAddrs[0] ?? '');
      assert.match(node.namesrvAddr, /^127\.0\.0\.1:\d+$/);
      assert.is(await client.send(0, 'embedded'), 0);
      client.close();
      const closing = [node.close(), node.close(), node[Symbol.asyncDispose]()];
      assert.is(new Set(closing).size, 1);
      await Promise.all(closing);
      await node.close();
      assert.not.ok(existsSync(join(folder, 'abort')), 'the abort marker is gone');
      assert.equal(mappingsBelow(folder), []);
      assert.is((await failureOf(node.inspect())).code, 'NODE_CLOSED');
    }),
  LIMIT_MS,
);

test(
  'what a node tells while it starts is told once the application can listen',
  () =>
    withFolder(async (folder) => {
      const broker = { waitTimeMillsInSendQueue: 5, waitTimeMillsInPullQueue: 5 };
      const node = await startNode(embedOptions(join(folder, 'store'), { broker }));
      const warnings: string[] = [];
      const thrown: Error[] = [];
      const onThrown = (error: Error): void => void thrown.push(error);
      process.on('uncaughtException', onThrown);
      node.on('warning', (warning) => {
        warnings.push(warning);
        throw new Error('of the application');
      });
      await node.inspect();
      await node.close();
      process.off('uncaughtException', onThrown);
      assert.is(thrown.length, 2);
      assert.is(warnings.length, 2);
      assert.match(String(warnings), /waitTimeMillsInSendQueue.*waitTimeMillsInPullQueue/);
    }),
  LIMIT_MS,
);

test(
  'a blocked application stalls no TCP client',
  () =>
    withEmbedded({}, async (node) => {
      const child = await startChild({
        name: 'embed.child',
        command: process.execPath,
        args: [CHILD, 'load', node.brokerAddrs[0] ?? ''],
        ready: /^sending$/m,
        readyLimitMs: LIMIT_MS,
      });
      const blockedMs = 1_500;
      const end = performance.now() + blockedMs;
      while (performance.now() < end);
      await eventually(
        async () => child.output(),
        (output) => output.includes('longest'),
        LIMIT_MS,
      );
      await child.ended;
      const [, count, longestMs] = child.output().match(/sent (\d+) longest (\d+)/) ?? [];
      assert.ok(Number(count) > 100, child.output());
      assert.ok(Number(longestMs) < blockedMs / 2, child.output());
    }),
  LIMIT_MS,
);

test(
  'a store serves one node: another of this process or of another is told who has it, and about TCP',
  () =>
    withEmbedded({}, async (node, folder) => {
      const own = await failureOf(startNode(embedOptions(folder)));
      assert.is(own.code, 'STORE_IN_USE');
      assert.ok(own.message.includes('another node of this process'), own.message);
      assert.ok(own.message.includes('TCP'), own.message);
      const child = spawn(process.execPath, [CHILD, 'start', folder]);
      let output = '';
      child.stdout.on('data', (chunk) => (output += String(chunk)));
      child.stderr.on('data', (chunk) => (output += String(chunk)));
      await once(child, 'close');
      assert.match(output, /^NodeError STORE_IN_USE/m);
      assert.ok(output.includes(`process ${process.pid}:`), output);
      const client = new NodeClient(node.brokerAddrs[0] ?? '');
      assert.is(await client.send(0, 'undisturbed'), 0);
      client.close();
    }),
  LIMIT_MS,
);

test(
  'a closed node keeps no process alive',
  () =>
    withFolder(async (folder) => {
      const child = spawn(process.execPath, [CHILD, 'start', folder]);
      let output = '';
      child.stdout.on('data', (chunk) => (output += String(chunk)));
      child.stderr.on('data', (chunk) => (output += String(chunk)));
      const [code] = await once(child, 'close');
      assert.is(code, 0, output);
      assert.match(output, /^closed$/m);
    }),
  LIMIT_MS,
);

const INLINE = `const { startNode, Producer } = await import(process.env.SATURNMQ_ENTRY);
const node = await startNode({ storePath: process.env.SATURNMQ_STORE, listen: false });
const producer = new Producer({ node, producerGroup: 'inline' });
await producer.start();
console.log((await producer.send({ topic: 'Inline', body: 'first' })).sendStatus);
await producer.close();
await node.close();`;
const LOADER = 'data:text/javascript,console.log("loaded")';

test(
  "a program on the command line starts a node; what Node was started with is not for the node's threads",
  () =>
    withFolder(async (folder) => {
      const env = {
        ...process.env,
        SATURNMQ_ENTRY: new URL('../../../src/index.js', import.meta.url).href,
        SATURNMQ_STORE: folder,
      };
      const ways = [
        ['--input-type=module', '-e', INLINE],
        ['--input-type=module', '--import', LOADER, '--max-old-space-size=256', '-e', INLINE],
        ['-e', `(async () => {${INLINE}})()`],
      ];
      for (const args of ways) {
        const { status, stdout, stderr } = spawnSync(process.execPath, args, {
          env,
          encoding: 'utf8',
          timeout: LIMIT_MS,
        });
        assert.is(status, 0, stderr);
        const loads = args.includes(LOADER) ? 'loaded\n' : '';
        assert.is(stdout, `${loads}SEND_OK\n`);
      }
    }),
  LIMIT_MS,
);

test(
  'a taken port, a folder that cannot be made and a wrong setting are typed errors and leave nothing behind',
  () =>
    withFolder(async (folder) => {
      await (await startNode(embedOptions(folder))).close();
      const before = [threadCount(), descriptorCount()];
      const server = createServer();
      server.listen(0, HOST);
      await once(server, 'listening');
      const address = server.address();
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
      const cases: [NodeOptions, string, string][] = [
        [embedOptions(folder, { listen: { port, namesrvPort: 0 } }), 'PORT_TAKEN', 'listen: false'],
        [embedOptions('/proc/nowhere/store'), 'BAD_FOLDER', 'Choose a storePath'],
        [
          embedOptions(folder, { broker: { maxMessageSize: -5 } }),
          'OPTION_INVALID',
          'maxMessageSize',
        ],
      ];
      for (const [options, code, words] of cases) {
        const failed = await failureOf(startNode(options));
        assert.is(failed.code, code, failed.message);
        assert.ok(failed.message.includes(words), failed.message);
      }
      server.close();
      await once(server, 'close');
      assert.equal([threadCount(), descriptorCount()], before);
    }),
  LIMIT_MS,
);

test(
  'a thread that dies is told of, and of its replacement; records reach the application and its logger',
  () =>
    withFolder(async (folder) => {
      const records: string[] = [];
      const write = (_: object, message: string) => void records.push(message);
      const controlPath = join(folder, 'control.sock');
      const logger = { debug: write, info: write, warn: write, error: write };
      const node = await startNode(embedOptions(folder, { controlPath, faults: true, logger }));
      const events: string[] = [];
      node.on('shardExit', ({ shard }) => events.push(`exit ${shard}`));
      node.once('shardRestart', ({ shard, attempt }) => events.push(`restart ${shard} ${attempt}`));
      await askControl(controlPath, { request: 'endHomeShard', argument: 'throw' });
      await eventually(
        async () => events.length,
        (count) => count === 2,
        LIMIT_MS,
      );
      assert.equal(events, ['exit broker', 'restart broker 1']);
      const client = new NodeClient(node.brokerAddrs[0] ?? '');
      assert.is(await client.send(0, 'served again'), 0);
      client.close();
      await node.close();
      assert.ok(
        records.some((message) => message.includes('shard broker died')),
        `${records}`,
      );
    }),
  LIMIT_MS,
);

test(
  'threads that cannot stay alive end the node with a fatal error, and it closes',
  () =>
    withFolder(async (folder) => {
      const controlPath = join(folder, 'control.sock');
      const node = await startNode(
        embedOptions(folder, { controlPath, faults: true, threadRestartsMax: 0 }),
      );
      const fatal = new Promise<Error>((resolve) => node.once('fatal', resolve));
      await askControl(controlPath, { request: 'endHomeShard', argument: 'throw' });
      const error = (await fatal) as Error & { code?: unknown };
      assert.is(error.name, 'NodeError', error.message);
      await node.close();
    }),
  LIMIT_MS,
);

test(
  'nodes that come and go leave no thread, descriptor or mapping behind; several live side by side',
  () =>
    withFolder(async (folder) => {
      const marks: number[][] = [];
      for (let cycle = 0; cycle < CYCLES; cycle++) {
        const folders = [join(folder, 'a'), join(folder, 'b')];
        const nodes = await Promise.all(folders.map((store) => startNode(embedOptions(store))));
        assert.is(new Set(nodes.flatMap(({ brokerAddrs }) => brokerAddrs)).size, 2);
        await Promise.all(nodes.map((node) => node.close()));
        marks.push([threadCount(), descriptorCount(), mappingsBelow(folder).length]);
      }
      assert.equal(marks.at(-1), marks[CYCLES_TO_WARM_UP], JSON.stringify(marks));
      assert.is(marks.at(-1)?.[2], 0);
    }),
  LIMIT_MS,
);
