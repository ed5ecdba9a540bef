import { writeInt32BE } from '../../base/index.ts';
import type { PairOutput, RoomWaiter } from './pair-output.ts';
import { ID_BYTES, RECORD_GO, RECORD_STOP } from './records.ts';

/** Tells the other end of one connection whether to send. T8: past bytes that wait, which it may be that keep it waiting. */
export class FlowSignal implements RoomWaiter {
  readonly #id: number;
  readonly #output: PairOutput;
  #isStopped = false;
  /** What the other end was told last. */
  #isStopTold = false;
  #isQueued = false;

  constructor(id: number, output: PairOutput) {
    this.#id = id;
    this.#output = output;
  }

  /** The other end is to send nothing. */
  stop(): void {
    this.#set(true);
  }

  /** The other end may send. */
  go(): void {
    this.#set(false);
  }

  /** @internal */
  onRoom(): boolean {
    if (!this.#tell()) return false;
    this.#isQueued = false;
    return true;
  }

  #set(isStopped: boolean): void {
    this.#isStopped = isStopped;
    if (this.#isQueued || this.#tell()) return;
    this.#isQueued = true;
    this.#output.wait(this);
  }

  /** False where there is no room; what was taken back meanwhile is not told. */
  #tell(): boolean {
    if (this.#isStopTold === this.#isStopped) return true;
    const index = this.#output.claim(ID_BYTES, this.#isStopped ? RECORD_STOP : RECORD_GO);
    if (index < 0) return false;
    writeInt32BE(this.#output.writer.bytes, index, this.#id);
    this.#output.commit(ID_BYTES);
    this.#isStopTold = this.#isStopped;
    return true;
  }
}
