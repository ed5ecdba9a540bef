const CAPACITY_FIRST = 8;

/** A queue in a circular array that grows by doubling. It costs nothing until something is put in; limits are the owner's. */
export class Fifo<T> {
  #slots: (T | undefined)[] = [];
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = item;
    this.#length += 1;
  }

  /** Takes the oldest item; must not be called on an empty queue. */
  shift(): T {
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#length -= 1;
    return item as T;
  }

  /** Drops everything and returns how much that was. */
  clear(): number {
    const dropped = this.#length;
    this.#slots = [];
    this.#head = 0;
    this.#length = 0;
    return dropped;
  }

  #grow(): void {
    const larger = new Array<T | undefined>(Math.max(CAPACITY_FIRST, this.#slots.length * 2));
    for (let index = 0; index < this.#length; index++) {
      larger[index] = this.#slots[(this.#head + index) & (this.#slots.length - 1)];
    }
    this.#slots = larger;
    this.#head = 0;
  }
}
