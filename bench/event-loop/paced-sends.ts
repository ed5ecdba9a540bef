import { type ClientOptions, Producer } from '../../src/index.ts';

/** What came of sends at a steady rate. */
export interface PacedCounts {
  readonly seconds: number;
  readonly acknowledged: number;
  readonly failed: number;
  /** Not sent because too many were under way: the rate was not held. */
  readonly skipped: number;
  readonly firstError: string | undefined;
}

/** How sends are paced. */
export interface PacedPlan {
  readonly where: ClientOptions;
  readonly topic: string;
  /** Messages a second. */
  readonly rate: number;
  readonly seconds: number;
  /** False: the same timer and the same promises, and nothing is sent. */
  readonly isSending: boolean;
  /** Called when the first messages are through, and again at the end, before clients are closed. */
  readonly onStart: () => void;
  readonly onEnd: () => void;
}

const TICK_MS = 1;
const WARM_MS = 500;
const IN_FLIGHT_MAX = 8_192;
const BODY = Buffer.alloc(128, 'x');

/** Calls `work` at a steady rate until `ms` are over, a millisecond's worth at a time. */
const pace = (rate: number, ms: number, work: () => void): Promise<void> =>
  new Promise((resolve) => {
    const startMs = performance.now();
    let done = 0;
    const timer = setInterval(() => {
      const elapsedMs = Math.min(ms, performance.now() - startMs);
      const due = Math.floor((elapsedMs / 1000) * rate);
      for (; done < due; done++) work();
      if (elapsedMs < ms) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });

/** Sends at a steady rate from this thread, or does everything but that. */
export const pacedSends = async (plan: PacedPlan): Promise<PacedCounts> => {
  const { where, topic, rate, seconds, isSending } = plan;
  const producer = new Producer({
    ...where,
    producerGroup: 'event-loop',
    sendsInFlightMax: IN_FLIGHT_MAX,
  });
  await producer.start();
  const counts = { acknowledged: 0, failed: 0, skipped: 0 };
  let firstError: string | undefined;
  let inFlight = 0;
  const onOk = (): void => {
    inFlight -= 1;
    counts.acknowledged += 1;
  };
  const onError = (error: unknown): void => {
    inFlight -= 1;
    counts.failed += 1;
    firstError ??= String(error);
  };
  const send = (): void => {
    if (inFlight >= IN_FLIGHT_MAX) {
      counts.skipped += 1;
      return;
    }
    inFlight += 1;
    const settled: Promise<unknown> = isSending
      ? producer.send({ topic, body: BODY })
      : Promise.resolve();
    settled.then(onOk, onError);
  };
  await pace(rate, WARM_MS, send);
  plan.onStart();
  await pace(rate, seconds * 1000, send);
  plan.onEnd();
  await producer.close();
  return { ...counts, seconds: seconds + WARM_MS / 1000, firstError };
};
