import { writeInt32BE } from '../../base/index.ts';
import type { PairOutput, RoomWaiter } from './pair-output.ts';
import { CREDIT_BYTES, ID_BYTES, RECORD_CREDIT, WINDOW_BYTES } from './records.ts';

/** Used bytes that are told together: half a window, so that the other end need not stop while it is told. */
const TOLD_BYTES = WINDOW_BYTES / 2;

/** Tells the other end of one connection what of its bytes was used, and so how many more it may send. T8 */
export class InputWindow implements RoomWaiter {
  readonly #id: number;
  readonly #output: PairOutput;
  #usedBytes = 0;
  #isQueued = false;

  constructor(id: number, output: PairOutput) {
    this.#id = id;
    this.#output = output;
  }

  /** Bytes of the connection are kept no longer. */
  use(bytes: number): void {
    // hot path
    this.#usedBytes += bytes;
    if (this.#usedBytes < TOLD_BYTES || this.#isQueued || this.#tell()) return;
    this.#isQueued = true;
    this.#output.wait(this);
  }

  /** @internal */
  onRoom(): boolean {
    this.#isQueued = !this.#tell();
    return !this.#isQueued;
  }

  #tell(): boolean {
    const { writer } = this.#output;
    const index = this.#output.claim(CREDIT_BYTES, RECORD_CREDIT);
    if (index < 0) return false;
    writeInt32BE(writer.bytes, index, this.#id);
    writeInt32BE(writer.bytes, index + ID_BYTES, this.#usedBytes);
    this.#output.commit(CREDIT_BYTES);
    this.#usedBytes = 0;
    return true;
  }
}
