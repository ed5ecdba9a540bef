import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  type Disk,
  type DiskFile,
  type DiskLock,
  type DiskSpace,
  errorCode,
  type FileFacts,
  type OpenFileOptions,
  type OpenSegmentOptions,
  type Scheduler,
  type SegmentFile,
} from '../base/index.ts';
import { type Attempt, type FolderSetting, fsFailure } from './fs-failure.ts';
import { segmentLength } from './open-failure.ts';
import { takePidLock } from './pid-lock.ts';
import { PlainFile } from './plain-file.ts';
import type { StorageError } from './storage-error.ts';
import { WINDOW_BYTES, WindowedSegment } from './windowed-segment.ts';

/** What the disks over `node:fs` need. */
export interface FileDiskOptions {
  readonly scheduler: Scheduler;
  /** Names of the settings that chose the folders, for errors. */
  readonly settings?: readonly FolderSetting[];
  /** Size of a segment's window in memory; default 8 MiB. */
  readonly windowBytes?: number;
}

/** The file system through `node:fs` alone: works on every platform. */
export class FileDisk implements Disk {
  readonly kind: 'file' | 'mapped' = 'file';
  readonly #options: FileDiskOptions;

  constructor(options: FileDiskOptions) {
    this.#options = options;
  }

  stat(path: string): FileFacts | undefined {
    return this.attempt({ path, action: 'look at' }, () => {
      const facts = statSync(path, { throwIfNoEntry: false });
      if (facts === undefined) return undefined;
      const kind = facts.isDirectory() ? 'folder' : 'file';
      const bytes = facts.isDirectory() ? 0 : facts.size;
      return { kind, bytes, modifiedMs: Math.floor(facts.mtimeMs) };
    });
  }

  list(folder: string): string[] {
    return this.attempt({ path: folder, action: 'list' }, () => {
      try {
        return readdirSync(folder).sort();
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return [];
        throw error;
      }
    });
  }

  makeFolder(path: string): void {
    this.attempt({ path, action: 'make the folder' }, () => makeParentsAnd(resolve(path)));
  }

  remove(path: string): void {
    this.attempt({ path, action: 'remove' }, () => {
      rmSync(path, { recursive: true, force: true });
    });
  }

  rename(from: string, to: string): void {
    this.attempt({ path: from, action: `rename to ${to}:` }, () => renameSync(from, to));
  }

  readFile(path: string): Buffer | undefined {
    return this.attempt({ path, action: 'read' }, () => {
      try {
        return readFileSync(path);
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return undefined;
        throw error;
      }
    });
  }

  writeFile(path: string, bytes: Uint8Array): void {
    this.attempt({ path, action: 'write', neededBytes: bytes.length }, () =>
      writeFileSync(path, bytes),
    );
  }

  space(path: string): DiskSpace {
    return this.attempt({ path, action: 'ask for the space of' }, () => spaceOf(path));
  }

  openFile(path: string, options: OpenFileOptions): DiskFile {
    return this.openPlain(path, { create: options.create, bytes: options.bytes, writable: true });
  }

  openSegment(path: string, options: OpenSegmentOptions): SegmentFile {
    return this.windowed(this.openFullLength(path, options), options);
  }

  lock(path: string): DiskLock {
    return this.attempt({ path, action: 'lock' }, () => {
      const lock = takePidLock(path);
      try {
        writeFileSync(path, 'lock');
        return lock;
      } catch (error) {
        lock.release();
        throw error;
      }
    });
  }

  /** Runs `body`; what the system refuses becomes a `StorageError`. */
  protected attempt<T>(attempt: Attempt, body: () => T): T {
    try {
      return body();
    } catch (error) {
      throw this.failure(error, attempt);
    }
  }

  /** The `StorageError` for what the system refused, with the space left and the setting. */
  protected failure(error: unknown, attempt: Attempt): StorageError {
    const { settings } = this.#options;
    const freeBytes = (): number | undefined => freeBytesOf(attempt.path);
    return fsFailure(error, { settings, freeBytes, ...attempt });
  }

  /** A segment over a window in memory. */
  protected windowed(file: PlainFile, options: OpenSegmentOptions): SegmentFile {
    const { scheduler, windowBytes } = this.#options;
    return new WindowedSegment(file, {
      bytes: options.bytes,
      writable: options.writable,
      windowBytes: windowBytes ?? WINDOW_BYTES,
      scheduler,
    });
  }

  /** Opens a segment's file; one without bytes was left by a crash while it was made, and gets its length now. */
  protected openFullLength(path: string, options: OpenSegmentOptions): PlainFile {
    const file = this.openPlain(path, options);
    const isHalfMade = options.create && options.writable && file.bytes === 0;
    if (isHalfMade) file.extend(options.bytes);
    const { bytes } = file;
    if (bytes === options.bytes) return file;
    file.close();
    throw segmentLength(path, bytes, options.bytes);
  }

  protected openPlain(
    path: string,
    options: { readonly create: boolean; readonly bytes: number; readonly writable: boolean },
  ): PlainFile {
    const { settings } = this.#options;
    return new PlainFile(path, { ...options, settings, freeBytes: () => freeBytesOf(path) });
  }
}

/** The file backend; see `createDisk` for the choice between backends. */
export function createFileDisk(options: FileDiskOptions): FileDisk {
  return new FileDisk(options);
}

/** Space of the disk that holds `path`, or will hold it once its folders are made. */
function spaceOf(path: string): DiskSpace {
  for (let at = path; ; at = dirname(at)) {
    try {
      const facts = statfsSync(at);
      return { totalBytes: facts.blocks * facts.bsize, freeBytes: facts.bavail * facts.bsize };
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || at === dirname(at)) throw error;
    }
  }
}

/** Free bytes on the disk of a path; `undefined` where the system does not say. */
export function freeBytesOf(path: string): number | undefined {
  try {
    return spaceOf(path).freeBytes;
  } catch {
    return undefined; // Only makes an error less precise.
  }
}

/** One by one: Node's own recursive form never returns where a parent such as /proc refuses. */
const makeParentsAnd = (folder: string): void => {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(folder) !== folder) makeParentsAnd(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Somebody else may have made it meanwhile.
    const isThere = errorCode(error) === 'EEXIST' && statSync(folder).isDirectory();
    if (!isThere) throw error;
  }
};
