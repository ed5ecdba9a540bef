import type { RequestView } from './request-view.ts';

interface Entry<V> {
  readonly name: Buffer;
  readonly value: V;
}

/**
 * Looks up values by a header field's bytes, without making a string: topic and group names on the hot path. A name
 * written with JSON escapes is not found (legal names need none): callers then look again by text.
 */
export class NameTable<V> {
  readonly #byHash = new Map<number, Entry<V>[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The value of the name in `slot`. */
  get(view: RequestView, slot: number): V | undefined {
    // hot path
    const entries = this.#byHash.get(view.hash(slot));
    if (entries === undefined) return undefined;
    for (let index = 0; index < entries.length; index++) {
      const entry = entries[index] as Entry<V>;
      if (view.equals(slot, entry.name)) return entry.value;
    }
    return undefined;
  }

  set(name: string, value: V): void {
    this.delete(name);
    const bytes = Buffer.from(name);
    const hash = hashOf(bytes);
    const entries = this.#byHash.get(hash) ?? [];
    entries.push({ name: bytes, value });
    this.#byHash.set(hash, entries);
    this.#size += 1;
  }

  delete(name: string): boolean {
    const bytes = Buffer.from(name);
    const hash = hashOf(bytes);
    const entries = this.#byHash.get(hash);
    const index = entries?.findIndex((entry) => entry.name.equals(bytes)) ?? -1;
    if (entries === undefined || index < 0) return false;
    entries.splice(index, 1);
    if (entries.length === 0) this.#byHash.delete(hash);
    this.#size -= 1;
    return true;
  }
}

/** The same number as `RequestView.hash` of the same bytes. */
const hashOf = (bytes: Buffer): number => {
  let hash = 0;
  for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0;
  return hash;
};
