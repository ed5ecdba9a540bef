import { setImmediate as turn } from 'node:timers/promises';
import { errorMessage, systemClock } from '../../base/index.ts';
import { type ClientOptions, type OutgoingMessage, Producer } from '../../client/index.ts';
import { countStored } from './count-stored.ts';
import { cpuMicros } from './cpu-micros.ts';
import { Recorder } from './recorder.ts';
import { ENDED_WARM, type LoadEnd } from './run-load.ts';

/** How sends are measured. */
export interface SendPlan {
  readonly where: ClientOptions;
  readonly topic: string;
  readonly bodyBytes: number;
  /** Calls under way at once. */
  readonly lanes: number;
  /** Messages of a call; above 1 they are sent as a batch. */
  readonly batch: number;
  /** 0: no limit. */
  readonly seconds: number;
  readonly warmSeconds: number;
  /** Ends after so many calls, the warm-up's not counted; 0: by time alone. */
  readonly quantity: number;
  /** Ends it early, with what it measured. */
  readonly stop: AbortSignal;
  /** Called ten times a second at most, as a load does; below 0 in the warm-up. */
  readonly onTick: (seconds: number, recorder: Recorder) => void;
}

/** What came of a measurement. */
export interface Measured {
  readonly recorder: Recorder;
  readonly end: LoadEnd;
}

/** Of pipelined single sends every so many is timed: reading the clock costs as much as a part of a send. */
const TIMED_EVERY = 16;
const TICK_MS = 100;
/** Sends that settle in microtasks would keep signals and timers waiting. */
const TURN_MS = 20;
/** A node that fails so often in a row, and does nothing else, is given up. */
const FAILURES_MAX = 100;

class SendSession {
  readonly recorder = new Recorder();
  /** Messages of the whole run, its warm-up included. */
  acknowledged = 0;
  readonly #plan: SendPlan;
  readonly #send: () => Promise<unknown>;
  readonly #timedEvery: number;
  #calls = 0;
  #fromMs = systemClock.monotonicMs();
  #fromCpu = cpuMicros();
  #isWarm: boolean;
  #tickMs = 0;
  #turnMs = 0;
  #isOver = false;

  constructor(plan: SendPlan, send: () => Promise<unknown>) {
    this.#plan = plan;
    this.#send = send;
    this.#timedEvery = plan.lanes === 1 || plan.batch > 1 ? 1 : TIMED_EVERY;
    this.#isWarm = plan.warmSeconds === 0;
  }

  async run(): Promise<LoadEnd> {
    const timer = setInterval(() => this.#look(systemClock.monotonicMs()), TICK_MS);
    await Promise.all(Array.from({ length: this.#plan.lanes }, () => this.#lane()));
    clearInterval(timer);
    const isInterrupted = this.#plan.stop.aborted;
    if (!this.#isWarm) return { ...this.#forget(), isInterrupted, unsent: 0 };
    const seconds = (systemClock.monotonicMs() - this.#fromMs) / 1000;
    const cpu = cpuMicros() - this.#fromCpu;
    return { seconds, cpuMicros: cpu, isInterrupted, unsent: 0 };
  }

  /** The figures of a warm-up are none to report. */
  #forget() {
    const problem = this.recorder.problem ?? ENDED_WARM;
    this.recorder.restart(systemClock.monotonicMs());
    return { seconds: 0, cpuMicros: 0, problem };
  }

  get #hasCalls(): boolean {
    const { quantity } = this.#plan;
    return !this.#isOver && (quantity === 0 || !this.#isWarm || this.#calls < quantity);
  }

  async #lane(): Promise<void> {
    const { batch, bodyBytes } = this.#plan;
    const { recorder } = this;
    while (this.#hasCalls) {
      this.#calls += 1;
      const isWarm = this.#isWarm;
      const isTimed = this.#calls % this.#timedEvery === 0;
      const sentMs = isTimed ? systemClock.monotonicMs() : 0;
      try {
        await this.#send();
      } catch (error) {
        this.#failed(errorMessage(error));
        continue;
      }
      this.acknowledged += batch;
      // Begun in the warm-up, ended after it.
      if (isWarm !== this.#isWarm) continue;
      if (!isTimed) {
        recorder.count(batch, batch * bodyBytes);
        continue;
      }
      const nowMs = systemClock.monotonicMs();
      recorder.success(nowMs - sentMs, batch, batch * bodyBytes);
      // It stands for those that were not timed, so that averages are of all.
      recorder.responseMsSum += (nowMs - sentMs) * (this.#timedEvery - 1);
      if (this.#look(nowMs)) await turn();
    }
  }

  /** Looks whether something is over. @returns true where the event loop should have its turn */
  #look(nowMs: number): boolean {
    const { seconds, warmSeconds, stop, onTick } = this.#plan;
    const elapsed = (nowMs - this.#fromMs) / 1000;
    if (!this.#isWarm && elapsed >= warmSeconds) {
      this.#isWarm = true;
      this.#calls = 0;
      this.#fromMs = nowMs;
      this.#fromCpu = cpuMicros();
      this.recorder.restart(nowMs);
    }
    const isDone = this.#isWarm && seconds > 0 && nowMs - this.#fromMs >= seconds * 1000;
    if (isDone || stop.aborted) this.#isOver = true;
    if (nowMs - this.#tickMs >= TICK_MS) {
      this.#tickMs = nowMs;
      onTick(this.#isWarm ? (nowMs - this.#fromMs) / 1000 : -1, this.recorder);
    }
    if (nowMs - this.#turnMs < TURN_MS) return false;
    this.#turnMs = nowMs;
    return true;
  }

  #failed(problem: string): void {
    this.recorder.refused(this.#plan.batch, problem);
    if (this.recorder.refusedInRow >= FAILURES_MAX || this.#plan.stop.aborted) this.#isOver = true;
  }
}

const checkStored = async (plan: SendPlan, acknowledged: number): Promise<string | undefined> => {
  const stored = await countStored(plan.where, plan.topic);
  return stored === acknowledged ? undefined : `${acknowledged} acknowledged, ${stored} stored`;
};

/** Sends to a topic that holds nothing yet, and holds what was acknowledged against what the broker says it has. */
export const measureSends = async (plan: SendPlan): Promise<Measured> => {
  const { where, topic, bodyBytes, lanes, batch } = plan;
  const producer = new Producer({
    ...where,
    producerGroup: 'benchmark_embedded',
    sendsInFlightMax: lanes + 1,
    compressBodyBytesMin: Number.POSITIVE_INFINITY,
  });
  await producer.start();
  try {
    const message: OutgoingMessage = { topic, body: Buffer.alloc(bodyBytes, 'x') };
    const messages = Array.from({ length: batch }, () => message);
    const send = batch === 1 ? () => producer.send(message) : () => producer.sendBatch(messages);
    const session = new SendSession(plan, send);
    const end = await session.run();
    const { recorder, acknowledged } = session;
    if (recorder.failed > 0 || acknowledged === 0) return { recorder, end };
    // A node that just died cannot be asked; what was measured still counts.
    const problem = await checkStored(plan, acknowledged).catch(errorMessage);
    return { recorder, end: problem === undefined ? end : { ...end, problem } };
  } finally {
    // The same holds for its goodbye.
    await producer.close().catch(() => undefined);
  }
};
