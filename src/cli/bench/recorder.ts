import { Histogram } from './histogram.ts';

const MICROSECONDS = 1000;

/** Counters of a run; `snapshot` takes a copy of them. */
export interface Counts {
  /** Requests answered with success. */
  readonly requests: number;
  readonly messages: number;
  readonly bytes: number;
  /** Requests that got no answer, and the messages in them. */
  readonly sendFailed: number;
  /** Requests that were refused. */
  readonly responseFailed: number;
  readonly messagesFailed: number;
  /** Sum of the response times of `requests`. */
  readonly responseMsSum: number;
}

/** Counts what a load does. Plain fields: they are written once per message. */
export class Recorder implements Counts {
  requests = 0;
  messages = 0;
  bytes = 0;
  sendFailed = 0;
  responseFailed = 0;
  messagesFailed = 0;
  responseMsSum = 0;
  /** Longest response time since the last `takeMax`. */
  responseMsMax = 0;
  /** Response times in microseconds. */
  readonly latency = new Histogram();
  /** What a server said when it refused for the first time. */
  problem: string | undefined;
  /** Refusals since the last success. */
  refusedInRow = 0;
  /** What began before that is of the warm-up. */
  fromMs = Number.NEGATIVE_INFINITY;

  success(responseMs: number, messages: number, bytes: number): void {
    // hot path
    this.requests += 1;
    this.messages += messages;
    this.bytes += bytes;
    this.responseMsSum += responseMs;
    if (responseMs > this.responseMsMax) this.responseMsMax = responseMs;
    this.latency.record(responseMs * MICROSECONDS);
    this.refusedInRow = 0;
  }

  /** A success whose response time nobody took. */
  count(messages: number, bytes: number): void {
    // hot path
    this.requests += 1;
    this.messages += messages;
    this.bytes += bytes;
    this.refusedInRow = 0;
  }

  /** A success of the warm-up that came after its end: it is no part of what is measured. */
  late(_messages: number): void {
    this.refusedInRow = 0;
  }

  /** A request that nobody answered. */
  lost(messages: number): void {
    this.sendFailed += 1;
    this.messagesFailed += messages;
  }

  refused(messages: number, problem: string): void {
    this.responseFailed += 1;
    this.messagesFailed += messages;
    this.refusedInRow += 1;
    this.problem ??= problem;
  }

  get failed(): number {
    return this.sendFailed + this.responseFailed;
  }

  snapshot(): Counts {
    const { requests, messages, bytes, sendFailed, responseFailed, messagesFailed } = this;
    const { responseMsSum } = this;
    return { requests, messages, bytes, sendFailed, responseFailed, messagesFailed, responseMsSum };
  }

  takeMax(): number {
    const max = this.responseMsMax;
    this.responseMsMax = 0;
    return max;
  }

  /** The end of the warm-up: what succeeded is forgotten, what failed is not. */
  restart(nowMs: number): void {
    this.fromMs = nowMs;
    this.requests = 0;
    this.messages = 0;
    this.bytes = 0;
    this.responseMsSum = 0;
    this.responseMsMax = 0;
    this.latency.reset();
  }
}
