import { availableParallelism, cpus } from 'node:os';
import type { Bucket, Histogram } from './histogram.ts';
import type { Recorder } from './recorder.ts';
import type { LoadEnd } from './run-load.ts';

/** Response times in microseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly mean: number;
}

/** A finished run: what `--json` prints and `--save` keeps. */
export interface BenchResult {
  readonly kind: string;
  /** The options that shaped it. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly startedAt: string;
  readonly seconds: number;
  readonly requests: number;
  readonly messages: number;
  readonly requestsPerSecond: number;
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  readonly latencyUs: Percentiles;
  readonly sendFailed: number;
  readonly responseFailed: number;
  readonly messagesFailed: number;
  /** Processor time of the load generator itself. */
  readonly loadCpuUsPerMessage: number;
  readonly problem?: string;
  readonly isInterrupted: boolean;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string };
  readonly histogram: readonly Bucket[];
}

/** The percentiles that are reported everywhere. */
export const percentilesOf = (latency: Histogram): Percentiles => ({
  p50: latency.percentile(0.5),
  p90: latency.percentile(0.9),
  p99: latency.percentile(0.99),
  p999: latency.percentile(0.999),
  max: latency.max,
  mean: Math.round(latency.mean * 10) / 10,
});

/** Puts a run's figures together. */
export const resultOf = (
  kind: string,
  options: BenchResult['options'],
  startedAt: Date,
  recorder: Recorder,
  end: LoadEnd,
): BenchResult => {
  const perSecond = (count: number): number => (end.seconds > 0 ? count / end.seconds : 0);
  const { requests, messages, bytes, sendFailed, responseFailed, messagesFailed } = recorder;
  const problem = end.problem ?? recorder.problem;
  return {
    kind,
    options,
    startedAt: startedAt.toISOString(),
    seconds: Math.round(end.seconds * 1000) / 1000,
    requests,
    messages,
    requestsPerSecond: Math.round(perSecond(requests)),
    messagesPerSecond: Math.round(perSecond(messages)),
    bytesPerSecond: Math.round(perSecond(bytes)),
    latencyUs: percentilesOf(recorder.latency),
    sendFailed,
    responseFailed,
    messagesFailed,
    loadCpuUsPerMessage: messages > 0 ? Math.round((end.cpuMicros / messages) * 1000) / 1000 : 0,
    ...(problem === undefined ? {} : { problem }),
    isInterrupted: end.isInterrupted,
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      node: process.version,
    },
    histogram: [...recorder.latency.buckets()],
  };
};

/** A run whose figures may be quoted: nothing failed in it. */
export const isClean = (result: BenchResult): boolean =>
  result.problem === undefined && result.sendFailed === 0 && result.responseFailed === 0;
