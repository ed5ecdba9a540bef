import { connect } from 'node:net';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { askControl, type RunningRoot, startRoot } from '../../src/node/index.ts';
import { eventually } from '../support/eventually.ts';
import { suite } from '../support/suite.ts';
import {
  descriptorCount,
  failureOf,
  HOST,
  mappingsBelow,
  NodeClient,
  portOf,
  QUEUES,
  threadCount,
  wholeNode,
  withFolder,
  withNode,
} from './node-fixture.ts';

const test = suite('broker shard');
const LIMIT_MS = 120_000;
/** What a loaded machine may need; a replacement takes tens of milliseconds when it is idle. */
const SERVING_AGAIN_MS_MAX = 5_000;
/** Large enough to tell a segment from the pieces of it that helpers prepare. */
const LOG_BYTES = 16 * 1024 * 1024;
const PIECE_BYTES = 4 * 1024 * 1024;
const PROGRESS = 100;
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const WAYS = ['terminate', 'throw', 'exit'] as const;

/** Sends to every queue, one message after the other, and remembers what was acknowledged. */
class Load {
  readonly acknowledged: string[][] = Array.from({ length: QUEUES }, () => []);
  /** Sends without an acknowledgement. */
  failed = 0;
  gapMsMax = 0;
  #isOver = false;
  #lastMs = performance.now();
  readonly #lanes: Promise<void>[];

  constructor(client: NodeClient) {
    this.#lanes = this.acknowledged.map((bodies, queueId) => this.#run(client, queueId, bodies));
  }

  get count(): number {
    return this.acknowledged.reduce((sum, bodies) => sum + bodies.length, 0);
  }

  /** Waits for `PROGRESS` more acknowledgements. */
  async progress(): Promise<void> {
    const goal = this.count + PROGRESS;
    const count = await eventually(
      async () => this.count,
      (now) => now >= goal,
      SERVING_AGAIN_MS_MAX * 2,
    );
    assert.ok(count >= goal, `only ${count} of ${goal} messages were acknowledged`);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#lanes);
  }

  async #run(client: NodeClient, queueId: number, bodies: string[]): Promise<void> {
    for (let index = 0; !this.#isOver; index++) {
      const body = `${queueId}-${index}`;
      const code = await client.send(queueId, body).catch(() => -1);
      if (code !== 0) {
        this.failed += 1;
        continue;
      }
      bodies.push(body);
      const nowMs = performance.now();
      this.gapMsMax = Math.max(this.gapMsMax, nowMs - this.#lastMs);
      this.#lastMs = nowMs;
    }
  }
}

/** Connects again and again until `isOver`; returns the connections made and how many were refused. */
const knock = async (port: number, isOver: () => boolean): Promise<[number, number]> => {
  let [made, refused] = [0, 0];
  while (!isOver()) {
    const isMade = await new Promise<boolean>((done) => {
      const stream = connect({ host: HOST, port });
      stream.on('connect', () => {
        stream.destroy();
        done(true);
      });
      stream.on('error', () => done(false));
    });
    if (isMade) made += 1;
    else refused += 1;
  }
  return [made, refused];
};

interface ShardFacts {
  readonly name: string;
  readonly state: string;
  readonly restarts: number;
  readonly threadId: number;
  readonly lastExit?: { readonly code: number; readonly message?: string };
}

const brokerShard = async (node: RunningRoot): Promise<ShardFacts> => {
  const { shards } = (await node.inspect()) as { readonly shards: readonly ShardFacts[] };
  const found = shards.find(({ name }) => name === 'broker');
  if (found === undefined) throw new Error('there is no broker shard');
  return found;
};

/** Bytes mapped per file of the store, by threads alive or dead. Pieces do not count: a helper may be preparing one. */
const mappedBytes = (folder: string): Map<string, number> => {
  const bytes = new Map<string, number>();
  for (const line of mappingsBelow(folder)) {
    const [, first = '0', end = '0', path = ''] =
      line.match(/^([0-9a-f]+)-([0-9a-f]+) .*? (\/\S+)/) ?? [];
    const size = Number.parseInt(end, 16) - Number.parseInt(first, 16);
    if (size > PIECE_BYTES) bytes.set(path, (bytes.get(path) ?? 0) + size);
  }
  return bytes;
};

/** Files of the store that are mapped twice: by the thread that serves, and by one before it. */
const mappedTwice = (folder: string): string[] =>
  [...mappedBytes(folder)].filter(([, size]) => size > LOG_BYTES).map(([path]) => path);

const breakShard = async (
  node: RunningRoot,
  controlPath: string,
  way: string,
): Promise<ShardFacts> => {
  const { restarts } = await brokerShard(node);
  await askControl(controlPath, { request: 'endHomeShard', argument: way });
  return eventually(
    () => brokerShard(node),
    (facts) => facts.restarts > restarts && facts.state === 'running',
    SERVING_AGAIN_MS_MAX,
  );
};

for (const flushDiskType of ['ASYNC_FLUSH', 'SYNC_FLUSH'] as const)
  test(
    `a broker's thread that is killed, throws or exits under load is replaced and loses nothing (${flushDiskType})`,
    () =>
      withFolder(async (folder) => {
        const controlPath = join(folder, 'control.sock');
        const settings = { flushDiskType, mappedFileSizeCommitLog: LOG_BYTES };
        const options = { ...wholeNode(folder, settings), controlPath, faults: true };
        await withNode(options, async (node, client) => {
          const load = new Load(client);
          let isOver = false;
          const knocking = knock(portOf(node.brokerAddress), () => isOver);
          await load.progress();
          const threads = threadCount();
          assert.ok(mappedBytes(folder).size > 0, 'the commit log is mapped');
          for (const [index, way] of WAYS.entries()) {
            load.gapMsMax = 0;
            const shard = await breakShard(node, controlPath, way);
            assert.is(shard.restarts, index + 1, way);
            assert.is(shard.lastExit?.code, way === 'exit' ? 7 : 1, way);
            if (way === 'throw') assert.match(String(shard.lastExit?.message), 'asked for');
            await load.progress();
            print(`${flushDiskType}, ${way}: ${load.gapMsMax.toFixed(0)} ms without an answer`);
            assert.ok(load.gapMsMax < SERVING_AGAIN_MS_MAX, `${way}: ${load.gapMsMax} ms`);
            assert.equal(mappedTwice(folder), [], way);
          }
          await load.stop();
          isOver = true;
          const [made, refused] = await knocking;
          assert.ok(made > 0);
          assert.is(refused, 0);
          assert.is(threadCount(), threads);
          const stored = await Promise.all(load.acknowledged.map((_, id) => client.readAll(id)));
          load.acknowledged.forEach((bodies, queueId) => {
            // A send whose answer was lost may be stored; nothing is stored twice or out of order.
            const found = stored[queueId] ?? [];
            assert.is(new Set(found).size, found.length);
            const wanted = new Set(bodies);
            assert.equal(
              found.filter((body) => wanted.has(body)),
              bodies,
            );
          });
          print(
            `${load.count} acknowledged, all stored; ${load.failed} sends failed; ${made} connections, none refused`,
          );
        });
        assert.equal([...mappedBytes(folder)], []);
        await withNode(wholeNode(folder, settings), async (_, client) =>
          assert.ok((await client.readAll(0)).length >= PROGRESS / QUEUES),
        );
      }),
    LIMIT_MS,
  );

test(
  'a thread that dies again and again ends the node once, and its ports and store are free',
  () =>
    withFolder(async (folder) => {
      const controlPath = join(folder, 'control.sock');
      const descriptors = descriptorCount();
      const node = await startRoot({
        ...wholeNode(folder),
        controlPath,
        faults: true,
        threadRestartsMax: 5,
      });
      const client = new NodeClient(node.brokerAddress ?? '');
      const fatal: Error[] = [];
      node.onFatal((error) => fatal.push(error));
      try {
        assert.is(await client.send(0, 'before'), 0);
        for (let death = 0; death < 5; death++) {
          const { restarts } = await breakShard(node, controlPath, 'exit');
          assert.is(restarts, death + 1);
        }
        await askControl(controlPath, { request: 'endHomeShard', argument: 'exit' });
        await eventually(
          async () => fatal.length,
          (count) => count > 0,
          SERVING_AGAIN_MS_MAX,
        );
        assert.is(fatal.length, 1);
      } finally {
        client.close();
        await node.close();
      }
      // The kernel may hold the client's connection a moment longer.
      await eventually(
        async () => descriptorCount(),
        (count) => count === descriptors,
        SERVING_AGAIN_MS_MAX,
      );
      await withNode(wholeNode(folder), async (_, again) =>
        assert.equal(await again.readAll(0), ['before']),
      );
    }),
  LIMIT_MS,
);

test(
  'without faults nobody can end the thread from outside',
  () =>
    withFolder(async (folder) => {
      const controlPath = join(folder, 'control.sock');
      await withNode({ ...wholeNode(folder), controlPath }, async (node) => {
        const asked = await failureOf(askControl(controlPath, { request: 'endHomeShard' }));
        assert.is(asked.code, 'CONTROL_FAILED');
        assert.is((await brokerShard(node)).restarts, 0);
      });
    }),
  LIMIT_MS,
);
