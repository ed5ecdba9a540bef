import { Recorder } from './recorder.ts';
import { consumerLine } from './stat-lines.ts';

interface ArrivalCounts {
  readonly messages: number;
  readonly bornMs: number;
  readonly storeMs: number;
  readonly failed: number;
}

/** Counts received messages: how long they were on their way from birth (B2C) and from the store (S2C) to here. */
export class Arrivals {
  readonly recorder = new Recorder();
  storeMsSum = 0;
  storeMsMax = 0;
  failed = 0;
  /** When the last one came. */
  lastMs = 0;
  #line = { atMs: 0, before: this.#snapshot() };

  /** @param nowMs of the monotonic clock, as in `startLine` and `line` */
  note(nowMs: number, bornMs: number, storeMs: number, bytes: number): void {
    // hot path
    this.lastMs = nowMs;
    this.storeMsSum += storeMs;
    if (storeMs > this.storeMsMax) this.storeMsMax = storeMs;
    this.recorder.success(Math.max(0, bornMs), 1, bytes);
  }

  /** What follows belongs to the next line. */
  startLine(nowMs: number): void {
    this.#line = { atMs: nowMs, before: this.#snapshot() };
    this.storeMsMax = 0;
  }

  /** Milliseconds that the next line covers already. */
  lineMs(nowMs: number): number {
    return nowMs - this.#line.atMs;
  }

  /** RocketMQ's line for what arrived since the last one. */
  line(nowMs: number, wallMs: number): string {
    const { recorder } = this;
    const { atMs, before } = this.#line;
    const text = consumerLine({
      nowMs: wallMs,
      seconds: (nowMs - atMs) / 1000,
      messages: recorder.messages - before.messages,
      failed: this.failed - before.failed,
      bornMsSum: recorder.responseMsSum - before.bornMs,
      storeMsSum: this.storeMsSum - before.storeMs,
      bornMsMax: recorder.takeMax(),
      storeMsMax: this.storeMsMax,
    });
    this.startLine(nowMs);
    return text;
  }

  /** The end of the warm-up. */
  restart(nowMs: number): void {
    this.recorder.restart(nowMs);
    this.startLine(nowMs);
  }

  #snapshot(): ArrivalCounts {
    const { messages, responseMsSum: bornMs } = this.recorder;
    return { messages, bornMs, storeMs: this.storeMsSum, failed: this.failed };
  }
}
