import { closeSync, fdatasyncSync, fstatSync, openSync } from 'node:fs';
import { type Libc, loadLibc, type PopulateOutcome } from './libc.ts';
import { Mapping } from './mapping.ts';

/**
 * How much is filled in by one call, which holds a lock of the process's memory: a thread that maps or unmaps memory
 * meanwhile, as V8 does to collect garbage, waits for it. A new page may cost 15 µs on a virtual machine. A kernel that
 * is not preempted inside a call lets a thread that waits for this core wait for it too, and for the rest of this thread's
 * slice: so the core is offered behind each.
 */
const LOCKED_BYTES = 64 * 1024;

/** Name under which a `Pool` prepares a piece of a segment. */
export const PREPARE_TASK = 'storage.prepare';

/** A piece of a segment to prepare; plain data. */
export interface PreparePart {
  readonly path: string;
  /** The file's identity: under the same name there may be another one by now. */
  readonly device: number;
  readonly inode: number;
  /** A multiple of the page size. */
  readonly position: number;
  readonly bytes: number;
  /** The filled pages are stored as well, so that the first flush behind the writer finds written blocks. */
  readonly isStored: boolean;
}

/**
 * Makes what runs on a helper thread, see `preparePart`. Libc is loaded here, once for the thread: a thread that is ended
 * while it loads a library ends the process.
 */
export function createPreparePart(): (part: PreparePart) => boolean {
  const result = loadLibc();
  return (part) => {
    if (!('libc' in result)) throw new Error(result.reason);
    return preparePart(result.libc, part);
  };
}

/**
 * Gives a piece of a segment its blocks, fills its pages in through a mapping of its own, and
 * stores them where that is wanted, so that the writer neither waits for the disk nor pays for the first flush. Data
 * already there stays as it is.
 *
 * The mapping goes before pages are stored: the system takes the right to write from each mapped page by itself.
 * @returns whether all pages were filled in: not so on a full disk, nor by kernels before 5.14.
 * @throws errors of the system (`ENOSPC`, `ENOENT`, …).
 */
function preparePart(libc: Libc, part: PreparePart): boolean {
  const descriptor = openSync(part.path, 'r+');
  try {
    const facts = fstatSync(descriptor);
    if (facts.dev !== part.device || facts.ino !== part.inode)
      throw new Error(`${part.path} is another file now`);
    libc.allocate(descriptor, part.position, part.bytes);
    const { path, position, bytes } = part;
    const piece = new Mapping(libc, undefined, { path, descriptor, position, bytes });
    let outcome: PopulateOutcome = 'filled';
    try {
      for (let at = 0; at < bytes && outcome === 'filled'; at += LOCKED_BYTES) {
        outcome = piece.populate(at, Math.min(LOCKED_BYTES, bytes - at));
        libc.yieldCore();
      }
    } finally {
      piece.close();
    }
    if (part.isStored) fdatasyncSync(descriptor);
    return outcome === 'filled';
  } finally {
    closeSync(descriptor);
  }
}
