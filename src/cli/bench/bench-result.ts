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
  readonly p9999: number;
  readonly max: number;
  readonly mean: number;
}

/** A further measurement of a run. */
export interface BenchPart {
  readonly name: string;
  readonly messages: number;
  readonly messagesPerSecond: number;
  /** Processor time of this process, where it belongs to this part alone. */
  readonly cpuUsPerMessage?: number;
  readonly latencyUs?: Percentiles;
  readonly histogram?: readonly Bucket[];
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
  /** Requests that were due and never went out, with a rate. */
  readonly unsent: number;
  /** Processor time of the load generator itself. */
  readonly loadCpuUsPerMessage: number;
  readonly problem?: string;
  readonly isInterrupted: boolean;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string };
  readonly histogram: readonly Bucket[];
  readonly parts?: readonly BenchPart[];
}

/** The percentiles that are reported everywhere. */
export const percentilesOf = (latency: Histogram): Percentiles => ({
  p50: latency.percentile(0.5),
  p90: latency.percentile(0.9),
  p99: latency.percentile(0.99),
  p999: latency.percentile(0.999),
  p9999: latency.percentile(0.9999),
  max: latency.max,
  mean: Math.round(latency.mean * 10) / 10,
});

/** A rate that was not kept: what could not be sent has no response time, so the percentiles are too good. */
const behind = ({ unsent, isInterrupted }: LoadEnd): string | undefined =>
  unsent === 0 || isInterrupted
    ? undefined
    : `${unsent} requests were due and could not go out: the rate is too high, or too few may be in flight (-w)`;

/** Percentiles and histogram of a part. */
export const latencyOf = (
  latency: Histogram,
): { readonly latencyUs: Percentiles; readonly histogram: readonly Bucket[] } => ({
  latencyUs: percentilesOf(latency),
  histogram: [...latency.buckets()],
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
  const problem = end.problem ?? recorder.problem ?? behind(end);
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
    unsent: end.unsent,
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
