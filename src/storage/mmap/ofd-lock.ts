import {
  closeSync,
  constants,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  writeSync,
} from 'node:fs';
import type { DiskLock } from '../../base/index.ts';
import { storeInUse } from '../open-failure.ts';
import type { Libc } from './libc.ts';

const CONTENT = Buffer.from('lock');
const FILE_MODE = 0o644;
/** Processes looked at for the holder of a lock; it is only for the error's text. */
const PROCESSES_MAX = 4096;

/**
 * Takes the write lock on byte [0,1) of a store's lock file. As a lock of the open file description it keeps out Java
 * brokers (their locks belong to the process) and a second opener in this process, and stays when another descriptor
 * of the file is closed.
 * @throws {StorageError} STORE_IN_USE
 * @throws errors of the system as they come: `ENOLCK`, `EINVAL`, … where the file system has no locks.
 */
export function takeOfdLock(libc: Libc, path: string): DiskLock {
  const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT, FILE_MODE);
  let holder: number | undefined;
  try {
    if (libc.tryLock(descriptor)) {
      writeContent(descriptor);
      return { release: () => closeSync(descriptor) };
    }
    holder = libc.lockHolder(descriptor);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  closeSync(descriptor);
  throw storeInUse(path, holder ?? findHolder(path));
}

function writeContent(descriptor: number): void {
  const found = Buffer.alloc(CONTENT.length + 1);
  const bytes = readSync(descriptor, found, 0, found.length, 0);
  if (found.subarray(0, bytes).equals(CONTENT)) return;
  ftruncateSync(descriptor, 0);
  writeSync(descriptor, CONTENT, 0, CONTENT.length, 0);
}

/** The process with a descriptor of the file that carries a lock; `undefined` where that cannot be seen. */
function findHolder(path: string): number | undefined {
  const target = attempt(() => realpathSync(path));
  const processes = attempt(() => readdirSync('/proc')) ?? [];
  const pids = processes.filter((name) => /^\d+$/.test(name)).slice(0, PROCESSES_MAX);
  const found = pids.find((pid) => target !== undefined && holds(pid, target));
  return found === undefined ? undefined : Number(found);
}

function holds(pid: string, target: string): boolean {
  const descriptors = attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  return descriptors.some((descriptor) => {
    if (attempt(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`)) !== target) return false;
    const facts = attempt(() => readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'latin1'));
    return facts?.includes('lock:') === true;
  });
}

/** `undefined` where the system does not let us look: another user's process, or one that ended. */
function attempt<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch {
    return undefined;
  }
}
