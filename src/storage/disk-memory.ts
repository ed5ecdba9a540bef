import { posix } from 'node:path';
import {
  assert,
  type Clock,
  type Disk,
  type DiskFile,
  type DiskLock,
  type DiskSpace,
  type FileFacts,
  type OpenFileOptions,
  type OpenSegmentOptions,
  type Scheduler,
  type SegmentFile,
  seededRandom,
} from '../base/index.ts';
import { MemoryFile, type MemoryHost } from './memory-file.ts';
import { MEMORY_PAGE_BYTES, MemoryInode } from './memory-inode.ts';
import { MemorySegment } from './memory-segment.ts';
import { segmentLength, storeInUse } from './open-failure.ts';
import { StorageError } from './storage-error.ts';
import { WINDOW_BYTES, WindowedSegment } from './windowed-segment.ts';

/** How a simulated disk behaves. */
export interface MemoryDiskOptions {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Room on the disk; default 1 TiB. */
  readonly capacityBytes?: number;
  /** `mapped` (default): one window over the whole segment; `windowed`: sliding windows, as on the file backend. */
  readonly segments?: 'mapped' | 'windowed';
  readonly windowBytes?: number;
  /** Step in which mapped segments get blocks; default 64 KiB. */
  readonly allocateBytes?: number;
  /** False (default): a rename makes the moved file durable, as ext4, xfs and btrfs do. True: it does not. */
  readonly strictRename?: boolean;
}

/** A power cut: each unsynced sector, length and new name is kept with probability `keepUnsynced`, drawn from `seed`. */
export interface PowerCut {
  readonly seed: number;
  readonly keepUnsynced: number;
}

interface Fault {
  readonly pathPart: string;
  left: number;
}

const CAPACITY_BYTES = 1024 ** 4;
const ALLOCATE_BYTES = 64 * 1024;

/**
 * A disk in memory that does what real ones do badly: it loses unsynced bytes, fills up, fails and is slow, all on
 * request and replayable. Removing, renaming and making folders is durable at once; a new file's name and length are
 * durable from its first sync.
 */
export class MemoryDisk implements Disk {
  readonly kind = 'memory';
  /** Time each sync takes; 0 completes in the next turn. */
  syncDelayMs: (path: string) => number = () => 0;
  /** Time each fetch takes; 0 completes in the next turn. */
  fetchDelayMs: (path: string) => number = () => 0;
  /** Reads that waited for the disk because nothing had fetched what they read. */
  stalls = 0;
  #capacityBytes: number;
  #generation = 0;
  readonly #options: MemoryDiskOptions;
  readonly #host: MemoryHost;
  #files = new Map<string, MemoryInode>();
  #folders = new Set<string>(['/', '.']);
  readonly #locks = new Set<string>();
  readonly #syncFaults: Fault[] = [];
  readonly #writeFaults: Fault[] = [];

  constructor(options: MemoryDiskOptions) {
    this.#options = options;
    this.#capacityBytes = options.capacityBytes ?? CAPACITY_BYTES;
    this.#host = this.#createHost();
  }

  stat(path: string): FileFacts | undefined {
    const at = normal(path);
    const inode = this.#files.get(at);
    if (inode !== undefined)
      return { kind: 'file', bytes: inode.bytes, modifiedMs: inode.modifiedMs };
    if (!this.#folders.has(at)) return undefined;
    return { kind: 'folder', bytes: 0, modifiedMs: this.#options.clock.now() };
  }

  list(folder: string): string[] {
    const at = normal(folder);
    if (this.#files.has(at)) throw badFolder(`cannot list ${folder}: it is a file`, folder);
    const names: string[] = [];
    for (const path of [...this.#files.keys(), ...this.#folders]) {
      if (path !== at && posix.dirname(path) === at && path !== '.')
        names.push(posix.basename(path));
    }
    return names.sort();
  }

  makeFolder(path: string): void {
    for (let at = normal(path); !this.#folders.has(at); at = posix.dirname(at)) {
      if (this.#files.has(at))
        throw badFolder(`cannot make the folder ${path}: ${at} is a file`, path);
      this.#folders.add(at);
    }
  }

  remove(path: string): void {
    const at = normal(path);
    for (const other of this.#below(at)) {
      this.#files.delete(other);
      this.#folders.delete(other);
    }
  }

  rename(from: string, to: string): void {
    const source = normal(from);
    const target = normal(to);
    if (this.stat(source) === undefined)
      throw notFound(`cannot rename ${from} to ${to}: it is missing`, from);
    this.#checkParent(target, `rename ${from} to`);
    if (source === target) return;
    if (this.#folders.has(target) && (this.#files.has(source) || this.list(target).length > 0))
      throw badFolder(`cannot rename ${from} to ${to}: a folder is in the way`, to);
    if (this.#files.has(target) && this.#folders.has(source))
      throw badFolder(`cannot rename ${from} to ${to}: a file is in the way`, to);
    for (const path of this.#below(source))
      this.#moveEntry(path, target + path.slice(source.length));
  }

  readFile(path: string): Buffer | undefined {
    const at = normal(path);
    if (this.#folders.has(at)) throw badFolder(`cannot read ${path}: it is a folder`, path);
    const inode = this.#files.get(at);
    return inode === undefined ? undefined : Buffer.from(inode.content.subarray(0, inode.bytes));
  }

  writeFile(path: string, bytes: Uint8Array): void {
    const at = normal(path);
    this.#checkParent(at, 'write');
    if (this.#folders.has(at)) throw badFolder(`cannot write ${path}: it is a folder`, path);
    const inode = this.#files.get(at) ?? this.#create(at, 0);
    inode.resize(0);
    const file = new MemoryFile(at, inode, this.#host);
    file.write(0, bytes);
  }

  space(_path: string): DiskSpace {
    const freeBytes = Math.max(0, this.#capacityBytes - this.usedBytes);
    return { totalBytes: this.#capacityBytes, freeBytes };
  }

  openFile(path: string, options: OpenFileOptions): DiskFile {
    return this.#open(path, options);
  }

  openSegment(path: string, options: OpenSegmentOptions): SegmentFile {
    const file = this.#open(path, { create: options.create, bytes: options.bytes });
    // A power cut between creation and the first sync can leave the name without the length.
    if (file.inode.bytes === 0 && options.create) file.inode.resize(options.bytes);
    if (file.inode.bytes !== options.bytes)
      throw segmentLength(path, file.inode.bytes, options.bytes);
    const { scheduler, segments, windowBytes, allocateBytes } = this.#options;
    const { bytes, writable } = options;
    if (segments === 'windowed') {
      const size = windowBytes ?? WINDOW_BYTES;
      return new WindowedSegment(file, { bytes, writable, windowBytes: size, scheduler });
    }
    const step = allocateBytes ?? ALLOCATE_BYTES;
    return new MemorySegment(file, { bytes, writable, scheduler, allocateBytes: step });
  }

  lock(path: string): DiskLock {
    const at = normal(path);
    if (this.#locks.has(at)) throw storeInUse(path, undefined);
    this.writeFile(at, Buffer.from('lock'));
    this.#locks.add(at);
    const generation = this.#generation;
    return {
      release: () => {
        if (generation === this.#generation) this.#locks.delete(at);
      },
    };
  }

  /** Blocks in use, whole pages. */
  get usedBytes(): number {
    let bytes = 0;
    for (const inode of this.#files.values()) bytes += inode.allocatedBytes;
    return bytes;
  }

  /** From now on the disk has room for this many bytes in all. */
  setCapacity(bytes: number): void {
    this.#capacityBytes = bytes;
  }

  /** The next `times` syncs of files whose path contains `pathPart` fail, and what they covered is not stored. */
  failNextSync(pathPart = '', times = 1): void {
    this.#syncFaults.push({ pathPart, left: times });
  }

  /** The next `times` writes (or allocations) of files whose path contains `pathPart` fail without effect. */
  failNextWrite(pathPart = '', times = 1): void {
    this.#writeFaults.push({ pathPart, left: times });
  }

  /** Files whose path contains `pathPart` leave main memory: reads of them stall until they are fetched. */
  evict(pathPart = ''): void {
    for (const [path, inode] of this.#files) if (path.includes(pathPart)) inode.evict();
  }

  /** Everything written becomes durable, as time does it. */
  settle(): void {
    for (const inode of this.#files.values()) inode.commitAll();
  }

  /** The process dies: what was written stays, open handles are dead, locks are gone, no callback comes any more. */
  killProcess(): void {
    this.#generation += 1;
    this.#locks.clear();
    for (const inode of this.#files.values()) inode.detach();
  }

  /** The power fails: as `killProcess`, and unsynced bytes, lengths and new names are lost by chance. */
  cutPower(cut: PowerCut): void {
    this.killProcess();
    const random = seededRandom(cut.seed);
    for (const [path, inode] of [...this.#files].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!inode.isEntryDurable && random.next() >= cut.keepUnsynced) this.#files.delete(path);
      else inode.cutPower(random, cut.keepUnsynced);
    }
  }

  /** An independent disk with the same files, without open handles, locks, faults and running syncs. */
  clone(options: Partial<MemoryDiskOptions> = {}): MemoryDisk {
    const copy = new MemoryDisk({
      ...this.#options,
      capacityBytes: this.#capacityBytes,
      ...options,
    });
    copy.#files = new Map([...this.#files].map(([path, inode]) => [path, inode.clone()]));
    copy.#folders = new Set(this.#folders);
    return copy;
  }

  #createHost(): MemoryHost {
    const generation = (): number => this.#generation;
    return {
      scheduler: this.#options.scheduler,
      nowMs: () => this.#options.clock.now(),
      get generation() {
        return generation();
      },
      allocate: (inode, start, end) => this.#allocate(inode, start, end),
      writeFault: (path) => takeFault(this.#writeFaults, path, 'write'),
      syncFault: (path) => takeFault(this.#syncFaults, path, 'sync'),
      syncDelayMs: (path) => this.syncDelayMs(path),
      fetchDelayMs: (path) => this.fetchDelayMs(path),
      noteStall: () => {
        this.stalls += 1;
      },
      full: (path, neededBytes) => {
        const { freeBytes } = this.space(path);
        return new StorageError(
          'DISK_FULL',
          `cannot write ${path}: the disk is full, ${neededBytes} bytes are needed, ${freeBytes} are free`,
          { path, neededBytes, freeBytes },
        );
      },
    };
  }

  #allocate(inode: MemoryInode, start: number, end: number): number {
    const missing = inode.missingPages(start, end);
    let freePages = Math.floor(this.space('').freeBytes / MEMORY_PAGE_BYTES);
    if (missing <= freePages) {
      inode.allocate(start, end);
      return end;
    }
    let at = start;
    while (at < end) {
      const pageEnd = (Math.floor(at / MEMORY_PAGE_BYTES) + 1) * MEMORY_PAGE_BYTES;
      freePages -= inode.missingPages(at, pageEnd);
      if (freePages < 0) break;
      inode.allocate(at, pageEnd);
      at = Math.min(end, pageEnd);
    }
    return at;
  }

  #open(path: string, options: OpenFileOptions): MemoryFile {
    const at = normal(path);
    if (this.#folders.has(at)) throw badFolder(`cannot open ${path}: it is a folder`, path);
    const inode = this.#files.get(at);
    if (inode !== undefined) return new MemoryFile(at, inode, this.#host);
    if (!options.create) throw notFound(`cannot open ${path}: it is missing`, path);
    this.#checkParent(at, 'create');
    return new MemoryFile(at, this.#create(at, options.bytes), this.#host);
  }

  #create(at: string, bytes: number): MemoryInode {
    const inode = new MemoryInode(bytes, this.#options.clock.now());
    this.#files.set(at, inode);
    return inode;
  }

  #moveEntry(from: string, to: string): void {
    const inode = this.#files.get(from);
    if (inode === undefined) {
      this.#folders.delete(from);
      this.#folders.add(to);
      return;
    }
    this.#files.delete(from);
    this.#files.set(to, inode);
    if (this.#options.strictRename !== true) inode.commitAll();
  }

  /** `at` and everything under it. */
  #below(at: string): string[] {
    assert(at !== '/' && at !== '.', 'the root folder stays');
    return [...this.#files.keys(), ...this.#folders].filter(
      (path) => path === at || path.startsWith(`${at}/`),
    );
  }

  #checkParent(at: string, action: string): void {
    const folder = posix.dirname(at);
    if (this.#files.has(folder)) throw badFolder(`cannot ${action} ${at}: ${folder} is a file`, at);
    if (!this.#folders.has(folder))
      throw notFound(`cannot ${action} ${at}: there is no folder ${folder}`, at);
  }
}

function normal(path: string): string {
  const plain = posix.normalize(path);
  return plain.length > 1 && plain.endsWith('/') ? plain.slice(0, -1) : plain;
}

function badFolder(message: string, path: string): StorageError {
  return new StorageError('BAD_FOLDER', message, { path });
}

function notFound(message: string, path: string): StorageError {
  return new StorageError('NOT_FOUND', message, { path });
}

function takeFault(
  faults: Fault[],
  path: string,
  action: 'write' | 'sync',
): StorageError | undefined {
  const fault = faults.find((candidate) => path.includes(candidate.pathPart));
  if (fault === undefined) return undefined;
  fault.left -= 1;
  if (fault.left <= 0) faults.splice(faults.indexOf(fault), 1);
  return new StorageError(
    action === 'sync' ? 'FLUSH_FAILED' : 'IO_FAILED',
    `cannot ${action} ${path}: input/output error`,
    { path },
  );
}
