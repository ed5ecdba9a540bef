import { type ClientOptions, Producer } from '../../src/index.ts';
import { pace } from './pace.ts';

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

/** Sends in one turn of the event loop: a part of a millisecond's work. */
const TURN_SENDS_MAX = 64;
const WARM_MS = 500;
const IN_FLIGHT_MAX = 8_192;
const BODY = Buffer.alloc(128, 'x');

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
  await pace(rate, WARM_MS, TURN_SENDS_MAX, send);
  plan.onStart();
  await pace(rate, seconds * 1000, TURN_SENDS_MAX, send);
  plan.onEnd();
  await producer.close();
  return { ...counts, seconds: seconds + WARM_MS / 1000, firstError };
};
