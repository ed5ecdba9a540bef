import type { Random } from '../base/index.ts';

/** Unit in which the simulated disk allocates. */
export const MEMORY_PAGE_BYTES = 4096;
/** Unit in which a power cut keeps or loses bytes: real disks write sectors whole. */
export const MEMORY_SECTOR_BYTES = 512;

/** What one sync covers: the pages as they were when it began, and the length. */
export interface SyncCapture {
  readonly pages: ReadonlyMap<number, Buffer>;
  readonly bytes: number;
}

const ZERO_PAGE = Buffer.alloc(MEMORY_PAGE_BYTES);

/**
 * The bytes of one simulated file, twice: as *written* (`content`) and as *synced* (what a power cut leaves).
 *
 * N1: only pages in `allocated` differ from zero, in either version.
 * N2: bytes of `content` past `bytes` are zero.
 */
export class MemoryInode {
  content: Buffer;
  bytes: number;
  modifiedMs: number;
  /** False until the first sync: the directory entry itself may be lost. */
  isEntryDurable = false;
  #syncedBytes = 0;
  readonly #synced = new Map<number, Buffer>();
  readonly #allocated = new Set<number>();
  /** Pages that are not in main memory. */
  readonly #evicted = new Set<number>();
  /** Pages a failed sync has dropped: the system believes they are clean until they change again. */
  readonly #dropped = new Map<number, Buffer>();

  constructor(bytes: number, nowMs: number) {
    this.content = Buffer.alloc(bytes);
    this.bytes = bytes;
    this.modifiedMs = nowMs;
  }

  get allocatedBytes(): number {
    return this.#allocated.size * MEMORY_PAGE_BYTES;
  }

  /** Pages of `[start, end)` without blocks. */
  missingPages(start: number, end: number): number {
    let missing = 0;
    if (start >= end) return missing;
    for (let page = Math.floor(start / MEMORY_PAGE_BYTES); page * MEMORY_PAGE_BYTES < end; page++) {
      if (!this.#allocated.has(page)) missing += 1;
    }
    return missing;
  }

  /** Gives `[start, end)` blocks. */
  allocate(start: number, end: number): void {
    if (start >= end) return;
    for (let page = Math.floor(start / MEMORY_PAGE_BYTES); page * MEMORY_PAGE_BYTES < end; page++)
      this.#allocated.add(page);
  }

  /** The system gives the pages' memory to others: reading them takes the disk. */
  evict(): void {
    for (const page of this.#allocated) this.#evicted.add(page);
  }

  isResident(position: number, bytes: number): boolean {
    if (this.#evicted.size === 0) return true;
    const end = position + bytes;
    for (
      let page = Math.floor(position / MEMORY_PAGE_BYTES);
      page * MEMORY_PAGE_BYTES < end;
      page++
    )
      if (this.#evicted.has(page)) return false;
    return true;
  }

  /** Brings pages back into main memory. */
  load(position: number, bytes: number): void {
    const end = position + bytes;
    for (
      let page = Math.floor(position / MEMORY_PAGE_BYTES);
      page * MEMORY_PAGE_BYTES < end;
      page++
    )
      this.#evicted.delete(page);
  }

  /** Grows or cuts the file; what a cut takes away reads as zero afterwards. */
  resize(bytes: number): void {
    if (bytes < this.bytes) this.#zero(bytes); // N2
    if (bytes > this.content.length) {
      const grown = Buffer.alloc(Math.max(bytes, this.content.length * 2));
      this.content.copy(grown, 0, 0, this.bytes);
      this.content = grown;
    }
    this.bytes = bytes;
  }

  /** Stores bytes; blocks must exist already. */
  write(position: number, source: Uint8Array): void {
    if (position + source.length > this.bytes) this.resize(position + source.length);
    this.content.set(source, position);
  }

  /** The pages a sync beginning now has to store. */
  capture(): SyncCapture {
    const pages = new Map<number, Buffer>();
    for (const page of this.#allocated) {
      const dropped = this.#dropped.get(page);
      if (dropped !== undefined && this.#holds(page, dropped)) continue;
      this.#dropped.delete(page);
      if (!this.#holds(page, this.#synced.get(page) ?? ZERO_PAGE))
        pages.set(page, this.#copyPage(page));
    }
    return { pages, bytes: this.bytes };
  }

  /** The sync succeeded. */
  commit(capture: SyncCapture): void {
    for (const [page, bytes] of capture.pages) this.#synced.set(page, bytes);
    this.#syncedBytes = capture.bytes;
    this.isEntryDurable = true;
  }

  /** The sync failed: as on Linux, its pages count as clean although the disk never got them. */
  drop(capture: SyncCapture): void {
    for (const [page, bytes] of capture.pages) this.#dropped.set(page, bytes);
  }

  /** Makes the whole file durable as it is. */
  commitAll(): void {
    this.#dropped.clear();
    this.commit(this.capture());
  }

  /** What the power cut left: every sector that was not synced is kept with the given probability. */
  cutPower(random: Random, keepUnsynced: number): void {
    const bytes =
      this.bytes === this.#syncedBytes || random.next() < keepUnsynced
        ? this.bytes
        : this.#syncedBytes;
    for (const page of [...this.#allocated].sort((a, b) => a - b))
      this.#cutPage(page, random, keepUnsynced);
    if (bytes !== this.bytes) this.resize(bytes);
    this.commitAll();
  }

  /** Moves the bytes to other memory, so that windows of handles that died no longer reach them. */
  detach(): void {
    const content = Buffer.alloc(this.content.length);
    for (const page of this.#allocated) this.#view(page).copy(content, page * MEMORY_PAGE_BYTES);
    this.content = content;
  }

  /** An independent copy. */
  clone(): MemoryInode {
    const copy = new MemoryInode(0, this.modifiedMs);
    copy.content = this.content;
    copy.bytes = this.bytes;
    copy.isEntryDurable = this.isEntryDurable;
    copy.#syncedBytes = this.#syncedBytes;
    for (const page of this.#allocated) copy.#allocated.add(page);
    for (const [page, bytes] of this.#synced) copy.#synced.set(page, bytes);
    for (const [page, bytes] of this.#dropped) copy.#dropped.set(page, bytes);
    copy.detach();
    return copy;
  }

  #cutPage(page: number, random: Random, keepUnsynced: number): void {
    const durable = this.#synced.get(page) ?? ZERO_PAGE;
    const start = page * MEMORY_PAGE_BYTES;
    const end = Math.min(start + MEMORY_PAGE_BYTES, this.bytes);
    for (let at = start; at < end; at += MEMORY_SECTOR_BYTES) {
      const sectorEnd = Math.min(at + MEMORY_SECTOR_BYTES, end);
      const kept = durable.subarray(at - start, sectorEnd - start);
      const isSynced = kept.equals(this.content.subarray(at, sectorEnd));
      if (!isSynced && random.next() >= keepUnsynced) this.content.set(kept, at);
    }
  }

  #zero(start: number): void {
    for (const page of this.#allocated) {
      const at = page * MEMORY_PAGE_BYTES;
      this.#view(page)
        .subarray(Math.max(0, start - at))
        .fill(0);
    }
  }

  #holds(page: number, bytes: Buffer): boolean {
    const view = this.#view(page);
    return view.equals(bytes.subarray(0, view.length));
  }

  #view(page: number): Buffer {
    const start = page * MEMORY_PAGE_BYTES;
    return this.content.subarray(start, start + MEMORY_PAGE_BYTES);
  }

  /** A copy of one page, zero past the end of the file. */
  #copyPage(page: number): Buffer {
    const bytes = Buffer.alloc(MEMORY_PAGE_BYTES);
    this.#view(page).copy(bytes);
    return bytes;
  }
}
