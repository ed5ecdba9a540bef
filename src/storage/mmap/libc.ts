import { createRequire } from 'node:module';
import { getSystemErrorMap } from 'node:util';
import { assert, errorMessage } from '../../base/index.ts';

// Constants of Linux; equal on x64 and arm64, glibc and musl.
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MADV_DONTNEED = 4;
const MADV_POPULATE_WRITE = 23;
const SEEK_HOLE = 4;
const F_DUPFD_CLOEXEC = 1030;
const F_OFD_GETLK = 36;
const F_OFD_SETLK = 37;
const F_WRLCK = 1;
const SC_PAGESIZE = 30;
const EINTR = 4;
const EACCES = 13;
const EAGAIN = 11;
const EFAULT = 14;
const EINVAL = 22;
const EINTR_RETRIES_MAX = 100;

// struct flock, 64-bit Linux:  [l_type int16][l_whence int16][4 bytes][l_start int64][l_len int64][l_pid int32][4 bytes]
const FLOCK_BYTES = 32;
const FLOCK_TYPE = 0;
const FLOCK_LENGTH = 16;
const FLOCK_PID = 24;

const MAPPING_ARCHITECTURES = ['x64', 'arm64'];

/** What of libc the store uses. Every call is synchronous; failures carry Node's `code` (`ENOSPC`, …). */
export interface Libc {
  /** 4 KiB on x64; 4, 16 or 64 KiB on arm64, as the kernel was built. */
  readonly pageBytes: number;
  /** Maps `[position, position + bytes)` of a file, shared with every other mapping of it; returns the address. */
  map(descriptor: number, position: number, bytes: number, writable: boolean): number;
  unmap(address: number, bytes: number): void;
  /** The mapped memory as a buffer. Touching it after `unmap` kills the process. */
  view(address: number, bytes: number): Buffer;
  /** Gives `[position, position + bytes)` of a file blocks; data that is there stays. */
  allocate(descriptor: number, position: number, bytes: number): void;
  /** Fills the mapping's pages in, ready for writing. */
  populate(address: number, bytes: number): PopulateOutcome;
  /** Takes the mapping's hold of these pages; they stay in the file's cache, and a later touch maps them again. */
  letGo(address: number, bytes: number): void;
  /** Whether every page of the mapping is in main memory; `address` begins a page. */
  isResident(address: number, bytes: number): boolean;
  /** The first position at or after `position` without data: the end of the file where there is no hole. */
  nextHole(descriptor: number, position: number): number;
  /** Takes a write lock on byte [0,1) for the open file description; false where another holds it. */
  tryLock(descriptor: number): boolean;
  /** The process holding a lock on byte [0,1), where the kernel says so. */
  lockHolder(descriptor: number): number | undefined;
  /** A second descriptor of the same open file, not inherited by child processes. */
  duplicate(descriptor: number): number;
  close(descriptor: number): void;
  /** Lets the threads run that wait for this thread's core. */
  yieldCore(): void;
}

/** `refused`: a store into one of the pages would be a SIGBUS. `unsupported`: the kernel is older than 5.14. */
export type PopulateOutcome = 'filled' | 'refused' | 'unsupported';

/** Either libc, or why it cannot be had here. */
export type LibcResult = { readonly libc: Libc } | { readonly reason: string };

/** The module `koffi`. */
export type Koffi = typeof import('koffi');
type Call = (...values: (number | bigint | Buffer)[]) => number;

interface Calls {
  readonly mmap: Call;
  readonly munmap: Call;
  readonly madvise: Call;
  readonly mincore: Call;
  readonly fallocate: Call;
  readonly lseek: Call;
  readonly fcntl: Call;
  readonly fcntlLock: Call;
  readonly close: Call;
  readonly schedYield: Call;
  readonly sysconf: Call;
}

/**
 * Loads libc through koffi, or says why not: another platform, or no binary of koffi for this one. Nothing is cached:
 * the caller keeps it (a load takes 0.2 ms at first, 0.05 ms later).
 */
export function loadLibc(loadKoffi: () => Koffi = requireKoffi): LibcResult {
  const { platform, arch } = process;
  if (platform !== 'linux' || !MAPPING_ARCHITECTURES.includes(arch))
    return { reason: `files are mapped on Linux x64 and arm64 only, this is ${platform} ${arch}` };
  try {
    const koffi = loadKoffi();
    return { libc: bind(koffi, declare(koffi)) };
  } catch (error) {
    return { reason: `koffi cannot be loaded: ${errorMessage(error)}` };
  }
}

/**
 * Makes a function that lets the threads run that wait for the calling thread's core;
 * `undefined` where libc cannot be had.
 */
export function createYieldCore(): (() => void) | undefined {
  const result = loadLibc();
  return 'libc' in result ? result.libc.yieldCore : undefined;
}

/** Required, not imported: a missing binary must be a reason, not the end of the program. */
function requireKoffi(): Koffi {
  return createRequire(import.meta.url)('koffi') as Koffi;
}

function declare(koffi: Koffi): Calls {
  const library = koffi.load(null);
  const call = (name: string, result: string, types: string[]): Call =>
    library.func(name, result, types) as unknown as Call;
  return {
    mmap: call('mmap', 'int64_t', ['uintptr_t', 'size_t', 'int', 'int', 'int', 'int64_t']),
    munmap: call('munmap', 'int', ['uintptr_t', 'size_t']),
    madvise: call('madvise', 'int', ['uintptr_t', 'size_t', 'int']),
    mincore: call('mincore', 'int', ['uintptr_t', 'size_t', 'void *']),
    fallocate: call('fallocate', 'int', ['int', 'int', 'int64_t', 'int64_t']),
    lseek: call('lseek', 'int64_t', ['int', 'int64_t', 'int']),
    // Variadic in C; both architectures pass these arguments as they pass named ones.
    fcntl: call('fcntl', 'int', ['int', 'int', 'int64_t']),
    fcntlLock: call('fcntl', 'int', ['int', 'int', 'void *']),
    close: call('close', 'int', ['int']),
    schedYield: call('sched_yield', 'int', []),
    sysconf: call('sysconf', 'int64_t', ['int']),
  };
}

function bind(koffi: Koffi, calls: Calls): Libc {
  const check = (name: string, result: number): number => {
    if (result === -1) throw systemError(name, koffi.errno());
    return result;
  };
  /** Repeats a call that a signal cut short. */
  const repeat = (name: string, body: () => number): number => {
    for (let attempt = 0; ; attempt++) {
      const result = body();
      if (result !== -1 || koffi.errno() !== EINTR || attempt === EINTR_RETRIES_MAX)
        return check(name, result);
    }
  };
  const pageBytes = check('sysconf', calls.sysconf(SC_PAGESIZE));
  return {
    pageBytes,
    map(descriptor, position, bytes, writable) {
      const protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
      return check('mmap', calls.mmap(0, bytes, protection, MAP_SHARED, descriptor, position));
    },
    unmap: (address, bytes) => void check('munmap', calls.munmap(address, bytes)),
    view: (address, bytes) => Buffer.from(koffi.view(BigInt(address), bytes)),
    allocate: (descriptor, position, bytes) =>
      void repeat('fallocate', () => calls.fallocate(descriptor, 0, position, bytes)),
    populate(address, bytes) {
      const result = calls.madvise(address, bytes, MADV_POPULATE_WRITE);
      if (result === -1 && koffi.errno() === EFAULT) return 'refused';
      if (result === -1 && koffi.errno() === EINVAL) return 'unsupported';
      check('madvise', result);
      return 'filled';
    },
    letGo: (address, bytes) => void check('madvise', calls.madvise(address, bytes, MADV_DONTNEED)),
    isResident(address, bytes) {
      const pages = Buffer.alloc(Math.ceil(bytes / pageBytes));
      check('mincore', calls.mincore(address, bytes, pages));
      return pages.every((page) => (page & 1) === 1);
    },
    nextHole: (descriptor, position) =>
      check('lseek', calls.lseek(descriptor, position, SEEK_HOLE)),
    tryLock(descriptor) {
      const result = calls.fcntlLock(descriptor, F_OFD_SETLK, firstByteLock());
      if (result === -1 && [EAGAIN, EACCES].includes(koffi.errno())) return false;
      check('fcntl', result);
      return true;
    },
    lockHolder(descriptor) {
      const lock = firstByteLock();
      check('fcntl', calls.fcntlLock(descriptor, F_OFD_GETLK, lock));
      // −1: an open-file-description lock has no process; 0: a process of another namespace.
      const pid = lock.readInt32LE(FLOCK_PID);
      return lock.readInt16LE(FLOCK_TYPE) === F_WRLCK && pid > 0 ? pid : undefined;
    },
    duplicate: (descriptor) => check('fcntl', calls.fcntl(descriptor, F_DUPFD_CLOEXEC, 0)),
    close: (descriptor) => void check('close', calls.close(descriptor)),
    yieldCore: () => void calls.schedYield(),
  };
}

function firstByteLock(): Buffer {
  const lock = Buffer.alloc(FLOCK_BYTES);
  lock.writeInt16LE(F_WRLCK, FLOCK_TYPE);
  lock.writeBigInt64LE(1n, FLOCK_LENGTH);
  return lock;
}

/** An error shaped like those of `node:fs`. */
function systemError(call: string, errno: number): Error {
  assert(errno > 0, `${call} failed without saying why`);
  const [code, text] = getSystemErrorMap().get(-errno) ?? [`ERRNO_${errno}`, 'unknown error'];
  return Object.assign(new Error(`${code}: ${text}, ${call}`), { code, errno: -errno });
}
