/**
 * The file system as the store sees it. Implementations: mapped (Linux), positional reads and writes (everywhere),
 * memory with faults (simulator). Every call but `sync` and `prepare` is synchronous; a failure throws a
 * `StorageError` that names the path.
 *
 * Words: *written* bytes have left this process (they survive its death); *synced* bytes survive a power cut.
 */
export interface Disk {
  readonly kind: 'mapped' | 'file' | 'memory';
  /** `undefined` where nothing is at `path`. */
  stat(path: string): FileFacts | undefined;
  /** Names in a folder, sorted; empty where the folder is missing. */
  list(folder: string): string[];
  /** Creates a folder and its parents. */
  makeFolder(path: string): void;
  /** Removes a file, or a folder with all it holds; nothing there is fine. */
  remove(path: string): void;
  rename(from: string, to: string): void;
  /** The whole of a small file, or `undefined` where it is missing. */
  readFile(path: string): Buffer | undefined;
  /** Creates or replaces a small file (not atomically: callers write aside and rename). */
  writeFile(path: string, bytes: Uint8Array): void;
  space(path: string): DiskSpace;
  /** Opens, or creates at `bytes` length (sparse), a file read and written at positions. */
  openFile(path: string, options: OpenFileOptions): DiskFile;
  /** Opens or creates one commit-log segment of fixed length. */
  openSegment(path: string, options: OpenSegmentOptions): SegmentFile;
  /**
   * Takes the exclusive lock of a store.
   * @throws {StorageError} STORE_IN_USE when another opener holds it, in this process or another.
   */
  lock(path: string): DiskLock;
}

/** What `stat` says of a path. */
export interface FileFacts {
  readonly kind: 'file' | 'folder';
  readonly bytes: number;
  /** Last modification, milliseconds since the epoch. */
  readonly modifiedMs: number;
}

/** Room on the disk that holds a path. */
export interface DiskSpace {
  readonly totalBytes: number;
  /** Bytes an unprivileged process may still write. */
  readonly freeBytes: number;
}

/** A lock that is held. */
export interface DiskLock {
  release(): void;
}

/** How a file of positional reads and writes is opened. */
export interface OpenFileOptions {
  /** Create the file where it is missing; otherwise a missing file is an error. */
  readonly create: boolean;
  /** Length of a created file. */
  readonly bytes: number;
}

/** A file of positional reads and writes. */
export interface DiskFile {
  readonly path: string;
  /** Fills `target` from `position`; returns the bytes read, short only at the end of the file. */
  read(position: number, target: Uint8Array): number;
  /** Whether reading `[position, position + bytes)` surely waits for no disk; false where the system does not say. */
  isResident(position: number, bytes: number): boolean;
  /** Brings `[position, position + bytes)` into main memory on a helper; `done` is called in a later turn. */
  fetch(position: number, bytes: number, done: (error?: Error) => void): void;
  /** @throws {StorageError} DISK_FULL when the disk has no room. */
  write(position: number, source: Uint8Array): void;
  /** Makes written bytes durable; `done` is called in a later turn, with an error when the disk reported one. */
  sync(done: (error?: Error) => void): void;
  close(): void;
}

/** How a commit-log segment is opened. */
export interface OpenSegmentOptions {
  /** Full length of the segment; an existing file must have it. */
  readonly bytes: number;
  readonly create: boolean;
  /** False opens for reading only. */
  readonly writable: boolean;
}

/**
 * One commit-log segment: fixed length, one writer, bytes written through a *window*.
 *
 * The window is `window`, a buffer whose byte 0 is the segment's byte `windowStart`. In a mapped segment it is the
 * file itself from there on; elsewhere it is a piece of memory that `moveWindow` slides and `writeOut` stores.
 */
export interface SegmentFile {
  readonly path: string;
  readonly bytes: number;
  /** Owner only. Changes when `moveWindow` is called. */
  readonly window: Buffer;
  readonly windowStart: number;
  /** First segment position that may not be written yet: `[windowStart, windowEnd)` is writable. */
  readonly windowEnd: number;
  /**
   * Makes `[position, position + length)` writable. Allocates disk blocks where that was not done ahead. The window may
   * slide: it then shows what the file holds, so bytes put into it and not yet written out are gone.
   * @throws {StorageError} DISK_FULL with path, needed and free bytes.
   */
  moveWindow(position: number, length: number): void;
  /**
   * The window's bytes `[start, end)` (segment positions) become *written*. Free of cost in a mapped segment.
   * @throws {StorageError} DISK_FULL or IO_FAILED; part of the range may be written.
   */
  writeOut(start: number, end: number): void;
  /**
   * The bytes `[position, position + length)` as they are *written* or in the window. A mapped segment returns a view,
   * valid while the segment is open (see `retain`); others return a copy.
   */
  read(position: number, length: number): Buffer;
  /**
   * The file's own bytes, where reading them is no copy; else `undefined`. Valid while a lease is held, see `retain`.
   */
  view(position: number, length: number): Buffer | undefined;
  /** Copies `[position, position + length)` to `target[targetStart…]`. Hot path: no allocation in a mapped segment. */
  copyTo(position: number, length: number, target: Buffer, targetStart: number): void;
  /**
   * Whether reading `[position, position + bytes)` surely waits for no disk: it is in main memory now. False where the
   * system does not say.
   */
  isResident(position: number, bytes: number): boolean;
  /**
   * Brings `[position, position + bytes)` into main memory on a helper thread; `done` is called in a later turn. Closing
   * does not wait for it.
   */
  fetch(position: number, bytes: number, done: (error?: Error) => void): void;
  /**
   * Makes every byte written so far durable (fdatasync); `done` is called in a later turn, at most one call at a time.
   */
  sync(done: (error?: Error) => void): void;
  /**
   * Allocates and populates `[0, end)` ahead of the writer, in small steps, on a helper; calls `done` in a later turn.
   * Failure is not fatal: `moveWindow` allocates on its own. `isStored` (default true) also puts the filled pages on the
   * disk: each is then written twice, which flushes of single messages gain by, and a stream of them pays for.
   */
  prepare(end: number, done: (error?: Error) => void, isStored?: boolean): void;
  /** Keeps the mapping while a response is written from it; pair with `release`. */
  retain(): void;
  release(): void;
  /** Unmaps and closes once every `retain` was released; reads and writes are bugs from here on. */
  close(): void;
}
