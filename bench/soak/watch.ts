import { readdirSync, readFileSync } from 'node:fs';
import {
  type IntervalHistogram,
  monitorEventLoopDelay,
  PerformanceObserver,
} from 'node:perf_hooks';
import { median } from '../support/measure.ts';

/** What a process holds at one moment. */
export interface Moment {
  readonly atMs: number;
  readonly anonymousMb: number;
  readonly mappings: number;
  readonly threads: number;
  readonly descriptors: number;
  /** Files of the store: what mappings and descriptors may grow with. */
  readonly storeFiles: number;
}

/** Delays of the application's event loop, in milliseconds beyond the timer's own period. */
export interface Delays {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

const countFiles = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .length;

/** Reads what this process holds. */
export const readMoment = (storePath: string): Moment => {
  const rollup = readFileSync('/proc/self/smaps_rollup', 'latin1');
  const anonymousKb = Number(rollup.match(/^Anonymous:\s+(\d+) kB/m)?.[1] ?? Number.NaN);
  return {
    atMs: performance.now(),
    anonymousMb: Math.round((anonymousKb / 1024) * 10) / 10,
    mappings: readFileSync('/proc/self/maps', 'latin1').trimEnd().split('\n').length,
    threads: readdirSync('/proc/self/task').length,
    descriptors: readdirSync('/proc/self/fd').length,
    storeFiles: countFiles(storePath),
  };
};

const RESOLUTION_MS = 1;

/** Watches this thread's event loop and its garbage collector. */
export class ThreadWatch {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #observer: PerformanceObserver;
  #gcMs = 0;
  #sinceMs = performance.now();

  constructor() {
    this.#observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#gcMs += entry.duration;
    });
    this.#observer.observe({ entryTypes: ['gc'] });
    this.#delay.enable();
  }

  /** Begins anew. */
  reset(): void {
    this.#delay.reset();
    this.#gcMs = 0;
    this.#sinceMs = performance.now();
  }

  delays(): Delays {
    const beyond = (ns: number): number =>
      Math.max(0, Math.round((ns / 1e6 - RESOLUTION_MS) * 100) / 100);
    return {
      p50Ms: beyond(this.#delay.percentile(50)),
      p99Ms: beyond(this.#delay.percentile(99)),
      p999Ms: beyond(this.#delay.percentile(99.9)),
      maxMs: beyond(this.#delay.max),
    };
  }

  /** Share of the time that this thread's garbage collector took, in percent. */
  gcPercent(): number {
    return Math.round((this.#gcMs / (performance.now() - this.#sinceMs)) * 10_000) / 100;
  }

  close(): void {
    this.#delay.disable();
    this.#observer.disconnect();
  }
}

/** Median of the slopes between all pairs of moments, a minute: one odd moment does not move it. */
export const slopePerMinute = (
  moments: readonly Moment[],
  value: (moment: Moment) => number,
): number => {
  const slopes = moments.flatMap((from, index) =>
    moments
      .slice(index + 1)
      .map((to) => ((value(to) - value(from)) / (to.atMs - from.atMs)) * 60_000),
  );
  if (slopes.length === 0) return 0;
  return Math.round(median(slopes) * 1000) / 1000;
};
