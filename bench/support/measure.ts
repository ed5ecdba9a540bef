import { cpus } from 'node:os';
import type { RecordableHistogram } from 'node:perf_hooks';

/** True at full size: `BENCH=full`. The smoke size only shows that the bench still works. */
export const isFull = process.env['BENCH'] === 'full';

/** Picks a number by the size of this run. */
export const size = (smoke: number, full: number): number => (isFull ? full : smoke);

/** Middle and ends of repeated samples, in the unit of the samples. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly samples: number;
}

/** The middle value, or the mean of the two in the middle. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  const pair = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1);
  return pair.reduce((sum, value) => sum + value, 0) / pair.length;
};

/** Sums up samples of a throughput bench. */
export const spread = (values: readonly number[]): Spread => {
  if (values.length === 0) throw new Error('no sample was taken');
  return {
    median: round(median(values)),
    min: round(Math.min(...values)),
    max: round(Math.max(...values)),
    samples: values.length,
  };
};

/** Sums up a latency histogram that recorded nanoseconds, as microseconds. */
export const percentiles = (histogram: RecordableHistogram): Record<string, number> => ({
  p50: round(histogram.percentile(50) / 1000),
  p99: round(histogram.percentile(99) / 1000),
  p999: round(histogram.percentile(99.9) / 1000),
  max: round(histogram.max / 1000),
  samples: histogram.count,
});

/** Runs `sample` once to warm up and then `rounds` times, one after the other. */
export const repeat = async (
  rounds: number,
  sample: () => number | Promise<number>,
): Promise<Spread> => {
  await sample();
  const values: number[] = [];
  for (let index = 0; index < rounds; index++) values.push(await sample());
  return spread(values);
};

/** Prints one result as a line of JSON with the facts of this machine. */
export const report = (bench: string, unit: string, result: object): void => {
  const machine = {
    cpu: cpus()[0]?.model.trim(),
    cores: cpus().length,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  };
  console.log(JSON.stringify({ bench, unit, size: isFull ? 'full' : 'smoke', ...result, machine }));
};

const round = (value: number): number => Math.round(value * 100) / 100;
