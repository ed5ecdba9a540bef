import type { Delays } from '../soak/watch.ts';
import { type Spread, spread } from '../support/measure.ts';
import type { PacedCounts } from './paced-sends.ts';

/** The same thread, one after the other: without sends and with them, and with a thread that computes in the broker's place. */
export interface Pair {
  readonly idle: Delays;
  readonly loaded: Delays;
  readonly computing: Delays;
  readonly counts: PacedCounts;
  /** What the broker says the pair's topic holds. */
  readonly stored: number;
}

/** What was added to the delay of the event loop, in ms: by the sends unless said, loaded minus idle of each pair. */
export interface AddedDelay {
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  readonly p999Ms: Spread;
  /** What the thread in the broker's place added to the p99: computing minus idle. */
  readonly computingP99Ms: Spread;
  /** Rate that was held, messages a second. */
  readonly rate: Spread;
}

/** A stall of the machine, and no lower rate. */
const SKIPPED_SHARE_MAX = 0.02;

/** Sums up pairs. */
export const addedDelay = (pairs: readonly Pair[]): AddedDelay => {
  const added = (of: (delays: Delays) => number, by: 'loaded' | 'computing' = 'loaded'): Spread =>
    spread(pairs.map((pair) => of(pair[by]) - of(pair.idle)));
  return {
    p50Ms: added(({ p50Ms }) => p50Ms),
    p99Ms: added(({ p99Ms }) => p99Ms),
    p999Ms: added(({ p999Ms }) => p999Ms),
    computingP99Ms: added(({ p99Ms }) => p99Ms, 'computing'),
    rate: spread(pairs.map(({ counts }) => counts.acknowledged / counts.seconds)),
  };
};

/** Why a pair does not count; `undefined` where it does. */
export const voidReason = ({ counts, stored }: Pair): string | undefined => {
  const { acknowledged, failed, skipped, firstError } = counts;
  if (failed > 0) return `${failed} sends failed: ${firstError}`;
  if (skipped > acknowledged * SKIPPED_SHARE_MAX)
    return `the rate was not held: ${skipped} sends were left out beside ${acknowledged}`;
  if (stored !== acknowledged) return `${acknowledged} acknowledged, ${stored} stored`;
  return acknowledged === 0 ? 'nothing was sent' : undefined;
};
