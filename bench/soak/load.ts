import { countStored } from '../../src/cli/bench/count-stored.ts';
import { type ClientOptions, Producer, PushConsumer } from '../../src/index.ts';

/** What one client did, from its start to its end. */
export interface LoadCounts {
  readonly issued: number;
  readonly acknowledged: number;
  readonly failed: number;
  /** Not sent because too many were under way. */
  readonly skipped: number;
  /** What the broker says the topic holds. */
  readonly stored: number;
  /** Distinct messages by queue and offset. */
  readonly consumed: number;
  readonly deliveredTwice: number;
  readonly firstError: string | undefined;
}

/** A client under load. */
export interface Load {
  /** Stops sending, waits until all is settled and consumed, and closes the clients. */
  stop(): Promise<LoadCounts>;
}

const TICK_MS = 5;
const IN_FLIGHT_MAX = 4_000;
const CATCH_UP_MS = 30_000;
const BODY = Buffer.alloc(128, 'x');

/** Counts messages by the next offset of each queue, which costs no memory: a push consumer delivers a queue in order. */
class Receipts {
  readonly #next = new Map<string, number>();
  consumed = 0;
  deliveredTwice = 0;

  note(brokerName: string, queueId: number, queueOffset: number): void {
    const key = `${brokerName}:${queueId}`;
    const next = this.#next.get(key) ?? 0;
    if (queueOffset < next) {
      this.deliveredTwice += 1;
      return;
    }
    this.consumed += 1;
    this.#next.set(key, queueOffset + 1);
  }
}

/** Sends `rate` messages a second to `topic` and consumes them again. */
export const startLoad = async (
  where: ClientOptions,
  topic: string,
  rate: number,
): Promise<Load> => {
  const producer = new Producer({ ...where, producerGroup: `${topic}-producer` });
  await producer.start();
  await producer.send({ topic, body: BODY });
  const receipts = new Receipts();
  const consumer = new PushConsumer({
    ...where,
    consumerGroup: `${topic}-consumer`,
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  });
  consumer.subscribe(topic, '*', ({ brokerName, queueId, queueOffset }) => {
    receipts.note(brokerName, queueId, queueOffset);
  });
  await consumer.start();

  const counts = { issued: 1, acknowledged: 1, failed: 0, skipped: 0 };
  let firstError: string | undefined;
  const onOk = (): void => {
    counts.acknowledged += 1;
  };
  const onError = (error: unknown): void => {
    counts.failed += 1;
    firstError ??= String(error);
  };
  const startMs = performance.now();
  let due = 0;
  const timer = setInterval(() => {
    const wanted = Math.floor(((performance.now() - startMs) / 1000) * rate);
    for (; due < wanted; due++) {
      if (counts.issued - counts.acknowledged - counts.failed >= IN_FLIGHT_MAX) {
        counts.skipped += 1;
        continue;
      }
      counts.issued += 1;
      producer.send({ topic, body: BODY }).then(onOk, onError);
    }
  }, TICK_MS);

  const stop = async (): Promise<LoadCounts> => {
    clearInterval(timer);
    await producer.close();
    const endMs = performance.now() + CATCH_UP_MS;
    while (receipts.consumed < counts.acknowledged && performance.now() < endMs)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await consumer.close();
    const stored = await countStored(where, topic);
    const { consumed, deliveredTwice } = receipts;
    return { ...counts, stored, consumed, deliveredTwice, firstError };
  };
  return { stop };
};
