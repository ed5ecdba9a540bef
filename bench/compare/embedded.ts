// An application and a durable broker in one process: what its thread can send and consume through the ring channel.
// Threads: the application's (this one) and those of the node; 128-byte bodies, 4 queues, ASYNC_FLUSH. Units: messages/s,
// CPU-µs a message of the whole process, µs from the call of `send` to its acknowledgement. Sends without a failure whose
// number the broker's own offsets confirm, and messages consumed each once; otherwise the row is void.
// usage: npm run bench -- embedded [--seconds=6] [--folder=DISK] [--tcp]
import { tmpdir } from 'node:os';
import { createHistogram } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { type OutgoingMessage, Producer, PullConsumer, PushConsumer } from '../../src/index.ts';
import { countStored } from '../support/count-stored.ts';
import { type EmbeddedNode, openEmbedded } from '../support/embedded-node.ts';
import { percentiles } from '../support/measure.ts';

const BODY = Buffer.alloc(128, 'x');
const IN_FLIGHT = 256;
const BATCH = 64;
const BATCHES_IN_FLIGHT = 8;
const PULL_MESSAGES = 1024;
const SPIN_US = 50;
/** Every so many sends one is timed: reading the clock costs as much as a part of a send. */
const TIMED_EVERY = 16;

interface Figures {
  readonly rate: number;
  readonly cpu: number;
  readonly p50?: number;
  readonly p99?: number;
  readonly p999?: number;
}
type Outcome =
  | { readonly row: string; readonly sample: Figures }
  | { readonly row: string; readonly reason: string };

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    seconds: { type: 'string', default: '6' },
    folder: { type: 'string', default: tmpdir() },
    tcp: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);

class VoidRow extends Error {}

const need = (isTrue: boolean, reason: string): void => {
  if (!isTrue) throw new VoidRow(reason);
};

const outcomes: Outcome[] = [];

const row = async (name: string, measure: () => Promise<Figures>): Promise<void> => {
  try {
    outcomes.push({ row: name, sample: await measure() });
  } catch (error) {
    if (!(error instanceof VoidRow)) throw error;
    outcomes.push({ row: name, reason: error.message });
  }
  console.log(JSON.stringify(outcomes.at(-1)));
};

/** Keeps `lanes` calls of `send` under way for `forSeconds`; each call carries `batch` messages. */
const keepSending = async (
  send: () => Promise<unknown>,
  lanes: number,
  batch: number,
  forSeconds: number,
): Promise<{ acknowledged: number; failed: number; figures: Figures }> => {
  const histogram = createHistogram();
  let acknowledged = 0;
  let failed = 0;
  let calls = 0;
  const before = process.cpuUsage();
  const startMs = performance.now();
  const endMs = startMs + forSeconds * 1000;
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
  }, endMs - startMs);
  const lane = async (): Promise<void> => {
    while (!isOver) {
      calls += 1;
      const isTimed = lanes === 1 || calls % TIMED_EVERY === 0;
      const sentMs = isTimed ? performance.now() : 0;
      try {
        await send();
        acknowledged += batch;
      } catch {
        failed += 1;
        if (failed > IN_FLIGHT) return;
      }
      if (isTimed) histogram.record(Math.max(1, Math.round((performance.now() - sentMs) * 1e6)));
      // A loop of sends that settle in microtasks would keep timers, this one's end among them, from running.
      if (performance.now() > endMs) isOver = true;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  clearTimeout(timer);
  const { user, system } = process.cpuUsage(before);
  const tookMs = performance.now() - startMs;
  const { p50 = 0, p99 = 0, p999 = 0 } = percentiles(histogram);
  const rate = (acknowledged / tookMs) * 1000;
  return {
    acknowledged,
    failed,
    figures: { rate, cpu: (user + system) / acknowledged, p50, p99, p999 },
  };
};

interface SendRow {
  readonly topic: string;
  readonly lanes: number;
  readonly batch: number;
  readonly warmSeconds: number;
}

const measureSends = async (open: EmbeddedNode, plan: SendRow): Promise<Figures> => {
  const { topic, lanes, batch, warmSeconds } = plan;
  const producer = new Producer({ ...open.where, producerGroup: 'embedded-bench' });
  await producer.start();
  try {
    const message: OutgoingMessage = { topic, body: BODY };
    const messages = Array.from({ length: batch }, () => message);
    const send = batch === 1 ? () => producer.send(message) : () => producer.sendBatch(messages);
    const warm = await keepSending(send, lanes, batch, warmSeconds);
    const { acknowledged, failed, figures } = await keepSending(send, lanes, batch, seconds);
    need(warm.failed + failed === 0, `${warm.failed + failed} sends failed`);
    const count = await countStored(open.where, topic);
    const expected = warm.acknowledged + acknowledged;
    need(count === expected, `${expected} acknowledged, ${count} stored`);
    return figures;
  } finally {
    await producer.close();
  }
};

const measurePull = async (open: EmbeddedNode, topic: string): Promise<Figures> => {
  const expected = await countStored(open.where, topic);
  const consumer = new PullConsumer({ ...open.where, consumerGroup: 'embedded-pull' });
  await consumer.start();
  try {
    const queues = await consumer.fetchMessageQueues(topic);
    let bytes = 0;
    let messages = 0;
    const before = process.cpuUsage();
    const startMs = performance.now();
    await Promise.all(
      queues.map(async (queue) => {
        for (let next = 0; ; ) {
          const result = await consumer.pull(queue, next, { maxMessages: PULL_MESSAGES });
          if (result.status !== 'FOUND') return;
          for (const { body } of result.messages) bytes += body.length;
          messages += result.messages.length;
          next = result.nextBeginOffset;
        }
      }),
    );
    const tookMs = performance.now() - startMs;
    const { user, system } = process.cpuUsage(before);
    need(messages === expected, `${expected} stored, ${messages} read`);
    need(bytes === expected * BODY.length, `${bytes} bytes of bodies read`);
    return { rate: (messages / tookMs) * 1000, cpu: (user + system) / messages };
  } finally {
    await consumer.close();
  }
};

const measurePush = async (open: EmbeddedNode, topic: string): Promise<Figures> => {
  const expected = await countStored(open.where, topic);
  const consumer = new PushConsumer({
    ...open.where,
    consumerGroup: 'embedded-push',
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    pullBatchSize: PULL_MESSAGES,
    queueMessagesMax: 4 * PULL_MESSAGES,
  });
  let received = 0;
  let startMs = 0;
  const before = process.cpuUsage();
  try {
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(resolve, Math.max(60, seconds * 20) * 1000);
      consumer.subscribe(topic, '*', () => {
        if (received === 0) startMs = performance.now();
        received += 1;
        if (received !== expected) return;
        clearTimeout(limit);
        resolve();
      });
      consumer.start().catch(reject);
    });
    const tookMs = performance.now() - startMs;
    const { user, system } = process.cpuUsage(before);
    need(received === expected, `${expected} stored, ${received} consumed`);
    return { rate: (received / tookMs) * 1000, cpu: (user + system) / received };
  } finally {
    await consumer.close();
  }
};

const main = async (): Promise<void> => {
  const how = { folder: values.folder, isTcp: values.tcp };
  const one = { lanes: 1, batch: 1, warmSeconds: Math.min(1, seconds) };
  const open = await openEmbedded(how);
  try {
    const single = { lanes: IN_FLIGHT, batch: 1, warmSeconds: Math.min(2, seconds) };
    const batch = { ...single, lanes: BATCHES_IN_FLIGHT, batch: BATCH };
    await row('embedded-send', () => measureSends(open, { topic: 'single', ...single }));
    await row('embedded-batch', () => measureSends(open, { topic: 'batch', ...batch }));
    await row('embedded-pull', () => measurePull(open, 'batch'));
    await row('embedded-push', () => measurePush(open, 'single'));
    await row('embedded-one', () => measureSends(open, { topic: 'one', ...one }));
  } finally {
    await open.close();
  }
  const spinning = await openEmbedded({ ...how, spinUs: SPIN_US });
  try {
    await row('embedded-one-spin', () => measureSends(spinning, { topic: 'one', ...one }));
  } finally {
    await spinning.close();
  }
};

await main();
