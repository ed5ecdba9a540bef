/** Decides from a consume-queue unit alone whether a record may match; the client looks at the real tag again. */
export interface QueueFilter {
  /** @param tagsCode the low 32 bits of the unit's code, signed. */
  matches(tagsCode: number): boolean;
}

/** A tag subscription: matches where the hash of the record's tag is among the subscribed ones. */
export class TagFilter implements QueueFilter {
  readonly #codes: ReadonlySet<number>;
  readonly #only: number;

  /** @param codes Java hashes (int32) of the tags; at least one, a subscription to all needs no filter. */
  constructor(codes: Iterable<number>) {
    this.#codes = new Set(codes);
    this.#only = this.#codes.size === 1 ? ([...this.#codes][0] ?? Number.NaN) : Number.NaN;
  }

  matches(tagsCode: number): boolean {
    // hot path
    return tagsCode === this.#only || this.#codes.has(tagsCode);
  }
}
