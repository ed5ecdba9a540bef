import Benchmark from 'benchmark';
import { type Spread, size, spread } from './measure.ts';

/** What `benchmark` found out about one piece of code. */
export interface Sampled extends Spread {
  /** Half the 95 % confidence interval of the mean, in percent of the mean. */
  readonly errorPercent: number;
  /** Processor time of the process an operation, user and system, in nanoseconds: other work on the machine counts less. */
  readonly cpuNs: number;
  /** How many operations ran in all, for the check of the result. */
  readonly operations: number;
}

/**
 * Samples `body`, which does `operations` operations a call, with the `benchmark` package: nanoseconds of wall time an
 * operation. Timers and completions run between two samples.
 */
export const sampled = (operations: number, body: () => void): Promise<Sampled> =>
  new Promise((resolve, reject) => {
    let calls = 0;
    const before = process.cpuUsage();
    const bench = new Benchmark({
      fn: () => {
        calls += 1;
        body();
      },
      async: true,
      minSamples: size(3, 20),
      maxTime: size(0.02, 2),
      minTime: size(0.002, 0.05),
      onComplete: () => {
        if (bench.error !== undefined) {
          reject(bench.error);
          return;
        }
        const { user, system } = process.cpuUsage(before);
        const done = calls * operations;
        resolve({
          ...spread(bench.stats.sample.map((seconds) => (seconds * 1e9) / operations)),
          errorPercent: Math.round(bench.stats.rme * 100) / 100,
          cpuNs: Math.round(((user + system) * 100_000) / done) / 100,
          operations: done,
        });
      },
    });
    bench.run({ async: true });
  });
