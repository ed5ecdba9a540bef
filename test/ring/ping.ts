import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { seededRandom, systemClock } from '../../src/base/index.ts';
import { createRing, Doorbell, RingReader, RingWriter } from '../../src/ring/index.ts';
import { PARKED_WORD } from '../../src/ring/layout.ts';

/**
 * How a thread sleeps: it blocks, or its event loop runs on. The last is broken on purpose (against R6): it blocks, but
 * stores that it parks only some time after its last look.
 */
export type Sleep = 'wait' | 'park' | 'wait-broken';

/** What the far end is given. */
export interface PingTask {
  readonly sleep: Sleep;
  readonly there: SharedArrayBuffer;
  readonly back: SharedArrayBuffer;
  readonly bellThere: SharedArrayBuffer;
  readonly bellBack: SharedArrayBuffer;
}

/** Longest pause before an answer, in steps: it moves the ring of the bell to every point of the other's way to sleep. */
const PAUSE_STEPS = 400;
const PATIENCE_MS = 15_000;
const PATIENCE_BROKEN_MS = 500;
/** Pause between the last look and the store of a broken sleeper. */
const BROKEN_PAUSE_MS = 1;

/** One end: sends a record, is asleep until one comes back. Every cycle is one sleep and one wake-up on each side. */
export class PingEnd {
  readonly bell: Doorbell;
  readonly #writer: RingWriter;
  readonly #reader: RingReader;
  readonly #far: Doorbell;
  readonly #random = seededRandom(7);
  readonly #bellWords: Int32Array;
  #sent = 0;
  received = 0;

  constructor(
    out: SharedArrayBuffer,
    outBell: SharedArrayBuffer,
    incoming: SharedArrayBuffer,
    inBell: SharedArrayBuffer,
  ) {
    this.#writer = new RingWriter(out);
    this.#far = new Doorbell(outBell);
    this.#bellWords = new Int32Array(inBell);
    this.#reader = new RingReader(incoming);
    this.bell = new Doorbell(inBell, {
      clock: systemClock,
      hasWork: () => !this.#reader.isEmpty,
      spinUs: 0,
    });
  }

  send(): void {
    for (let step = this.#random.below(PAUSE_STEPS); step > 0; step--) this.#reader.isEmpty;
    this.#sent += 1;
    if (this.#writer.claim(0, this.#sent) < 0) throw new Error('the ring of one record is full');
    this.#writer.commit();
    this.#far.ring();
  }

  /** Takes a record if there is one. */
  take(): boolean {
    return (
      this.#reader.poll((type) => {
        this.received += 1;
        if (type !== this.received) throw new Error(`record ${type} came as ${this.received}`);
      }, 1) > 0
    );
  }

  /** Sleeps with the steps of R6 in the wrong order; false when nobody woke it. */
  sleepBroken(): boolean {
    if (!this.#reader.isEmpty) return true;
    Atomics.wait(this.#bellWords, 1, 0, BROKEN_PAUSE_MS);
    Atomics.store(this.#bellWords, PARKED_WORD, 1);
    return Atomics.wait(this.#bellWords, PARKED_WORD, 1, PATIENCE_BROKEN_MS) !== 'timed-out';
  }
}

const blockingCycles = (end: PingEnd, cycles: number, isBroken: boolean): void => {
  while (end.received < cycles) {
    end.send();
    while (!end.take()) {
      const isAwake = isBroken ? end.sleepBroken() : end.bell.waitSync(PATIENCE_MS);
      if (!isAwake) throw new Error(`slept in cycle ${end.received}`);
    }
  }
};

const parkedCycles = (end: PingEnd, cycles: number): Promise<void> =>
  new Promise((resolve, reject) => {
    let seen = -1;
    const watch = setInterval(() => {
      if (seen === end.received) finish(new Error(`both slept in cycle ${seen}`));
      seen = end.received;
    }, PATIENCE_MS);
    const finish = (error?: Error): void => {
      clearInterval(watch);
      end.bell.close();
      if (error === undefined) resolve();
      else reject(error);
    };
    const turn = (): void => {
      do {
        while (end.take()) {
          if (end.received < cycles) end.send();
          else {
            finish();
            return;
          }
        }
      } while (!end.bell.park(turn));
    };
    end.send();
    turn();
  });

/** Sends a record to another thread and back so many times; rejects when either thread slept over one. */
export const ping = async (here: Sleep, there: Sleep, cycles: number): Promise<number> => {
  const task: PingTask = {
    sleep: there,
    there: createRing(64, 2 ** 32 - 4096),
    back: createRing(64, 2 ** 31 - 4096),
    bellThere: Doorbell.memory(),
    bellBack: Doorbell.memory(),
  };
  const worker = new Worker(new URL('./ping.worker.js', import.meta.url), { workerData: task });
  try {
    await once(worker, 'online');
    const end = new PingEnd(task.there, task.bellThere, task.back, task.bellBack);
    if (here === 'park') await parkedCycles(end, cycles);
    else blockingCycles(end, cycles, here === 'wait-broken');
    return end.received;
  } finally {
    await worker.terminate();
  }
};
