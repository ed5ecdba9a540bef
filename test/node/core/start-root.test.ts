import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { askControl, type RootOptions, startRoot } from '../../../src/node/index.ts';
import { GetBrokerClusterInfo, requestOf } from '../../../src/protocol/index.ts';
import { startChild } from '../../support/child.ts';
import { repositoryRoot } from '../../support/java.ts';
import { suite } from '../../support/suite.ts';
import {
  brokerNode,
  descriptorCount,
  failureOf,
  HOST,
  mappingsBelow,
  NodeClient,
  namesrvNode,
  portOf,
  QUEUES,
  TOPIC,
  threadCount,
  wholeNode,
  withFolder,
  withNode,
} from '../node-fixture.ts';

const test = suite('start root');
const LIMIT_MS = 120_000;
const READY_MS = 60_000;
const CYCLES = 20;
/** The helper threads and descriptors that this process opens on first use, and keeps. */
const CYCLES_TO_WARM_UP = 3;
const CHILD = new URL('../node.child.js', import.meta.url).pathname;

/** A port that is taken until `body` ends. */
const withTakenPort = async (body: (port: number) => Promise<void>): Promise<void> => {
  const server = createServer();
  server.listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  try {
    await body(typeof address === 'object' ? (address?.port ?? 0) : 0);
  } finally {
    server.close();
    await once(server, 'close');
  }
};

test(
  'a broker that is announced by its name stores the address behind it',
  () =>
    withFolder(async (folder) => {
      const options = wholeNode(folder, { brokerIP1: 'localhost' });
      await withNode(options, async (node, client) => {
        assert.match(node.brokers[0]?.address ?? '', /^localhost:/);
        assert.is(await client.send(0, 'x'), 0);
      });
    }),
  LIMIT_MS,
);

test(
  'a node serves a send and a pull, ends clean, and finds everything at its next start',
  () =>
    withFolder(async (folder) => {
      const bodies = Array.from({ length: 50 }, (_, index) => `message ${index}`);
      await withNode(wholeNode(folder), async (node, client) => {
        assert.match(node.namesrvAddress ?? '', /^127\.0\.0\.1:\d+$/);
        assert.ok(existsSync(join(folder, 'abort')), 'a running broker has its abort marker');
        for (const [index, body] of bodies.entries())
          assert.is(await client.send(index % QUEUES, body), 0);
        assert.is((await client.readAll(0)).length, Math.ceil(bodies.length / QUEUES));
      });
      assert.not.ok(existsSync(join(folder, 'abort')), 'the abort marker is gone');
      assert.equal(mappingsBelow(folder), []);
      await withNode(wholeNode(folder), async (_, client) => {
        const found: string[] = [];
        for (let queueId = 0; queueId < QUEUES; queueId++)
          found.push(...(await client.readAll(queueId)));
        assert.equal(found.sort(), bodies.sort());
      });
    }),
  LIMIT_MS,
);

test(
  'a closed node keeps no process alive and lets go of its lock',
  () =>
    withFolder(async (folder) => {
      const child = spawn(process.execPath, [CHILD, folder], { stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      child.stdout.on('data', (chunk) => (output += String(chunk)));
      child.stderr.on('data', (chunk) => (output += String(chunk)));
      const [code] = await once(child, 'close');
      assert.is(code, 0, output);
      assert.match(output, /^closed$/m);
      await withNode(brokerNode(folder), async (_, client) =>
        assert.equal(await client.readAll(0), ['from the child']),
      );
    }),
  LIMIT_MS,
);

test(
  'a store in use is refused by name, in this process and in another, and its owner is not disturbed',
  () =>
    withFolder(async (folder) => {
      await withNode(brokerNode(folder), async (_, client) => {
        const own = await failureOf(startRoot(brokerNode(folder)));
        assert.is(own.code, 'STORE_IN_USE');
        assert.ok(own.message.includes(join(folder, 'lock')), own.message);
        assert.ok(own.message.includes(`this process (${process.pid})`), own.message);
        assert.ok(own.message.includes('storePathRootDir'), own.message);
        assert.is(await client.send(0, 'still serving'), 0);
      });
      const child = await startChild({
        name: 'node.child',
        command: process.execPath,
        args: [CHILD, folder, 'stay'],
        ready: /^serves$/m,
        readyLimitMs: READY_MS,
      });
      try {
        const other = await failureOf(startRoot(brokerNode(folder)));
        assert.is(other.code, 'STORE_IN_USE');
        assert.ok(other.message.includes(`process ${child.pid} `), other.message);
      } finally {
        await child.kill9();
      }
      await withNode(brokerNode(folder), async (_, client) =>
        assert.equal(await client.readAll(0), ['still serving', 'from the child']),
      );
    }),
  LIMIT_MS,
);

test(
  'a taken port is EADDRINUSE, of either server and of the VIP port, and leaves nothing behind',
  () =>
    withFolder(async (folder) => {
      await withNode(wholeNode(folder), async () => undefined);
      const [threads, descriptors] = [threadCount(), descriptorCount()];
      await withTakenPort(async (port) => {
        for (const options of [
          brokerNode(folder, {}, port),
          brokerNode(folder, {}, port + 2),
          { ...brokerNode(folder), ...namesrvNode(folder, port) },
        ]) {
          const { code, message } = await failureOf(startRoot(options));
          assert.is(code, 'EADDRINUSE', message);
          assert.ok(message.includes(String(port)), message);
        }
      });
      assert.is(threadCount(), threads);
      assert.is(descriptorCount(), descriptors);
      await withNode(brokerNode(folder), async (_, client) =>
        assert.is(await client.send(0, 'the store was let go'), 0),
      );
    }),
  LIMIT_MS,
);

test(
  'a folder that cannot be used is an error that names path and setting',
  () =>
    withFolder(async (folder) => {
      const file = join(folder, 'file');
      writeFileSync(file, '');
      const root = await failureOf(startRoot(brokerNode(join(file, 'store'))));
      assert.is(root.code, 'BAD_FOLDER');
      assert.ok(root.message.includes(join(file, 'store')), root.message);
      assert.ok(root.message.includes('storePathRootDir'), root.message);

      const storePathCommitLog = join(file, 'commitlog');
      const store = join(folder, 'store');
      const log = await failureOf(startRoot(brokerNode(store, { storePathCommitLog })));
      assert.is(log.code, 'BAD_FOLDER', log.message);
      assert.ok(log.message.includes(storePathCommitLog), log.message);
      assert.ok(log.message.includes('the setting storePathCommitLog'), log.message);
      await withNode(brokerNode(store), async () => undefined);
    }),
  LIMIT_MS,
);

test(
  'a store that does not open frees the ports, though a thread had been given them',
  () =>
    withFolder(async (folder) => {
      let port = 0;
      await withNode(brokerNode(folder), async (node, client) => {
        port = portOf(node.brokerAddress);
        assert.is(await client.send(0, 'kept'), 0);
      });
      const descriptors = descriptorCount();
      const otherSize = { mappedFileSizeCommitLog: 1024 * 1024 };
      for (let attempt = 0; attempt < 2; attempt++) {
        const failed = await failureOf(startRoot(brokerNode(folder, otherSize, port)));
        assert.is(failed.code, 'SEGMENT_LENGTH', failed.message);
        assert.ok(failed.message.includes('mappedFileSizeCommitLog'), failed.message);
      }
      assert.is(descriptorCount(), descriptors);
      await withNode(brokerNode(folder, {}, port), async (node, client) => {
        assert.is(portOf(node.brokerAddress), port);
        assert.equal(await client.readAll(0), ['kept']);
      });
    }),
  LIMIT_MS,
);

test(
  'several nodes live in one process, each with its store and its ports',
  () =>
    withFolder(async (folder) => {
      const folders = ['a', 'b', 'c'].map((name) => join(folder, name));
      const nodes = await Promise.all(folders.map((store) => startRoot(wholeNode(store))));
      const clients = nodes.map(({ brokerAddress }) => new NodeClient(brokerAddress ?? ''));
      try {
        const ports = nodes.flatMap((node) => [node.namesrvAddress, node.brokerAddress]);
        assert.is(new Set(ports).size, 2 * folders.length);
        const sends = clients.map((client, index) => client.send(0, `to node ${index}`));
        assert.equal(await Promise.all(sends), [0, 0, 0]);
        await nodes[1]?.close();
        for (const index of [0, 2])
          assert.equal(await clients[index]?.readAll(0), [`to node ${index}`]);
      } finally {
        for (const client of clients) client.close();
        await Promise.all(nodes.map((node) => node.close()));
      }
    }),
  LIMIT_MS,
);

interface ActorTree {
  readonly id: string;
  readonly actor: string;
  readonly state: string;
  readonly handled: number;
  readonly children: readonly ActorTree[];
}

const flat = (tree: ActorTree): ActorTree[] => [tree, ...tree.children.flatMap(flat)];

test(
  'inspect shows broker, queues, groups and registrar with their counters, by the control socket too',
  () =>
    withFolder(async (folder) => {
      const controlPath = join(folder, 'control.sock');
      await withNode({ ...wholeNode(folder), controlPath }, async (node, client) => {
        for (let index = 0; index < 5; index++) await client.send(1, `message ${index}`);
        await client.readAll(1);
        const trees = [await node.inspect(), await askControl(controlPath, { request: 'inspect' })];
        for (const facts of trees) {
          const { shards } = facts as {
            readonly shards: { readonly name: string; readonly tree: { root: ActorTree } }[];
          };
          assert.equal(
            shards.map(({ name }) => name),
            ['namesrv', 'broker'],
          );
          const actors = new Map(
            shards.flatMap(({ tree }) => flat(tree.root)).map((actor) => [actor.id, actor]),
          );
          const expected = {
            'name-server': ['name-server', 1],
            broker: ['broker', 1],
            'broker/registrar': ['registrar', 1],
            [`broker/queue-${TOPIC}-1`]: ['queue', 6],
            'broker/group-node-test': ['consumer-group', 1],
          } as const;
          for (const [id, [actor, handledMin]] of Object.entries(expected)) {
            const found = actors.get(id);
            assert.is(found?.actor, actor, `${id} of ${[...actors.keys()]}`);
            assert.is(found?.state, 'running', id);
            assert.ok(Number(found?.handled) >= handledMin, `${id} handled ${found?.handled}`);
          }
        }
      });
      assert.not.ok(existsSync(controlPath));
    }),
  LIMIT_MS,
);

test(
  'twenty nodes, one after the other, leave no thread, descriptor or mapping behind',
  () =>
    withFolder(async (folder) => {
      const marks: { threads: number; descriptors: number; mappings: number }[] = [];
      for (let cycle = 0; cycle < CYCLES; cycle++) {
        await withNode(brokerNode(folder), async (_, client) => {
          assert.is(await client.send(0, `cycle ${cycle}`), 0);
        });
        const mappings = mappingsBelow(folder).length;
        marks.push({ threads: threadCount(), descriptors: descriptorCount(), mappings });
      }
      const [warm, last] = [marks[CYCLES_TO_WARM_UP], marks[CYCLES - 1]];
      assert.equal(last, warm, JSON.stringify(marks));
      assert.is(last?.mappings, 0);
      await withNode(brokerNode(folder), async (_, client) =>
        assert.is((await client.readAll(0)).length, CYCLES),
      );
    }),
  LIMIT_MS,
);

test(
  'SIGTERM leaves a clean store, under a client that sends',
  () =>
    withFolder(async (folder) => {
      const store = join(folder, 'store');
      mkdirSync(store);
      const program = join(repositoryRoot, 'bin', 'saturnmq.mjs');
      const ports = ['--broker-port', '0', '--namesrv-port', '0'];
      const file = join(folder, 'broker.conf');
      writeFileSync(file, 'mappedFileSizeCommitLog=4194304\n');
      const child = await startChild({
        name: 'saturnmq start',
        command: process.execPath,
        args: [program, 'start', '--store', store, ...ports, '-c', file],
        ready: /The broker\[.*boot success/,
        readyLimitMs: READY_MS,
      });
      const client = new NodeClient(
        String(child.output().match(/The broker\[\S+ (127\.0\.0\.1:\d+)\]/)?.[1]),
      );
      const acknowledged: string[] = [];
      try {
        const sending = (async () => {
          for (let index = 0; child.isRunning; index++) {
            const code = await client.send(0, `message ${index}`).catch(() => -1);
            if (code === 0) acknowledged.push(`message ${index}`);
            if (index === 100) child.signal('SIGTERM');
          }
        })();
        const { code } = await child.ended;
        await sending;
        assert.is(code, 0, child.output());
      } finally {
        client.close();
        if (child.isRunning) await child.kill9();
      }
      assert.ok(acknowledged.length >= 100);
      assert.not.ok(existsSync(join(store, 'abort')), 'the abort marker is gone');
      assert.not.ok(existsSync(join(store, 'control.sock')));
      assert.ok(readdirSync(join(store, 'commitlog')).length > 0);
      rmSync(file);
      await withNode(brokerNode(store), async (_, reader) => {
        const found = new Set(await reader.readAll(0));
        assert.equal(
          acknowledged.filter((body) => !found.has(body)),
          [],
        );
      });
    }),
  LIMIT_MS,
);

const shardsNode = (folder: string, shards: number): RootOptions => {
  const node = wholeNode(folder);
  if (node.broker === undefined) throw new Error('the node has a broker');
  return { ...node, broker: { ...node.broker, shards } };
};

test(
  'several brokers are one cluster, each with a port and a store; fewer are refused while messages would be lost',
  () =>
    withFolder(async (folder) => {
      const store = join(folder, 'store');
      await withNode(shardsNode(store, 3), async (node) => {
        const names = node.brokers.map(({ brokerName }) => brokerName);
        assert.equal(names, [names[0], `${names[0]}-1`, `${names[0]}-2`]);
        assert.is(new Set(node.brokers.map(({ address }) => address)).size, 3);
        const names0 = new NodeClient(node.namesrvAddress ?? '');
        const last = new NodeClient(node.brokers[1]?.address ?? '');
        try {
          const { code, body } = await names0.request(requestOf(GetBrokerClusterInfo.code));
          assert.is(code, 0);
          for (const name of names) assert.ok(body?.includes(`"${name}"`), `${body}`);
          assert.is(await last.send(0, 'to the second broker'), 0);
        } finally {
          names0.close();
          last.close();
        }
      });
      for (const number of ['', '-1', '-2']) assert.ok(existsSync(`${store}${number}/commitlog`));
      const refused = await failureOf(startRoot(shardsNode(store, 1)));
      assert.is(refused.code, 'SHARDS_LOWERED');
      assert.ok(refused.message.includes(`${store}-1`), refused.message);
      assert.ok(refused.message.includes('start with 2 shards'), refused.message);
      await withNode(shardsNode(store, 2), async (node) => {
        const client = new NodeClient(node.brokers[1]?.address ?? '');
        assert.equal(await client.readAll(0), ['to the second broker']);
        client.close();
      });
    }),
  LIMIT_MS,
);
