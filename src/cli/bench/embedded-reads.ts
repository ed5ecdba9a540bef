import { errorMessage, systemClock } from '../../base/index.ts';
import {
  type ClientOptions,
  type MessageQueue,
  PullConsumer,
  PushConsumer,
} from '../../client/index.ts';
import { countStored } from './count-stored.ts';
import { cpuMicros } from './cpu-micros.ts';
import type { Measured } from './embedded-sends.ts';
import { Recorder } from './recorder.ts';

/** How the backlog of a topic is read. */
export interface ReadPlan {
  readonly where: ClientOptions;
  readonly topic: string;
  readonly bodyBytes: number;
  /** Ends it early, with what it measured. */
  readonly stop: AbortSignal;
  readonly onTick: (seconds: number, recorder: Recorder) => void;
}

const PULL_MESSAGES = 1024;
const QUEUE_MESSAGES = 4 * PULL_MESSAGES;
const TICK_MS = 100;
/** Nothing came for so long: nothing more will. */
const QUIET_MS = 10_000;

/** A consumer, ready to read. */
interface Reader {
  /** @returns milliseconds that passed before the first message and do not count */
  read(recorder: Recorder, expected: number): Promise<number>;
  close(): Promise<void>;
}

/** Reads a topic, and checks that all of it was read. */
const measureRead = async (plan: ReadPlan, open: () => Promise<Reader>): Promise<Measured> => {
  const { where, topic, bodyBytes, stop, onTick } = plan;
  const recorder = new Recorder();
  const expected = await countStored(where, topic);
  const reader = await open();
  const before = cpuMicros();
  const startMs = systemClock.monotonicMs();
  const elapsed = (): number => (systemClock.monotonicMs() - startMs) / 1000;
  const timer = setInterval(() => onTick(elapsed(), recorder), TICK_MS);
  let problem: string | undefined;
  let idleMs = 0;
  try {
    idleMs = await reader.read(recorder, expected);
  } catch (error) {
    problem = errorMessage(error);
  }
  clearInterval(timer);
  const seconds = Math.max(0, elapsed() - idleMs / 1000);
  const end = { seconds, cpuMicros: cpuMicros() - before, isInterrupted: stop.aborted, unsent: 0 };
  const { messages, bytes } = recorder;
  if (!stop.aborted && (messages !== expected || bytes !== expected * bodyBytes))
    problem ??= `${expected} messages stored, ${messages} read with ${bytes} bytes of bodies`;
  // A node that died hears no goodbye.
  await reader.close().catch(() => undefined);
  return { recorder, end: problem === undefined ? end : { ...end, problem } };
};

const openPull = async ({ where, topic, stop }: ReadPlan): Promise<Reader> => {
  const consumer = new PullConsumer({ ...where, consumerGroup: 'benchmark_embedded_pull' });
  await consumer.start();
  const readQueue = async (queue: MessageQueue, recorder: Recorder): Promise<void> => {
    for (let next = 0; !stop.aborted; ) {
      const result = await consumer.pull(queue, next, { maxMessages: PULL_MESSAGES });
      if (result.status !== 'FOUND') return;
      let bytes = 0;
      for (const { body } of result.messages) bytes += body.length;
      recorder.count(result.messages.length, bytes);
      next = result.nextBeginOffset;
    }
  };
  return {
    read: async (recorder) => {
      const queues = await consumer.fetchMessageQueues(topic);
      await Promise.all(queues.map((queue) => readQueue(queue, recorder)));
      return 0;
    },
    close: () => consumer.close(),
  };
};

const openPush = async ({ where, topic, stop }: ReadPlan): Promise<Reader> => {
  const startMs = systemClock.monotonicMs();
  const consumer = new PushConsumer({
    ...where,
    consumerGroup: `benchmark_embedded_push_${systemClock.now()}`,
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    pullBatchSize: PULL_MESSAGES,
    queueMessagesMax: QUEUE_MESSAGES,
  });
  return {
    read: async (recorder, expected) => {
      let firstMs = startMs;
      await new Promise<void>((resolve, reject) => {
        const watch = watchQuiet(recorder, stop, resolve);
        const settle = (error?: unknown): void => {
          clearInterval(watch);
          if (error === undefined) resolve();
          else reject(error);
        };
        consumer.subscribe(topic, '*', ({ body }) => {
          if (recorder.messages === 0) firstMs = systemClock.monotonicMs();
          recorder.count(1, body.length);
          if (recorder.messages === expected) settle();
        });
        consumer.start().catch(settle);
      });
      return firstMs - startMs;
    },
    close: () => consumer.close(),
  };
};

/** Reads all queues of a topic at once, with the pull consumer. */
export const measurePull = (plan: ReadPlan): Promise<Measured> =>
  measureRead(plan, () => openPull(plan));

/** Reads a topic with a push consumer; what passes before its first message does not count. */
export const measurePush = (plan: ReadPlan): Promise<Measured> =>
  measureRead(plan, () => openPush(plan));

/** Calls `end` once nothing comes any more. */
const watchQuiet = (recorder: Recorder, stop: AbortSignal, end: () => void): NodeJS.Timeout => {
  let seen = -1;
  let seenMs = systemClock.monotonicMs();
  const timer = setInterval(() => {
    const nowMs = systemClock.monotonicMs();
    if (recorder.messages !== seen) {
      seen = recorder.messages;
      seenMs = nowMs;
    }
    if (!stop.aborted && nowMs - seenMs < QUIET_MS) return;
    clearInterval(timer);
    end();
  }, TICK_MS);
  return timer;
};
