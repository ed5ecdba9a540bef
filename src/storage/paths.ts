import { join } from 'node:path';

const NAME_DIGITS = 20;

/** A segment's file name: the log or queue position of its first byte in 20 digits. */
export function segmentName(firstByte: number): string {
  return String(firstByte).padStart(NAME_DIGITS, '0');
}

/** The position a segment's name states, or -1 for a name of another kind. */
export function parseSegmentName(name: string): number {
  if (!/^\d{20}$/.test(name)) return -1;
  const firstByte = Number(name);
  return Number.isSafeInteger(firstByte) ? firstByte : -1;
}

/** The store's files and folders. @source rocketmq 4.9.2 store/config/StorePathConfigHelper.java */
export interface StorePaths {
  readonly root: string;
  readonly commitLog: string;
  readonly consumeQueue: string;
  readonly checkpoint: string;
  readonly abort: string;
  /** Bytes cut out of a damaged log are kept here. */
  readonly damaged: string;
}

/** Paths below a store's root and its commit-log folder. */
export function storePaths(root: string, commitLog: string): StorePaths {
  return {
    root,
    commitLog,
    consumeQueue: join(root, 'consumequeue'),
    checkpoint: join(root, 'checkpoint'),
    abort: join(root, 'abort'),
    damaged: join(root, 'damaged'),
  };
}
