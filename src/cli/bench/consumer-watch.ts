import { type Network, systemClock } from '../../base/index.ts';
import { parseAddress, tcpNetwork } from '../../transport/index.ts';
import type { Arrivals } from './arrivals.ts';
import { ENDED_WARM } from './run-load.ts';

const TICK_MS = 100;
const LINE_MS = 10_000;
/** With nothing new for so long, the brokers are asked whether they are still there. */
const QUIET_MS = 2000;
const PROBE_MS = 3000;

const unreachable = (network: Network, address: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    network.connect({ ...parseAddress(address), timeoutMs: PROBE_MS }, (error, socket) => {
      socket?.start({
        onData: () => undefined,
        onDrain: () => undefined,
        onClose: () => undefined,
      });
      socket?.destroy();
      resolve(error === undefined ? undefined : `${address} is gone: ${error.message}`);
    });
  });

/** What is watched, and until when. */
export interface Watch {
  readonly arrivals: Arrivals;
  readonly addresses: readonly string[];
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly quantity: number;
  readonly interrupted: AbortSignal;
  readonly print: (line: string) => void;
  /** Processor time of this process. */
  readonly cpuMicros: () => number;
}

/** What passed while it was measured. */
export interface Watched {
  readonly seconds: number;
  readonly cpuMicros: number;
  readonly problem?: string;
}

/** What passed since the measurement began. */
class Span {
  readonly #watch: Watch;
  isWarm: boolean;
  fromMs = systemClock.monotonicMs();
  #fromCpu: number;

  constructor(watch: Watch) {
    this.#watch = watch;
    this.isWarm = watch.warmSeconds === 0;
    this.#fromCpu = watch.cpuMicros();
    watch.arrivals.lastMs = this.fromMs;
    watch.arrivals.startLine(this.fromMs);
  }

  /** Begins anew where the warm-up is over. */
  look(nowMs: number): void {
    if (this.isWarm || nowMs - this.fromMs < this.#watch.warmSeconds * 1000) return;
    this.isWarm = true;
    this.fromMs = nowMs;
    this.#fromCpu = this.#watch.cpuMicros();
    this.#watch.arrivals.restart(nowMs);
  }

  end(nowMs: number, problem?: string): Watched {
    const { arrivals, cpuMicros } = this.#watch;
    if (!this.isWarm) {
      arrivals.restart(nowMs);
      return { seconds: 0, cpuMicros: 0, problem: problem ?? ENDED_WARM };
    }
    const seconds = Math.max(0, nowMs - this.fromMs) / 1000;
    const ended = { seconds, cpuMicros: cpuMicros() - this.#fromCpu };
    return problem === undefined ? ended : { ...ended, problem };
  }
}

const problemOf = async (network: Network, addresses: readonly string[]) => {
  const probes = addresses.map((address) => unreachable(network, address));
  return (await Promise.all(probes)).find((text) => text !== undefined);
};

/** Waits for the end: time, number, an interruption, or a broker that is gone. */
export const watchConsumer = async (watch: Watch): Promise<Watched> => {
  const { arrivals, seconds, quantity, interrupted } = watch;
  const network = tcpNetwork();
  const span = new Span(watch);
  let probedMs = span.fromMs;
  for (;;) {
    await new Promise((done) => setTimeout(done, TICK_MS));
    const nowMs = systemClock.monotonicMs();
    span.look(nowMs);
    if (arrivals.lineMs(nowMs) >= LINE_MS) watch.print(arrivals.line(nowMs, systemClock.now()));
    const isFull = span.isWarm && quantity > 0 && arrivals.recorder.messages >= quantity;
    const isTime = span.isWarm && seconds > 0 && nowMs - span.fromMs >= seconds * 1000;
    if (isFull) return span.end(arrivals.lastMs);
    if (interrupted.aborted || isTime) return span.end(nowMs);
    if (nowMs - Math.max(arrivals.lastMs, probedMs) < QUIET_MS) continue;
    probedMs = nowMs;
    const problem = await problemOf(network, watch.addresses);
    if (problem !== undefined) return span.end(nowMs, problem);
  }
};
