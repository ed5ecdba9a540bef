import { join } from 'node:path';
import { type Disk, type DiskFile, errorCode } from '../base/index.ts';
import { parseSegmentName, segmentName } from './paths.ts';

/** One open consume-queue file; `file` is undefined once it was closed to make room for others. */
export interface QueueFileHandle {
  readonly path: string;
  file: DiskFile | undefined;
  usedAt: number;
  /** Written since its last sync began. */
  isDirty: boolean;
  isSyncing: boolean;
}

/**
 * The open files of all consume queues: at most `openMax` descriptors, the least recently used one is closed first.
 * Files have their full length from their creation and are read and written at positions.
 * @thread owner
 */
export class QueueFiles {
  readonly disk: Disk;
  readonly fileBytes: number;
  readonly #openMax: number;
  readonly #open: QueueFileHandle[] = [];
  readonly #dirty = new Set<QueueFileHandle>();
  #uses = 0;

  constructor(disk: Disk, fileBytes: number, openMax: number) {
    this.disk = disk;
    this.fileBytes = fileBytes;
    this.#openMax = openMax;
  }

  get openCount(): number {
    return this.#open.length;
  }

  handle(folder: string, fileStart: number): QueueFileHandle {
    const path = join(folder, segmentName(fileStart));
    return { path, file: undefined, usedAt: 0, isDirty: false, isSyncing: false };
  }

  /** Fills `target` from `position`; false where the file is missing. */
  read(handle: QueueFileHandle, position: number, target: Buffer): boolean {
    const file = this.#use(handle, false);
    return file !== undefined && file.read(position, target) === target.length;
  }

  /** Writes, creating the file where it is missing. @throws {StorageError} DISK_FULL */
  write(handle: QueueFileHandle, position: number, source: Buffer): void {
    const file = this.#use(handle, true) as DiskFile;
    handle.isDirty = true;
    this.#dirty.add(handle);
    file.write(position, source);
  }

  /** Files written since their last sync, in the order of their first write. The caller syncs each by `sync`. */
  takeDirty(): QueueFileHandle[] {
    const dirty = [...this.#dirty].filter((handle) => !handle.isSyncing);
    for (const handle of dirty) this.#dirty.delete(handle);
    return dirty;
  }

  sync(handle: QueueFileHandle, done: (error?: Error) => void): void {
    const file = this.#use(handle, false);
    // A file deleted since it was written has nothing left to make durable.
    if (file === undefined) {
      done();
      return;
    }
    handle.isDirty = false;
    handle.isSyncing = true;
    file.sync((error) => {
      handle.isSyncing = false;
      done(error);
    });
  }

  /** Closes and deletes one file. */
  remove(handle: QueueFileHandle): void {
    this.close(handle);
    this.disk.remove(handle.path);
  }

  close(handle: QueueFileHandle): void {
    this.#dirty.delete(handle);
    handle.isDirty = false;
    const index = this.#open.indexOf(handle);
    if (index >= 0) this.#closeAt(index);
  }

  closeAll(): void {
    while (this.#open.length > 0) this.#closeAt(this.#open.length - 1);
    this.#dirty.clear();
  }

  /** First bytes of the files in a folder, in order; entries of other kinds are left out. */
  starts(folder: string): number[] {
    return this.disk
      .list(folder)
      .map(parseSegmentName)
      .filter((start) => start >= 0 && start % this.fileBytes === 0);
  }

  #use(handle: QueueFileHandle, create: boolean): DiskFile | undefined {
    this.#uses += 1;
    handle.usedAt = this.#uses;
    return handle.file ?? this.#openFile(handle, create);
  }

  #openFile(handle: QueueFileHandle, create: boolean): DiskFile | undefined {
    if (this.#open.length >= this.#openMax) this.#closeOldest();
    const file = this.#openOrCreate(handle.path, create);
    if (file === undefined) return undefined;
    handle.file = file;
    this.#open.push(handle);
    return file;
  }

  #openOrCreate(path: string, create: boolean): DiskFile | undefined {
    const options = { create, bytes: this.fileBytes };
    try {
      return this.disk.openFile(path, options);
    } catch (error) {
      if (errorCode(error) !== 'NOT_FOUND') throw error;
      if (!create) return undefined;
      this.disk.makeFolder(join(path, '..'));
      return this.disk.openFile(path, options);
    }
  }

  #closeOldest(): void {
    let oldest = -1;
    let usedAt = Number.POSITIVE_INFINITY;
    this.#open.forEach((handle, index) => {
      if (handle.isSyncing || handle.usedAt >= usedAt) return;
      usedAt = handle.usedAt;
      oldest = index;
    });
    if (oldest >= 0) this.#closeAt(oldest);
  }

  #closeAt(index: number): void {
    const handle = this.#open[index] as QueueFileHandle;
    const last = this.#open.pop() as QueueFileHandle;
    if (last !== handle) this.#open[index] = last;
    handle.file?.close();
    handle.file = undefined;
  }
}
