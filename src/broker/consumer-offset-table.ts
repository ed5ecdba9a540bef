import type { ConfigStore } from './config-store.ts';

/** Offsets of one group on one topic: queueId → next offset to consume. */
export type QueueOffsets = Map<number, number>;

/** The saved form: `topic@group` → queueId → offset. */
export interface ConsumerOffsets {
  readonly offsetTable: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

const SEPARATOR = '@';

/**
 * The durable state behind the consumer-group actors: each group's offsets have one writer, its actor, which gets them
 * here when it starts. Saved as a whole, when something changed.
 * @source rocketmq 4.9.2 broker/offset/ConsumerOffsetManager.java
 */
export class ConsumerOffsetTable {
  readonly #groups = new Map<string, Map<string, QueueOffsets>>();
  readonly #store: ConfigStore<ConsumerOffsets>;
  #isChanged = false;

  constructor(store: ConfigStore<ConsumerOffsets>) {
    this.#store = store;
    for (const [key, offsets] of store.load()?.offsetTable ?? []) {
      const at = key.indexOf(SEPARATOR);
      if (at <= 0) continue;
      this.group(key.slice(at + 1)).set(key.slice(0, at), new Map(offsets));
    }
  }

  /** The offsets of a group by topic; the map is live, and its group actor is its only writer. */
  group(consumerGroup: string): Map<string, QueueOffsets> {
    let topics = this.#groups.get(consumerGroup);
    if (topics === undefined) {
      topics = new Map();
      this.#groups.set(consumerGroup, topics);
    }
    return topics;
  }

  /** Groups with a committed offset on `topic`. */
  groupsOf(topic: string): string[] {
    return [...this.#groups].filter(([, topics]) => topics.has(topic)).map(([group]) => group);
  }

  /** Says that some offset moved, so the next `save` writes. */
  touch(): void {
    this.#isChanged = true;
  }

  delete(consumerGroup: string): void {
    if (this.#groups.delete(consumerGroup)) this.#isChanged = true;
  }

  /**
   * Limits what was loaded to what the queues hold: an offset beyond a queue's end would skip messages that are yet to
   * come (the log may have lost its unsynced tail, the offsets file not).
   */
  clamp(maxOffset: (topic: string, queueId: number) => number): void {
    for (const topics of this.#groups.values()) {
      for (const [topic, offsets] of topics) {
        for (const [queueId, queueOffset] of offsets) {
          const max = maxOffset(topic, queueId);
          if (queueOffset <= max) continue;
          offsets.set(queueId, max);
          this.#isChanged = true;
        }
      }
    }
  }

  snapshot(): ConsumerOffsets {
    const offsetTable = new Map<string, ReadonlyMap<number, number>>();
    for (const [group, topics] of this.#groups) {
      for (const [topic, offsets] of topics) offsetTable.set(topic + SEPARATOR + group, offsets);
    }
    return { offsetTable };
  }

  /** Writes the table where it changed since the last call. */
  save(): void {
    if (!this.#isChanged) return;
    this.#store.save(this.snapshot());
    this.#isChanged = false;
  }
}
