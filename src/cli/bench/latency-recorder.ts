import { Arrivals } from './arrivals.ts';
import { Recorder } from './recorder.ts';

/**
 * Times sends until they are acknowledged, and their messages until they arrive; both from when a send was due. What was due
 * in the warm-up does not count, however late it comes.
 */
export class LatencyRecorder extends Recorder {
  readonly arrivals = new Arrivals();
  /** Messages of the whole run, its warm-up included. */
  acknowledged = 0;
  arrived = 0;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    super();
    this.#nowMs = nowMs;
    this.arrivals.startLine(nowMs());
  }

  override success(responseMs: number, messages: number, bytes: number): void {
    // hot path
    this.acknowledged += messages;
    super.success(responseMs, messages, bytes);
  }

  override late(messages: number): void {
    super.late(messages);
    this.acknowledged += messages;
  }

  arrive(dueMs: number, storeMs: number, bytes: number): void {
    // hot path
    const nowMs = this.#nowMs();
    this.arrived += 1;
    if (dueMs >= this.fromMs) this.arrivals.note(nowMs, nowMs - dueMs, storeMs, bytes);
    else this.arrivals.lastMs = nowMs;
  }

  override restart(nowMs: number): void {
    super.restart(nowMs);
    this.arrivals.restart(nowMs);
  }
}
