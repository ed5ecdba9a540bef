import * as assert from 'uvu/assert';
import { askControl } from '../../src/node/index.ts';
import { eventually } from '../support/eventually.ts';
import { suite } from '../support/suite.ts';
import {
  heartbeat,
  type IoClient,
  ioNode,
  load,
  membersOf,
  restartsOf,
  shardsOf,
  WAIT_MS,
  withClients,
} from './io-fixture.ts';
import { descriptorCount, NodeClient, threadCount, withFolder, withNode } from './node-fixture.ts';

const test = suite('deaths and ends of i/o shards');
const LIMIT_MS = 120_000;
/** What a loaded machine may need; an idle one takes tens of milliseconds. */
const SERVING_AGAIN_MS_MAX = 5_000;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

test(
  'an I/O shard or the broker’s thread that dies is replaced, lets go of its clients, and loses nothing',
  () =>
    withFolder((folder) => {
      const options = ioNode(folder, 1);
      return withClients(options, 2, async (node, clients, plain) => {
        const [first, second] = clients as [IoClient, IoClient];
        const sending = load(node.brokerAddress ?? '');
        await sending.progress();
        const ways = [
          ['broker-io-1', 'broker-io-1'],
          ['broker', 'throw'],
          ['broker-io-1', 'broker-io-1'],
        ];
        for (const [index, [shard = '', argument]] of ways.entries()) {
          assert.is((await first.call(heartbeat('one@1'))).code, 0);
          assert.is(await membersOf(second), 1);
          const restarts = await restartsOf(node, shard);
          sending.facts.gapMsMax = 0;
          const { controlPath = '' } = options;
          await askControl(controlPath, { request: 'endHomeShard', argument });
          await eventually(
            () => restartsOf(node, shard),
            (now) => now > restarts,
            WAIT_MS,
          );
          await sending.progress();
          print(`${shard}: ${sending.facts.gapMsMax.toFixed(0)} ms without an answer`);
          assert.ok(sending.facts.gapMsMax < SERVING_AGAIN_MS_MAX);
          assert.is(first.disconnects, index + 1, 'its clients are told');
          assert.is(await membersOf(second), 0, 'nobody is held');
        }
        const acknowledged = await sending.stop();
        const stored = new Set(await plain.readAll(0));
        assert.equal(
          acknowledged.filter((body) => !stored.has(body)),
          [],
        );
      });
    }),
  LIMIT_MS,
);

test(
  'brokers of one node have I/O shards of their own, which stop with it and leave nothing open',
  () =>
    withFolder(async (folder) => {
      const cycle = async (): Promise<void> => {
        const options = ioNode(folder, 2);
        const { broker } = options;
        if (broker === undefined) throw new Error('a node has a broker');
        await withNode({ ...options, broker: { ...broker, shards: 2 } }, async (node) => {
          const names = (await shardsOf(node)).map(({ name }) => name);
          assert.equal(
            names.filter((name) => name.includes('io')),
            ['broker-io-1', 'broker-io-2', 'broker-1-io-1', 'broker-1-io-2'],
          );
          for (const { address } of node.brokers) {
            const client = new NodeClient(address);
            assert.is(await client.send(0, 'x'), 0);
            client.close();
          }
        });
      };
      await cycle();
      const before = [threadCount(), descriptorCount()];
      await cycle();
      const after = await eventually(
        async () => [threadCount(), descriptorCount()],
        (now) => now.every((count, index) => count <= (before[index] ?? 0)),
        WAIT_MS,
      );
      assert.equal(after, before);
    }),
  LIMIT_MS,
);
