import { assert } from '../../base/index.ts';

// All mappings of a process, in memory shared by its threads, so that the root can unmap what a dead shard left.
//
//   row, 24 bytes: [owner int32][0 int32][address int64][bytes int64]      owner = shard + 1, 0 = free
//
// T1  A row is claimed before its file is mapped; only the owner's thread writes a claimed row.
// T2  The address is stored after mapping and before the first use.
// T3  The address is cleared before unmapping, so no range is unmapped twice: a thread that dies between these steps
//     leaks address space, it does not hand out a range that may belong to someone else by then.
// T4  Another thread touches a claimed row only after its owner's thread has exited.

const ROW_BYTES = 24;
const OWNER_STEP = ROW_BYTES / 4;
const ADDRESS_STEP = ROW_BYTES / 8;

/** Rows of a table made without a wish: a few segments and some hundred queue files per shard. */
export const MAPPINGS_MAX = 4096;

/** One mapping left behind. */
export interface MappingRow {
  readonly address: number;
  readonly bytes: number;
}

/** View of the shared table; each thread makes its own over the same memory. */
export class MappingTable {
  readonly memory: SharedArrayBuffer;
  readonly capacity: number;
  readonly #owners: Int32Array;
  readonly #words: BigInt64Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.capacity = Math.floor(memory.byteLength / ROW_BYTES);
    this.#owners = new Int32Array(memory);
    this.#words = new BigInt64Array(memory);
  }

  /** Memory for `capacity` mappings. */
  static create(capacity = MAPPINGS_MAX): MappingTable {
    return new MappingTable(new SharedArrayBuffer(capacity * ROW_BYTES));
  }

  /** Rows in use. @thread any */
  get size(): number {
    let size = 0;
    for (let row = 0; row < this.capacity; row++) {
      if (Atomics.load(this.#owners, row * OWNER_STEP) !== 0) size += 1;
    }
    return size;
  }

  /** Takes a row for a mapping about to be made, or −1 when none is free. @thread any */
  claim(shard: number): number {
    assert(Number.isInteger(shard) && shard >= 0, `a shard is numbered from 0: ${shard}`);
    for (let row = 0; row < this.capacity; row++) {
      if (Atomics.compareExchange(this.#owners, row * OWNER_STEP, 0, shard + 1) === 0) return row; // T1
    }
    return -1;
  }

  /** Stores what was mapped. @thread owner */
  publish(row: number, mapping: MappingRow): void {
    Atomics.store(this.#words, row * ADDRESS_STEP + 2, BigInt(mapping.bytes));
    Atomics.store(this.#words, row * ADDRESS_STEP + 1, BigInt(mapping.address)); // T2
  }

  /** Gives a row back; call it before unmapping. @thread owner */
  free(row: number): void {
    Atomics.store(this.#words, row * ADDRESS_STEP + 1, 0n); // T3
    Atomics.store(this.#owners, row * OWNER_STEP, 0);
  }

  /** Empties the rows of a shard whose thread has exited (T4) and returns what it had mapped. @thread root */
  takeAll(shard: number): MappingRow[] {
    const rows: MappingRow[] = [];
    for (let row = 0; row < this.capacity; row++) {
      if (Atomics.load(this.#owners, row * OWNER_STEP) !== shard + 1) continue;
      const address = Number(Atomics.load(this.#words, row * ADDRESS_STEP + 1));
      const bytes = Number(Atomics.load(this.#words, row * ADDRESS_STEP + 2));
      this.free(row);
      if (address !== 0) rows.push({ address, bytes });
    }
    return rows;
  }
}
