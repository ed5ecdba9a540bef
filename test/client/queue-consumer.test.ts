import { equal, is, ok } from 'uvu/assert';
import { ManualClock, ManualScheduler, silentLogger } from '../../src/base/index.ts';
import {
  NO_PROGRESS_MS,
  PULL_RETRY_MS,
  QueueConsumer,
  type QueueConsumerParts,
} from '../../src/client/queue-consumer.ts';
import type { PullResult, PullStatus, ReceivedMessage } from '../../src/client/types.ts';
import { suite } from '../support/suite.ts';

const test = suite('queue-consumer');
const QUEUE = { topic: 'T', brokerName: 'b', queueId: 0 };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const messageAt = (queueOffset: number): ReceivedMessage =>
  ({ queueOffset, body: Buffer.alloc(10) }) as unknown as ReceivedMessage;

const resultOf = (
  status: PullStatus,
  nextBeginOffset: number,
  offsets: readonly number[] = [],
): PullResult => ({
  status,
  nextBeginOffset,
  minOffset: 0,
  maxOffset: 100,
  messages: offsets.map(messageAt),
});

/** A consumer whose pulls give `results` in turn, then wait for ever. */
const create = (results: (PullResult | Error)[], over: Partial<QueueConsumerParts> = {}) => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const pulls: [number, number][] = [];
  const consumed: number[] = [];
  const consumer = new QueueConsumer({
    queue: QUEUE,
    startOffset: 0,
    scheduler,
    logger: silentLogger,
    messagesMax: 1000,
    bytesMax: 1_000_000,
    pull(queueOffset, consumedOffset) {
      pulls.push([queueOffset, consumedOffset]);
      const result = results.shift();
      if (result === undefined) return new Promise(() => undefined);
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
    },
    async consume({ queueOffset }) {
      consumed.push(queueOffset);
    },
    ...over,
  });
  consumer.start();
  return { consumer, scheduler, pulls, consumed };
};

test('the offset follows what was handled, and passes what was left out', async () => {
  const { consumer, pulls, consumed } = create([
    resultOf('FOUND', 10, [0, 3, 7]),
    resultOf('NO_MATCHED_MSG', 20),
  ]);
  await turn();
  equal(consumed, [0, 3, 7]);
  is(consumer.consumedOffset, 20);
  is(pulls.at(-1)?.[0], 20);
  await consumer.stop();
});

test('the offset never passes a message that is not handled', async () => {
  let release: () => void = () => undefined;
  const blocked = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { consumer, pulls } = create([resultOf('FOUND', 5, [0, 1]), resultOf('FOUND', 9, [6])], {
    consume: ({ queueOffset }) => (queueOffset === 1 ? blocked : Promise.resolve()),
  });
  await turn();
  is(consumer.consumedOffset, 1);
  is(consumer.waitingMessages, 2);
  equal(pulls.at(-1), [9, 1]);
  release();
  await turn();
  is(consumer.consumedOffset, 9);
  await consumer.stop();
});

test('nothing is pulled while too much waits', async () => {
  for (const limit of [{ messagesMax: 2 }, { bytesMax: 20 }]) {
    const releases: (() => void)[] = [];
    const { consumer, pulls } = create([resultOf('FOUND', 3, [0, 1, 2])], {
      ...limit,
      consume: () => new Promise<void>((resolve) => releases.push(resolve)),
    });
    await turn();
    is(pulls.length, 1);
    releases.shift()?.();
    await turn();
    is(pulls.length, 1);
    releases.shift()?.();
    await turn();
    is(pulls.length, 2);
    releases.shift()?.();
    await consumer.stop();
  }
});

test('the next pull is under way while messages are handled', async () => {
  const seen: number[] = [];
  const { pulls, consumer } = create([resultOf('FOUND', 2, [0, 1]), resultOf('FOUND', 4, [2, 3])], {
    consume: () => {
      seen.push(pulls.length);
      return undefined;
    },
  });
  await turn();
  equal(seen, [2, 2, 3, 3]);
  is(consumer.consumedOffset, 4);
  is(consumer.waitingMessages, 0);
  await consumer.stop();
});

test('a pull that fails while messages are handled is heard of afterwards', async () => {
  let release: () => void = () => undefined;
  const { consumer, pulls, scheduler } = create([resultOf('FOUND', 1, [0]), new Error('down')], {
    consume: () => new Promise<void>((resolve) => (release = resolve)),
  });
  await turn();
  is(pulls.length, 2);
  release();
  await turn();
  is(consumer.consumedOffset, 1);
  scheduler.advance(PULL_RETRY_MS);
  await turn();
  is(pulls.length, 3);
  await consumer.stop();
});

test('after a failure there is a pause', async () => {
  const { consumer, scheduler, pulls } = create([new Error('down'), new Error('down')]);
  await turn();
  is(pulls.length, 1);
  scheduler.advance(PULL_RETRY_MS);
  await turn();
  is(pulls.length, 2);
  await consumer.stop();
  scheduler.advance(PULL_RETRY_MS);
  await turn();
  is(pulls.length, 2);
  is(scheduler.pendingTimers, 0);
});

test('an answer that leads nowhere does not make a busy loop', async () => {
  const { consumer, scheduler, pulls } = create([
    resultOf('OFFSET_ILLEGAL', 0),
    resultOf('OFFSET_ILLEGAL', 4),
  ]);
  await turn();
  is(pulls.length, 1);
  scheduler.advance(NO_PROGRESS_MS);
  await turn();
  equal(
    pulls.map(([queueOffset]) => queueOffset),
    [0, 0, 4],
  );
  await consumer.stop();
});

test('stop waits for the message that is handled and takes no other', async () => {
  let release: () => void = () => undefined;
  const handled: number[] = [];
  const { consumer } = create([resultOf('FOUND', 3, [0, 1, 2])], {
    consume: ({ queueOffset }) => {
      handled.push(queueOffset);
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    },
  });
  await turn();
  let isStopped = false;
  const stopping = consumer.stop().then(() => {
    isStopped = true;
  });
  await turn();
  is(isStopped, false);
  release();
  await stopping;
  equal(handled, [0]);
  is(consumer.consumedOffset, 1);
});

test('a handler that is cut off by stop leaves its message unhandled', async () => {
  const { consumer } = create([resultOf('FOUND', 2, [0, 1])], {
    consume: (_, signal) =>
      new Promise<void>((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('away')), { once: true }),
      ),
  });
  await turn();
  await consumer.stop();
  is(consumer.consumedOffset, 0);
  ok(consumer.waitingMessages === 2);
});
