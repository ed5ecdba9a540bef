import { randomBytes } from 'node:crypto';

// The beginning of the body of a message whose way is timed:
//
//   [run: 8 bytes][due: float64 BE, milliseconds of the monotonic clock of the process that sent it]

const RUN_BYTES = 8;

/** Bytes that a stamp takes. */
export const STAMP_BYTES = 16;

/** Says of a message which run it belongs to and when it was due. */
export class Stamp {
  readonly #run: Buffer;

  /** @param run eight bytes; runs that overlap differ in them */
  constructor(run: Buffer = randomBytes(RUN_BYTES)) {
    this.#run = run;
  }

  write(target: Buffer, at: number, dueMs: number): void {
    // hot path
    target.set(this.#run, at);
    target.writeDoubleBE(dueMs, at + RUN_BYTES);
  }

  /** When a message was due, or -1 for one of another run. */
  read(source: Buffer, at: number, bytes: number): number {
    // hot path
    if (bytes < STAMP_BYTES) return -1;
    for (let index = 0; index < RUN_BYTES; index++)
      if (source[at + index] !== this.#run[index]) return -1;
    return source.readDoubleBE(at + RUN_BYTES);
  }
}
