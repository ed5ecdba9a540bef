import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { type DiskLock, errorCode } from '../base/index.ts';
import { storeInUse } from './open-failure.ts';

// A store's lock where byte locks cannot be had: the file `<lock>.pid`, made by a hard link so that it appears with
// its content, in one step, only where nothing is.
//
//   line 1: process id   line 2: when that process started (boot and ticks; empty where unknown)   line 3: host
//
// It keeps out a second opener that uses the same kind of lock. It does not keep out a Java broker.

const ATTEMPTS_MAX = 8;

interface Holder {
  readonly pid: number;
  readonly startedAt: string;
  readonly host: string;
}

/**
 * Takes the lock; what a dead process left is taken over.
 * @throws {StorageError} STORE_IN_USE when a live process, or one on another host, holds it.
 * @throws errors of node:fs as they come.
 */
export function takePidLock(lockPath: string): DiskLock {
  const path = `${lockPath}.pid`;
  const content = `${process.pid}\n${startOf(process.pid)}\n${hostname()}\n`;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    if (linkNew(path, content)) return { release: () => release(path, content) };
    const found = readText(path);
    if (found === undefined) continue;
    const holder = parse(found);
    if (holder !== undefined && isAlive(holder)) throw storeInUse(path, holder.pid);
    removeStale(path, found);
  }
  throw storeInUse(path, undefined);
}

function linkNew(path: string, content: string): boolean {
  const draft = `${path}.${process.pid}.${process.hrtime.bigint()}`;
  writeFileSync(draft, content, { flag: 'wx' });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** Moves a dead holder's file away; where a live one came in between, it is put back. */
function removeStale(path: string, judged: string): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  if (readText(aside) !== judged) linkSync(aside, path);
  unlinkSync(aside);
}

function release(path: string, content: string): void {
  if (readText(path) === content) unlinkSync(path);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(text: string): Holder | undefined {
  const [pid, startedAt = '', host = ''] = text.split('\n');
  const number = Number(pid);
  return Number.isSafeInteger(number) && number > 0 ? { pid: number, startedAt, host } : undefined;
}

/** Whether the holder may still run; in doubt it does. */
function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
  const startedAt = startOf(holder.pid);
  return startedAt === '' || holder.startedAt === '' || startedAt === holder.startedAt;
}

/** Tells a process from an older one with the same number; empty where the system does not say. */
function startOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold blanks and brackets; the 22nd field is the 20th after its end.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return ticks === undefined ? '' : `${boot}/${ticks}`;
  } catch {
    return ''; // No /proc here.
  }
}
