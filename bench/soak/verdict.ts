import type { LoadCounts } from './load.ts';
import { type Delays, type Moment, slopePerMinute } from './watch.ts';

/** One thing that must hold at the end. */
export interface Finding {
  readonly name: string;
  readonly value: string;
  readonly limit: string;
  /** Absent where the run was too short to say. */
  readonly holds: boolean | undefined;
}

/** What a soak has seen. */
export interface Seen {
  readonly moments: readonly Moment[];
  readonly idle: Delays;
  readonly loaded: Delays;
  readonly gcPercent: number;
  readonly loads: Readonly<Record<string, LoadCounts>>;
}

/** The first part fills caches and compiles code: it is no trend. */
const WARM_SHARE = 0.2;
const JUDGED_MS_MIN = 60_000;
/** Anonymous memory may grow by so much over the run before it counts as growth. */
const ANONYMOUS_MB_MAX = 16;
const MAPPINGS_BESIDE_FILES_MAX = 16;
const DESCRIPTORS_BESIDE_FILES_MAX = 8;
const THREADS_MAX = 2;
const DELAY_MS_MAX = 10;
const GC_PERCENT_MAX = 10;

/** Judges a soak. */
export const judge = ({ moments, idle, loaded, gcPercent, loads }: Seen): Finding[] => {
  const trend = moments.slice(Math.floor(moments.length * WARM_SHARE));
  const first = trend[0];
  const last = trend.at(-1);
  if (first === undefined || last === undefined) throw new Error('nothing was watched');
  const isLong = last.atMs - first.atMs >= JUDGED_MS_MIN * (1 - WARM_SHARE);
  const minutes = (last.atMs - first.atMs) / 60_000;
  const anonymous = slopePerMinute(trend, ({ anonymousMb }) => anonymousMb);
  const files = last.storeFiles - first.storeFiles;
  const grown = (value: (moment: Moment) => number): number => value(last) - value(first);
  const mappings = grown((moment) => moment.mappings);
  const descriptors = grown((moment) => moment.descriptors);
  const threads = grown((moment) => moment.threads);
  const added = Math.round((loaded.p99Ms - idle.p99Ms) * 100) / 100;
  const when = (isFine: boolean): boolean | undefined => (isLong ? isFine : undefined);
  return [
    {
      name: 'anonymous memory',
      value: `${last.anonymousMb} MB, slope ${anonymous} MB/min`,
      limit: `${ANONYMOUS_MB_MAX} MB over the run`,
      holds: when(anonymous * minutes <= ANONYMOUS_MB_MAX),
    },
    {
      name: 'mappings',
      value: `${last.mappings}, ${mappings} more; store files ${last.storeFiles}, ${files} more`,
      limit: `${MAPPINGS_BESIDE_FILES_MAX} more beside those of new files`,
      holds: when(mappings <= Math.max(0, files) + MAPPINGS_BESIDE_FILES_MAX),
    },
    {
      name: 'threads',
      value: `${last.threads}, ${threads} more`,
      limit: `${THREADS_MAX} more`,
      holds: when(threads <= THREADS_MAX),
    },
    {
      name: 'descriptors',
      value: `${last.descriptors}, ${descriptors} more`,
      limit: `${DESCRIPTORS_BESIDE_FILES_MAX} more beside those of new files`,
      holds: when(descriptors <= Math.max(0, files) + DESCRIPTORS_BESIDE_FILES_MAX),
    },
    {
      name: "the application's event loop",
      value: `p50 ${loaded.p50Ms}, p99 ${loaded.p99Ms}, p99.9 ${loaded.p999Ms}, max ${loaded.maxMs} ms late; idle p99 ${idle.p99Ms} ms`,
      limit: `p99 ${DELAY_MS_MAX} ms above idle`,
      holds: when(added <= DELAY_MS_MAX),
    },
    {
      name: "the application's garbage collector",
      value: `${gcPercent} % of the time`,
      limit: `${GC_PERCENT_MAX} %`,
      holds: when(gcPercent <= GC_PERCENT_MAX),
    },
    ...Object.entries(loads).map(([name, counts]) => judgeCounts(name, counts)),
  ];
};

const judgeCounts = (name: string, counts: LoadCounts): Finding => {
  const { issued, acknowledged, failed, skipped, stored, consumed, deliveredTwice } = counts;
  const why = counts.firstError === undefined ? '' : `: ${counts.firstError}`;
  return {
    name: `messages, ${name}`,
    value: `${issued} sent, ${acknowledged} acknowledged, ${failed} failed${why}, ${stored} stored, ${consumed} consumed, ${deliveredTwice} twice, ${skipped} held back`,
    limit: 'all sent are acknowledged, stored and consumed',
    holds:
      failed === 0 &&
      issued === acknowledged &&
      stored === acknowledged &&
      consumed === acknowledged,
  };
};
