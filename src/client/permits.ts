/** Lets a limited number of holders in at once; the others wait in order. */
export class Permits {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(limit: number) {
    this.#free = limit;
  }

  /** Permits nobody holds. */
  get free(): number {
    return this.#free;
  }

  /** Takes a permit where one is free; the caller gives it back. */
  tryTake(): boolean {
    // hot path
    if (this.#free === 0) return false;
    this.#free -= 1;
    return true;
  }

  /** Gives a permit back. */
  give(): void {
    // hot path
    // A permit that is handed on is never free in between.
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }

  /** Runs `work` as soon as a permit is free. */
  async run<T>(work: () => T | Promise<T>): Promise<T> {
    if (!this.tryTake()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      this.give();
    }
  }
}
