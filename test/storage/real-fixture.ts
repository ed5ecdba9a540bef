// What tests of the disks on real files share.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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

const SMALL_DISK_BYTES = 8 * 1024 * 1024;

/** Runs a compiled script with a folder on a disk of 8 MiB of its own, which goes with the process. */
export const runOnSmallDisk = (
  script: URL,
  args: readonly string[],
): { readonly status: number | null; readonly signal: string | null; readonly output: string } => {
  const command = `mount -t tmpfs -o size=${SMALL_DISK_BYTES} none "$0" && exec "$@"`;
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-small-'));
  try {
    const argv = ['sh', '-c', command, folder, process.execPath, fileURLToPath(script), ...args];
    const result = spawnSync('unshare', [...mountNamespace(), ...argv, folder], {
      encoding: 'utf8',
    });
    const { status, signal, stdout, stderr } = result;
    return { status, signal, output: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Why this machine cannot mount a disk for one process; `undefined` where it can. */
export const smallDiskProblem = (): string | undefined => {
  const args = [...mountNamespace(), 'mount', '-t', 'tmpfs', 'none', tmpdir()];
  const result = spawnSync('unshare', args, { encoding: 'utf8' });
  if (result.error !== undefined) return result.error.message;
  return result.status === 0 ? undefined : `${result.stdout}${result.stderr}`.trim();
};

/** Options of `unshare` for a mount namespace; those who are not root get it through a user namespace. */
export const mountNamespace = (): string[] =>
  process.getuid?.() === 0 ? ['-m'] : ['-U', '-r', '-m'];
