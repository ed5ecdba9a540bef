import { type Network, systemClock } from '../../base/index.ts';
import { BenchError, explainStart } from './bench-error.ts';
import { LoadLink } from './load-link.ts';
import type { BrokerQueues } from './locate.ts';
import { Pacer } from './pacer.ts';
import { Recorder } from './recorder.ts';
import { connectTo } from './run-load.ts';
import { type OnMessage, type TailShape, TailWork } from './tail-work.ts';

/** What a tail is made of. */
export interface TailOptions {
  readonly brokers: readonly BrokerQueues[];
  readonly shape: TailShape;
  readonly network: Network;
  readonly timeoutMs: number;
  readonly onMessage: OnMessage;
  /** The broker is gone, or refuses. */
  readonly onEnd: (problem: string) => void;
}

const SWEEP_MS = 100;
/** A broker that refuses this often in a row, and nothing else, will not change its mind. */
const REFUSALS_MAX = 50;

/** A long-polling consumer of bare frames: one connection for each broker, one held pull for each queue. */
export class Tail {
  readonly #options: TailOptions;
  readonly #recorder = new Recorder();
  #works: readonly TailWork[] = [];
  #links: readonly LoadLink[] = [];
  #timer: NodeJS.Timeout | undefined;
  #problem: string | undefined;

  constructor(options: TailOptions) {
    this.#options = options;
  }

  /**
   * Settles once every queue is followed: what is stored from now on arrives.
   * @throws {BenchError} NO_TARGET where a broker cannot be reached, refuses or does not answer
   */
  async open(): Promise<void> {
    const { brokers, network, shape, onMessage } = this.#options;
    const sockets = await Promise.all(
      brokers.map(({ address }) => connectTo(network, address)),
    ).catch((error: unknown) => {
      throw explainStart(error);
    });
    this.#works = brokers.map(({ queueIds }) => new TailWork(shape, queueIds, onMessage));
    this.#links = sockets.map((socket, index) => {
      const { address, queueIds } = brokers[index] as BrokerQueues;
      return new LoadLink(socket, {
        address,
        slots: queueIds.length,
        work: this.#works[index] as TailWork,
        pacer: new Pacer(0),
        recorder: this.#recorder,
        // A pull that is held is no pull that is lost.
        timeoutMs: shape.suspendMs + this.#options.timeoutMs,
        nowMs: systemClock.monotonicMs,
        onEnd: (problem) => this.#fail(problem),
      });
    });
    this.#pump();
    await this.#untilFollowed();
  }

  close(): void {
    clearInterval(this.#timer);
    for (const link of this.#links) link.close();
  }

  #untilFollowed(): Promise<void> {
    const endMs = systemClock.monotonicMs() + this.#options.timeoutMs;
    return new Promise((resolve, reject) => {
      this.#timer = setInterval(() => {
        this.#sweep();
        const unknown = this.#works.reduce((sum, work) => sum + work.unknown, 0);
        const isLate = systemClock.monotonicMs() > endMs;
        const reason = this.#recorder.problem ?? `${unknown} queues do not answer`;
        const problem = this.#problem ?? (isLate ? reason : undefined);
        if (unknown === 0) resolve();
        else if (problem !== undefined) reject(new BenchError('NO_TARGET', problem));
      }, SWEEP_MS);
    });
  }

  #sweep(): void {
    for (const link of this.#links) link.sweep(systemClock.monotonicMs());
    const { refusedInRow, problem } = this.#recorder;
    if (refusedInRow >= REFUSALS_MAX) this.#fail(problem ?? 'pulls are refused');
    else this.#pump();
  }

  #pump(): void {
    for (const link of this.#links) link.pump(systemClock.monotonicMs());
  }

  #fail(problem: string): void {
    if (this.#problem !== undefined) return;
    this.#problem = problem;
    this.#options.onEnd(problem);
  }
}
