import { StorageError } from './storage-error.ts';

/** A segment file that has not the length all segments have. */
export function segmentLength(path: string, bytes: number, expectedBytes: number): StorageError {
  return new StorageError(
    'SEGMENT_LENGTH',
    `${path} has ${bytes} bytes, a segment has ${expectedBytes}. Set mappedFileSizeCommitLog to the size the store was made with, or move the file away.`,
    { path, bytes, expectedBytes },
  );
}

/** Another opener holds the store's lock; `holder` is a process id, or words, where it is known. */
export function storeInUse(path: string, holder: number | undefined): StorageError {
  const who =
    holder === undefined
      ? 'another opener'
      : holder === process.pid
        ? `this process (${holder})`
        : `process ${holder}`;
  return new StorageError(
    'STORE_IN_USE',
    `the store is in use: ${who} holds ${path}. Stop that process, choose another folder with storePathRootDir, or connect to it by TCP.`,
    { path, holder },
  );
}
