// SYNC_FLUSH and pulls that are answered with addresses: what is acknowledged is on the disk and can be read at once, by
// everybody, where its address says.
import { createHash } from 'node:crypto';
import * as assert from 'uvu/assert';
import { Producer, PullConsumer, PushConsumer } from '../../../src/client/index.ts';
import type { SaturnNode } from '../../../src/node/index.ts';
import { eventually } from '../../support/eventually.ts';
import { suite } from '../../support/suite.ts';
import { withEmbedded } from './embed-fixture.ts';

const test = suite('sync flush');
const LIMIT_MS = 120_000;
const SOON_MS = 60_000;
const TOPIC = 'Flushed';
const SYNC = { listen: false, flush: 'SYNC_FLUSH' } as const;
const LANES = 16;
const MESSAGES = 320;
/** 320 messages of up to 64 KiB are more than two segments of the fixture's 4 MiB. */
const BODY_BYTES_MAX = 64 * 1024;

/** Bytes that no other message has; sizes from nothing much to the largest. */
const bodyOf = (index: number): Buffer => {
  const bytes =
    16 + Math.floor(((BODY_BYTES_MAX - 16) * ((index * 37) % MESSAGES) ** 2) / MESSAGES ** 2);
  const seed = createHash('sha256').update(String(index)).digest();
  const body = Buffer.alloc(bytes, seed);
  body.writeUInt32BE(index);
  return body;
};

const producerOf = async (node: SaturnNode): Promise<Producer> => {
  const compressBodyBytesMin = Number.POSITIVE_INFINITY;
  const producer = new Producer({ node, producerGroup: 'flushed', compressBodyBytesMin });
  await producer.start();
  return producer;
};

/** What a push consumer was given: the index of each message, and whether its bytes are those that were sent. */
class Given {
  readonly counts = new Map<number, number>();
  wrong = 0;

  note(body: Buffer): void {
    const index = body.readUInt32BE();
    if (!body.equals(bodyOf(index))) this.wrong += 1;
    this.counts.set(index, (this.counts.get(index) ?? 0) + 1);
  }
}

const pushConsumer = async (node: SaturnNode, given: Given): Promise<PushConsumer> => {
  const consumer = new PushConsumer({
    node,
    consumerGroup: 'flushed-push',
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  });
  consumer.subscribe(TOPIC, '*', ({ body }) => given.note(body));
  await consumer.start();
  return consumer;
};

test(
  'a message can be pulled the moment it is acknowledged, and a consumer beside gets each once, byte for byte',
  () =>
    withEmbedded(SYNC, async (node) => {
      const producer = await producerOf(node);
      await producer.send({ topic: TOPIC, body: bodyOf(0) });
      const given = new Given();
      const push = await pushConsumer(node, given);
      const pull = new PullConsumer({ node, consumerGroup: 'flushed-pull' });
      await pull.start();
      let next = 1;
      const lane = async (): Promise<void> => {
        while (next < MESSAGES) {
          const index = next;
          next += 1;
          const body = bodyOf(index);
          const sent = await producer.send({ topic: TOPIC, body });
          assert.is(sent.sendStatus, 'SEND_OK');
          const { messages } = await pull.pull(sent.messageQueue, sent.queueOffset, {
            maxMessages: 1,
          });
          assert.ok(messages[0]?.body.equals(body), `message ${index} of its offset`);
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      await eventually(
        async () => given.counts.size,
        (count) => count >= MESSAGES,
        SOON_MS,
      );
      await Promise.all([push.close(), pull.close(), producer.close()]);
      assert.is(given.counts.size, MESSAGES);
      assert.is(given.wrong, 0);
      assert.equal([...new Set(given.counts.values())], [1], 'each once');
    }),
  LIMIT_MS,
);
