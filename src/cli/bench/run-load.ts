import { type Network, type Socket, systemClock } from '../../base/index.ts';
import { parseAddress } from '../../transport/index.ts';
import { cpuMicros } from './cpu-micros.ts';
import { LoadLink, type Work } from './load-link.ts';
import type { Pacer } from './pacer.ts';
import type { Recorder } from './recorder.ts';

/** One connection of a load. */
export interface LoadTarget {
  readonly address: string;
  /** Requests in flight on it. */
  readonly slots: number;
  readonly work: Work;
}

/** A load and its bounds. */
export interface LoadPlan {
  readonly targets: readonly LoadTarget[];
  readonly pacer: Pacer;
  readonly recorder: Recorder;
  readonly network: Network;
  /** Seconds that count, after the warm-up; 0: until it is interrupted or has nothing left to do. */
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly timeoutMs: number;
  /** Called ten times a second at most, with the seconds that were measured so far; below 0 in the warm-up. */
  readonly onTick: (measuredSeconds: number) => void;
  /** Ends the load early, with what it measured. */
  readonly interrupted: AbortSignal;
}

/** How a load ended. */
export interface LoadEnd {
  readonly seconds: number;
  /** Processor time of this process while it was measured. */
  readonly cpuMicros: number;
  /** What ended it before its time. */
  readonly problem?: string;
  readonly isInterrupted: boolean;
  /** Requests that were due and could not go out before the end, with a rate. */
  readonly unsent: number;
}

/** Why a run that ended too early has no figures. */
export const ENDED_WARM = 'it ended within its warm-up, so nothing was measured';

const TICK_MS = 20;
const REPORT_EVERY_TICKS = 5;
const CONNECT_TIMEOUT_MS = 3000;
/** A server that refuses this often in a row, and nothing else, will not change its mind. */
const REFUSALS_MAX = 100;
/** Refused slots wait this many ticks before they try again. */
const SWEEP_EVERY_TICKS = 5;
/** Nothing was answered for this many time limits: the server is taken for dead. */
const SILENT_TIMEOUTS = 3;
/** Below this the next request is waited for in turns of the event loop, since timers are late by a millisecond. */
const TIMER_MS_MIN = 2;

/** @throws {Error} that names the address */
export const connectTo = (network: Network, address: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const to = { ...parseAddress(address), timeoutMs: CONNECT_TIMEOUT_MS };
    network.connect(to, (error, socket) => {
      if (socket !== undefined) resolve(socket);
      else reject(new Error(`cannot connect to ${address}: ${error?.message}`, { cause: error }));
    });
  });

class LoadSession {
  readonly #plan: LoadPlan;
  readonly #slots: number;
  #links: LoadLink[] = [];
  /** Link whose turn it is, with a rate. */
  #turn = 0;
  #ticks = 0;
  #measuredFromMs = 0;
  #measuredFromCpu = 0;
  #isWarm = false;
  #stoppedMs = 0;
  #lastAnswerMs = 0;
  #lastRequests = 0;
  #problem: string | undefined;
  #isOver = false;
  #unsent: number | undefined;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.#slots = plan.targets.reduce((sum, { slots }) => sum + slots, 0);
  }

  /** @throws {Error} where a connection cannot be made */
  async run(): Promise<LoadEnd> {
    const { targets, network, pacer } = this.#plan;
    const sockets = await Promise.all(targets.map(({ address }) => connectTo(network, address)));
    this.#links = targets.map((target, index) => this.#link(target, sockets[index] as Socket));
    const nowMs = systemClock.monotonicMs();
    this.#isWarm = this.#plan.warmSeconds === 0;
    pacer.start(nowMs, !this.#isWarm);
    this.#lastAnswerMs = nowMs;
    this.#measureFrom(nowMs);
    const ended = this.#untilOver();
    if (pacer.isPaced) this.#pace();
    else this.#pump(nowMs);
    await ended;
    return this.#end();
  }

  #link(target: LoadTarget, socket: Socket): LoadLink {
    const { pacer, recorder, timeoutMs } = this.#plan;
    return new LoadLink(socket, {
      ...target,
      pacer,
      recorder,
      timeoutMs,
      nowMs: systemClock.monotonicMs,
      onRoom: pacer.isPaced ? (nowMs) => this.#deal(nowMs) : undefined,
      onEnd: (problem) => this.#fail(problem),
      onAnswers: (nowMs) => {
        this.#lastAnswerMs = nowMs;
      },
    });
  }

  #measureFrom(nowMs: number): void {
    this.#measuredFromMs = nowMs;
    this.#measuredFromCpu = cpuMicros();
  }

  #untilOver(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        this.#tick(systemClock.monotonicMs());
        if (!this.#isOver) return;
        clearInterval(timer);
        resolve();
      }, TICK_MS);
    });
  }

  #tick(nowMs: number): void {
    const { seconds, warmSeconds, interrupted, onTick } = this.#plan;
    this.#ticks += 1;
    if (!this.#isWarm && this.#elapsed(nowMs) >= warmSeconds) this.#endWarmUp(nowMs);
    const elapsed = this.#elapsed(nowMs);
    if (seconds > 0 && this.#isWarm && elapsed >= seconds) this.#stopAfter(seconds, nowMs);
    if (interrupted.aborted) this.#stop(nowMs);
    if (this.#ticks % SWEEP_EVERY_TICKS === 0) this.#sweep(nowMs);
    if (this.#ticks % REPORT_EVERY_TICKS === 0) onTick(this.#isWarm ? elapsed : -1);
    if (!this.#isOver) this.#checkEnd(nowMs);
  }

  #elapsed(nowMs: number): number {
    return (nowMs - this.#measuredFromMs) / 1000;
  }

  #endWarmUp(nowMs: number): void {
    this.#isWarm = true;
    this.#plan.recorder.restart(nowMs);
    this.#plan.pacer.endWarmUp(nowMs);
    this.#measureFrom(nowMs);
  }

  #sweep(nowMs: number): void {
    const { recorder, timeoutMs } = this.#plan;
    for (const link of this.#links) link.sweep(nowMs);
    if (recorder.requests !== this.#lastRequests) this.#lastRequests = recorder.requests;
    else if (recorder.refusedInRow >= REFUSALS_MAX) this.#fail(recorder.problem ?? 'refused');
    else if (nowMs - this.#lastAnswerMs > timeoutMs * SILENT_TIMEOUTS && this.#inFlight > 0)
      this.#fail(`no answer for ${Math.round((nowMs - this.#lastAnswerMs) / 1000)} s`);
    this.#pump(nowMs);
  }

  #pump(nowMs: number): void {
    if (this.#plan.pacer.isPaced) this.#deal(nowMs);
    else for (const link of this.#links) link.pump(nowMs);
  }

  /** Gives the links what is due in turn, one request each: the first would take all of a low rate. */
  #deal(nowMs: number): void {
    // hot path
    const links = this.#links;
    let passed = 0;
    while (passed < links.length && this.#plan.pacer.isDue(nowMs)) {
      const link = links[this.#turn] as LoadLink;
      this.#turn = this.#turn + 1 < links.length ? this.#turn + 1 : 0;
      passed = link.take(nowMs) ? 0 : passed + 1;
    }
    for (const link of links) link.flush();
  }

  #stopAfter(seconds: number, nowMs: number): void {
    this.#plan.pacer.stopAfter(this.#measuredFromMs + seconds * 1000);
    if (this.#stoppedMs === 0) this.#stoppedMs = nowMs;
  }

  #stop(nowMs: number): void {
    this.#unsent ??= this.#plan.pacer.overdue(nowMs);
    this.#plan.pacer.stop();
  }

  #checkEnd(nowMs: number): void {
    const retired = this.#links.reduce((sum, link) => sum + link.retired, 0);
    const isDone = this.#plan.pacer.isDone || retired === this.#slots;
    if (!isDone && this.#stoppedMs === 0) return;
    if (this.#stoppedMs === 0) this.#stoppedMs = nowMs;
    const isPatienceOver = nowMs - this.#stoppedMs > this.#plan.timeoutMs;
    if ((isDone && this.#inFlight === 0) || isPatienceOver) this.#isOver = true;
  }

  get #inFlight(): number {
    return this.#links.reduce((sum, link) => sum + link.inFlight, 0);
  }

  #pace(): void {
    if (this.#isOver || this.#plan.pacer.isDone) return;
    const nowMs = systemClock.monotonicMs();
    this.#deal(nowMs);
    const waitMs = this.#plan.pacer.dueMs() - nowMs;
    // Where every slot is taken the answers pump.
    if (waitMs >= TIMER_MS_MIN) setTimeout(() => this.#pace(), Math.floor(waitMs - 1));
    else if (waitMs < 0) setTimeout(() => this.#pace(), 1);
    else setImmediate(() => this.#pace());
  }

  #fail(problem: string): void {
    if (this.#isOver) return;
    this.#problem ??= problem;
    this.#stop(systemClock.monotonicMs());
    this.#isOver = true;
  }

  #end(): LoadEnd {
    const cpu = cpuMicros() - this.#measuredFromCpu;
    const nowMs = systemClock.monotonicMs();
    this.#stop(nowMs);
    for (const link of this.#links) link.close();
    if (!this.#isWarm) this.#forget(nowMs);
    return {
      seconds: this.#isWarm ? Math.max(0, this.#elapsed(this.#lastAnswerMs)) : 0,
      cpuMicros: this.#isWarm ? cpu : 0,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
      isInterrupted: this.#plan.interrupted.aborted,
      unsent: this.#unsent ?? 0,
    };
  }

  /** The figures of a warm-up are none to report. */
  #forget(nowMs: number): void {
    const { recorder } = this.#plan;
    this.#problem ??= recorder.problem ?? ENDED_WARM;
    recorder.restart(nowMs);
  }
}

/**
 * Runs a load to its end: its time, its number of requests, an interruption, or a server that fails.
 * @throws {Error} where a connection cannot be made in the first place
 */
export const runLoad = (plan: LoadPlan): Promise<LoadEnd> => new LoadSession(plan).run();
