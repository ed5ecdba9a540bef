import { readInt32BE, readInt64BE, writeInt32BE, writeInt64BE } from '../base/index.ts';

// Where records lie: the body of a pull that is answered with addresses is a list of runs, back to back. All integers are
// big-endian:
//
// | bytes | field |
// |---|---|
// | 8 | commit-log offset of the run's first byte |
// | 4 | its length |
//
// The records of a run lie side by side in one segment of the log, in the order of their queue.

const LENGTH_AT = 8;
/** Bytes of one run in an answer. */
export const LOG_RUN_BYTES = 12;

/** Writes one run; returns the position behind it. */
export function writeLogRun(
  target: Buffer,
  at: number,
  commitLogOffset: number,
  bytes: number,
): number {
  // hot path
  writeInt64BE(target, at, commitLogOffset);
  writeInt32BE(target, at + LENGTH_AT, bytes);
  return at + LOG_RUN_BYTES;
}

/** Commit-log offset of the run at `at`. */
export const logRunOffset = (source: Buffer, at: number): number => readInt64BE(source, at);

/** Length of the run at `at`. */
export const logRunBytes = (source: Buffer, at: number): number =>
  readInt32BE(source, at + LENGTH_AT);

/** Bytes of all runs in `source[start … end)`; -1 where it is no list of runs. */
export function logRunsBytes(source: Buffer, start: number, end: number): number {
  // hot path
  if ((end - start) % LOG_RUN_BYTES !== 0) return -1;
  let total = 0;
  for (let at = start; at < end; at += LOG_RUN_BYTES) {
    const bytes = logRunBytes(source, at);
    if (bytes <= 0 || logRunOffset(source, at) < 0) return -1;
    total += bytes;
  }
  return total;
}
