import { readdirSync, readFileSync } from 'node:fs';

/** Microseconds of a kernel clock tick, as /proc counts CPU time; the same on every Linux Node runs on. */
export const TICK_MICROSECONDS = 10_000;

/** CPU ticks of each thread of a process, by its id. */
export const threadTicks = (pid: number): Map<number, number> => {
  const ticks = new Map<number, number>();
  for (const id of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${id}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks.set(Number(id), Number(fields[11]) + Number(fields[12]));
  }
  return ticks;
};

/** Ticks of each thread between two looks. */
export const ticksBetween = (
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
): Map<number, number> =>
  new Map([...after].map(([id, ticks]) => [id, ticks - (before.get(id) ?? 0)]));

/**
 * The broker's home shard and then its I/O shards, in the order of their start: the busiest threads while all of them have
 * connections to serve.
 */
export const shardThreads = (spent: ReadonlyMap<number, number>, ioShards: number): number[] =>
  [...spent]
    .sort(([, left], [, right]) => right - left)
    .slice(0, ioShards + 1)
    .map(([id]) => id)
    .sort((left, right) => left - right);

/** Ticks of all threads. */
export const allTicks = (spent: ReadonlyMap<number, number>): number =>
  [...spent.values()].reduce((sum, ticks) => sum + ticks, 0);
