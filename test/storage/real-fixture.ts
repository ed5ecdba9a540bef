// What tests of the disks on real files share.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Resolves once the callback came; refuses one that comes in the turn of the call. */
export const settleReal = (
  start: (done: (error?: Error) => void) => void,
): Promise<Error | undefined> =>
  new Promise((resolve, reject) => {
    let isLater = false;
    start((error) => {
      if (isLater) resolve(error);
      else reject(new Error('the callback came in the turn of the call'));
    });
    isLater = true;
  });

/** Runs `body` with a new empty folder and removes it. */
export const withFolder = async (body: (folder: string) => void | Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-disk-'));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
