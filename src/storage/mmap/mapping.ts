import { assert } from '../../base/index.ts';
import type { Libc, PopulateOutcome } from './libc.ts';
import type { MappingTable } from './mapping-table.ts';

/** Where a shard's mappings are written down, so that the root can unmap them after the shard's death. */
export interface MappingOwner {
  readonly table: MappingTable;
  readonly shard: number;
}

/** What is mapped. */
export interface MappingRequest {
  readonly path: string;
  readonly descriptor: number;
  readonly bytes: number;
  /** Default true. */
  readonly writable?: boolean;
  /** Where the piece begins, a multiple of the page size (default 0). */
  readonly position?: number;
}

const NOTHING = Buffer.alloc(0);

/**
 * A file, or a piece of one, mapped into memory, with its leases.
 *
 * M1: memory is unmapped only when the owner has closed the mapping and every lease is back, and then `buffer` is
 *     empty: what still holds the mapping object cannot reach the memory.
 *
 * The buffer is made on first use: the engine counts its bytes as memory to collect, so helpers that only fill pages in
 * go without.
 */
export class Mapping {
  #buffer: Buffer | undefined;
  readonly #libc: Libc;
  readonly #path: string;
  readonly #address: number;
  readonly #bytes: number;
  readonly #owner: MappingOwner | undefined;
  readonly #row: number;
  #leases = 0;
  #isClosed = false;

  /** @throws errors of the system (`ENOMEM`, `ENODEV`, …), or a plain error when the table has no row left. */
  constructor(libc: Libc, owner: MappingOwner | undefined, request: MappingRequest) {
    const { path, descriptor, bytes, writable = true, position = 0 } = request;
    this.#libc = libc;
    this.#path = path;
    this.#bytes = bytes;
    this.#owner = owner;
    this.#row = owner === undefined ? -1 : owner.table.claim(owner.shard); // T1
    if (owner !== undefined && this.#row === -1)
      throw new Error(`all ${owner.table.capacity} rows of the table of mappings are in use`);
    try {
      this.#address = libc.map(descriptor, position, bytes, writable);
    } catch (error) {
      owner?.table.free(this.#row);
      throw error;
    }
    owner?.table.publish(this.#row, { address: this.#address, bytes }); // T2
  }

  /** The mapped bytes; empty once closed. */
  get buffer(): Buffer {
    this.#buffer ??= this.#isClosed ? NOTHING : this.#libc.view(this.#address, this.#bytes);
    return this.#buffer;
  }

  retain(): void {
    assert(!this.#isClosed, `${this.#path} is closed`);
    this.#leases += 1;
  }

  release(): void {
    assert(this.#leases > 0, `${this.#path} is released more often than retained`);
    this.#leases -= 1;
    if (this.#isClosed && this.#leases === 0) this.#unmap();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#buffer = NOTHING;
    if (this.#leases === 0) this.#unmap();
  }

  /** Fills the pages of `[position, position + bytes)` in; see `Libc.populate`. Both are multiples of the page size, or the end. */
  populate(position: number, bytes: number): PopulateOutcome {
    assert(!this.#isClosed, `${this.#path} is closed`);
    return this.#libc.populate(this.#address + position, bytes);
  }

  /**
   * Unmaps the pages of `[position, position + bytes)` until they are touched again; see `Libc.letGo`. Both are multiples
   * of the page size.
   */
  letGo(position: number, bytes: number): void {
    assert(!this.#isClosed, `${this.#path} is closed`);
    this.#libc.letGo(this.#address + position, bytes);
  }

  /** Whether the pages that hold `[position, position + bytes)` are in main memory. */
  isResident(position: number, bytes: number): boolean {
    assert(!this.#isClosed, `${this.#path} is closed`);
    const rest = position % this.#libc.pageBytes;
    return bytes === 0 || this.#libc.isResident(this.#address + position - rest, bytes + rest);
  }

  #unmap(): void {
    this.#owner?.table.free(this.#row); // T3
    this.#libc.unmap(this.#address, this.#bytes); // M1
  }
}
