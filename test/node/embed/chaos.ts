import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { Producer, PullConsumer } from '../../../src/client/index.ts';
import { askControl, type SaturnNode, startNode } from '../../../src/node/index.ts';
import { eventually } from '../../support/eventually.ts';
import { withFolder } from '../node-fixture.ts';
import { embedOptions } from './embed-fixture.ts';

const TOPIC = 'Chaos';
const WAYS = ['terminate', 'throw', 'exit'] as const;
const SENDS_IN_FLIGHT = 64;
/** Acknowledgements between two deaths. */
const PROGRESS = 200;
/**
 * Segments that last: a thread that is terminated from outside in the very moment it maps one ends the process, since koffi
 * cannot throw there any more.
 */
const SEGMENT_BYTES = 128 * 1024 * 1024;
/** Time a loaded machine may need for a replacement. */
const AGAIN_MS = 20_000;
const PULL_MESSAGES = 512;

/** Bodies of everything that the topic holds. */
const readAll = async (node: SaturnNode): Promise<Set<string>> => {
  const consumer = new PullConsumer({ node, consumerGroup: 'chaos' });
  await consumer.start();
  const bodies = new Set<string>();
  // A broker that was replaced a moment ago may still be registering.
  const queues = await eventually(
    () => consumer.fetchMessageQueues(TOPIC).catch(() => []),
    (found) => found.length > 0,
    AGAIN_MS,
  );
  for (const queue of queues) {
    let offset = await consumer.minOffset(queue);
    const end = await consumer.maxOffset(queue);
    while (offset < end) {
      const pulled = await consumer.pull(queue, offset, { maxMessages: PULL_MESSAGES });
      for (const { body } of pulled.messages) bodies.add(body.toString());
      offset = pulled.nextBeginOffset;
    }
  }
  await consumer.close();
  return bodies;
};

/** Sends that never stop, and what became of them. */
class Load {
  issued = 0;
  settled = 0;
  readonly acknowledged: string[] = [];
  readonly failures = new Map<string, number>();
  #isOver = false;
  readonly #lanes: Promise<void>[];

  constructor(producer: Producer) {
    this.#lanes = Array.from({ length: SENDS_IN_FLIGHT }, () => this.#run(producer));
  }

  async progress(): Promise<void> {
    const goal = this.acknowledged.length + PROGRESS;
    await eventually(
      async () => this.acknowledged.length,
      (count) => count >= goal,
      AGAIN_MS,
    );
    assert.ok(
      this.acknowledged.length >= goal,
      `acknowledged ${this.acknowledged.length} of ${goal}`,
    );
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#lanes);
  }

  async #run(producer: Producer): Promise<void> {
    while (!this.#isOver) {
      this.issued += 1;
      const body = `message ${this.issued}`;
      try {
        await producer.send({ topic: TOPIC, body });
        this.acknowledged.push(body);
      } catch (error) {
        const { code, retryable } = error as {
          readonly code?: string;
          readonly retryable?: boolean;
        };
        assert.is(retryable, true, String((error as Error).stack));
        this.failures.set(String(code), (this.failures.get(String(code)) ?? 0) + 1);
      }
      this.settled += 1;
    }
  }
}

/** Ends the broker's thread `kills` times under an embedded producer; nothing acknowledged may be missing. */
export const runChaos = (kills: number): Promise<void> =>
  withFolder(async (folder) => {
    const controlPath = join(folder, 'control.sock');
    const node = await startNode(
      embedOptions(join(folder, 'store'), {
        listen: false,
        broker: { mappedFileSizeCommitLog: SEGMENT_BYTES },
        faults: true,
        controlPath,
        threadRestartsMax: kills + 1,
      }),
    );
    let restarts = 0;
    node.on('shardRestart', () => {
      restarts += 1;
    });
    const producer = new Producer({ node, producerGroup: 'chaos', sendTimeoutMs: AGAIN_MS });
    await producer.start();
    const load = new Load(producer);
    for (let kill = 0; kill < kills; kill++) {
      await load.progress();
      await askControl(controlPath, {
        request: 'endHomeShard',
        argument: WAYS[kill % WAYS.length],
      });
      await eventually(
        async () => restarts,
        (count) => count > kill,
        AGAIN_MS,
      );
      assert.is(restarts, kill + 1);
    }
    await load.progress();
    await load.stop();
    await producer.close();
    const stored = await readAll(node);
    await node.close();
    const missing = load.acknowledged.filter((body) => !stored.has(body));
    const failures = JSON.stringify([...load.failures]);
    process.stdout.write(
      `${kills} deaths: ${load.issued} sends issued, ${load.settled} settled, ${load.acknowledged.length} acknowledged, ${missing.length} of them missing; failures ${failures}\n`,
    );
    assert.is(load.settled, load.issued);
    assert.equal(missing, []);
  });
