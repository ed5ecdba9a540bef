// Buckets of a log-linear histogram: 0 … 127 one each; above, 64 for each power of two, so a value is off by less than 1.6 %.

const SUB_BITS = 6;
const SUB_BUCKETS = 1 << SUB_BITS;
/** Values above count as this one: 71 minutes in microseconds. */
const VALUE_MAX = 0xffff_ffff;
const BUCKETS = (32 - SUB_BITS) * SUB_BUCKETS + SUB_BUCKETS;

const shiftOf = (index: number): number => Math.max(0, (index >>> SUB_BITS) - 1);
const lowOf = (index: number): number =>
  (index - shiftOf(index) * SUB_BUCKETS) * 2 ** shiftOf(index);

/** One bucket that is not empty: how many values lie in `[low, high]`. */
export interface Bucket {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** Counts whole numbers (here: microseconds) in memory that does not grow. */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  count = 0;
  max = 0;
  #sum = 0;

  record(value: number): void {
    // hot path
    const bounded = value < 0 ? 0 : value > VALUE_MAX ? VALUE_MAX : Math.floor(value);
    const shift = bounded < SUB_BUCKETS * 2 ? 0 : 31 - Math.clz32(bounded) - SUB_BITS;
    const index = shift * SUB_BUCKETS + (bounded >>> shift);
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.count += 1;
    this.#sum += bounded;
    if (bounded > this.max) this.max = bounded;
  }

  get mean(): number {
    return this.count === 0 ? 0 : this.#sum / this.count;
  }

  /** The value that `share` (0 … 1) of all values do not exceed; the upper end of its bucket. */
  percentile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (const { high, count } of this.buckets()) {
      seen += count;
      if (seen >= rank) return Math.min(high, this.max);
    }
    return 0;
  }

  /** The buckets that are not empty, from the lowest on. */
  *buckets(): Generator<Bucket> {
    for (const [index, count] of this.#counts.entries())
      if (count > 0)
        yield { low: lowOf(index), high: lowOf(index) + 2 ** shiftOf(index) - 1, count };
  }

  reset(): void {
    this.#counts.fill(0);
    this.count = 0;
    this.max = 0;
    this.#sum = 0;
  }
}
