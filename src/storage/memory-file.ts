import { assert, type DiskFile, type Scheduler } from '../base/index.ts';
import type { MemoryInode } from './memory-inode.ts';
import type { StorageError } from './storage-error.ts';

/** What an open file asks of the simulated disk it lies on. */
export interface MemoryHost {
  readonly scheduler: Scheduler;
  nowMs(): number;
  /** Counts machine deaths: a handle from before the last one is dead. */
  readonly generation: number;
  /** Gives `[start, end)` blocks; returns how far the disk had room. */
  allocate(inode: MemoryInode, start: number, end: number): number;
  /** The failure a test asked for, when this write is its turn. */
  writeFault(path: string): StorageError | undefined;
  syncFault(path: string): StorageError | undefined;
  syncDelayMs(path: string): number;
  fetchDelayMs(path: string): number;
  /** A read waits for the disk: on a real one the thread would stand still. */
  noteStall(path: string): void;
  full(path: string, neededBytes: number): StorageError;
}

/** Positional reads and writes on a simulated file. A power cut or a kill makes the handle dead. */
export class MemoryFile implements DiskFile {
  readonly path: string;
  readonly inode: MemoryInode;
  readonly #host: MemoryHost;
  readonly #generation: number;
  #isClosed = false;
  #isSyncing = false;

  constructor(path: string, inode: MemoryInode, host: MemoryHost) {
    this.path = path;
    this.inode = inode;
    this.#host = host;
    this.#generation = host.generation;
  }

  read(position: number, target: Uint8Array): number {
    this.checkOpen();
    assert(position >= 0, 'a position is not negative');
    const end = Math.min(position + target.length, this.inode.bytes);
    if (end <= position) return 0;
    this.touch(position, end - position);
    target.set(this.inode.content.subarray(position, end));
    return end - position;
  }

  /** Notes a read of bytes that are not in main memory; then they are. */
  touch(position: number, bytes: number): void {
    if (this.inode.isResident(position, bytes)) return;
    this.#host.noteStall(this.path);
    this.inode.load(position, bytes);
  }

  isResident(position: number, bytes: number): boolean {
    this.checkOpen();
    return this.inode.isResident(position, bytes);
  }

  fetch(position: number, bytes: number, done: (error?: Error) => void): void {
    this.checkOpen();
    const finish = (): void => {
      if (!this.isAlive) return;
      this.inode.load(position, bytes);
      done();
    };
    const delayMs = this.#host.fetchDelayMs(this.path);
    if (delayMs > 0) this.#host.scheduler.setTimer(delayMs, finish);
    else this.#host.scheduler.defer(finish);
  }

  write(position: number, source: Uint8Array): void {
    this.checkOpen();
    assert(position >= 0, 'a position is not negative');
    const fault = this.#host.writeFault(this.path);
    if (fault !== undefined) throw fault;
    const end = position + source.length;
    const roomEnd = this.#host.allocate(this.inode, position, end);
    const fitting = source.subarray(0, Math.max(0, roomEnd - position));
    if (fitting.length > 0) this.inode.write(position, fitting);
    this.inode.modifiedMs = this.#host.nowMs();
    if (roomEnd < end) throw this.full(end - roomEnd);
  }

  /** Blocks for `[0, end)`; returns how far the disk had room. */
  reserve(end: number): number {
    this.checkOpen();
    const fault = this.#host.writeFault(this.path);
    if (fault !== undefined) throw fault;
    return this.#host.allocate(this.inode, 0, end);
  }

  sync(done: (error?: Error) => void): void {
    this.checkOpen();
    assert(!this.#isSyncing, `${this.path} is being synced already`);
    this.#isSyncing = true;
    const capture = this.inode.capture();
    const finish = (): void => {
      if (!this.isAlive) return;
      this.#isSyncing = false;
      const fault = this.#host.syncFault(this.path);
      if (fault === undefined) this.inode.commit(capture);
      else this.inode.drop(capture);
      done(fault);
    };
    const delayMs = this.#host.syncDelayMs(this.path);
    if (delayMs > 0) this.#host.scheduler.setTimer(delayMs, finish);
    else this.#host.scheduler.defer(finish);
  }

  close(): void {
    this.#isClosed = true;
  }

  /** Bug of the caller where the handle was closed or its machine died. */
  checkOpen(): void {
    assert(!this.#isClosed, `${this.path} is closed`);
    assert(this.isAlive, `${this.path} was opened before the machine died`);
  }

  get isAlive(): boolean {
    return this.#generation === this.#host.generation;
  }

  /** The error of a disk without room for `neededBytes` more of this file. */
  full(neededBytes: number): StorageError {
    return this.#host.full(this.path, neededBytes);
  }
}
