import { readdirSync, readFileSync } from 'node:fs';

/** CPU ticks of each thread of a process, by its id. */
export const threadTicks = (pid: number): Map<string, number> => {
  const ticks = new Map<string, number>();
  for (const id of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${id}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks.set(id, Number(fields[11]) + Number(fields[12]));
  }
  return ticks;
};

/**
 * Ticks between two looks: of a broker's home shard, of its I/O shards and of all threads. Under load these shards are the
 * busiest threads, and the home shard was started first.
 */
export const ioTicks = (
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  ioShards: number,
): { readonly home: number; readonly io: readonly number[]; readonly all: number } => {
  const spent = [...after].map(([id, ticks]) => ({
    id: Number(id),
    ticks: ticks - (before.get(id) ?? 0),
  }));
  const busiest = [...spent]
    .sort((left, right) => right.ticks - left.ticks)
    .slice(0, ioShards + 1)
    .sort((left, right) => left.id - right.id);
  const [home = 0, ...io] = busiest.map(({ ticks }) => ticks);
  return { home, io, all: spent.reduce((sum, { ticks }) => sum + ticks, 0) };
};
