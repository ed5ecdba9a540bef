import { readFileSync } from 'node:fs';

/** Kernel clock ticks a second, as /proc counts CPU time; fixed at 100 on every Linux Node runs on. */
const TICKS_PER_SECOND = 100;

/** Memory of some processes together. */
export interface MemoryFacts {
  /** Resident bytes, shared pages and mapped files included. */
  readonly rssMb: number;
  /** Resident bytes that belong to no file. */
  readonly anonymousMb: number;
}

const kilobytes = (text: string, name: string): number =>
  Number(text.match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))?.[1] ?? Number.NaN);

/** Sums the memory of processes up. */
export const memoryOf = (pids: readonly number[]): MemoryFacts => {
  const total = { rssMb: 0, anonymousMb: 0 };
  for (const pid of pids) {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    total.rssMb += kilobytes(status, 'VmRSS') / 1024;
    total.anonymousMb += kilobytes(status, 'RssAnon') / 1024;
  }
  return total;
};

/** User and system time that processes have used so far, in microseconds. */
export const cpuMicroseconds = (pids: readonly number[]): number => {
  let ticks = 0;
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold blanks; utime and stime are the 12th and 13th field after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return (ticks / TICKS_PER_SECOND) * 1e6;
};
