import * as assert from 'uvu/assert';
import {
  type Disk,
  ManualClock,
  ManualScheduler,
  type Random,
  seededRandom,
  silentLogger,
} from '../../src/base/index.ts';
import { encodeBatch, type MessageExt } from '../../src/message/index.ts';
import {
  type MemoryDisk,
  MessageStore,
  PutStatus,
  type StoreOptions,
} from '../../src/storage/index.ts';
import { epochScheduler } from './epoch-scheduler.ts';
import { fill, readAll, SMALL } from './store-fixture.ts';

/** What a store was told and what it promised. */
export interface Expected {
  readonly topic: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly body: string;
  readonly tag: string;
  readonly endPosition: number;
}

/** A disk image at one moment, with the promises made until then. */
export interface CrashPoint {
  readonly name: string;
  readonly disk: MemoryDisk;
  readonly flushedTo: number;
  /** Ends of appended messages that had left the process. */
  readonly writtenTo: number;
  readonly appended: readonly Expected[];
  readonly nowMs: number;
}

export const MODEL_ROOT = '/store';
const TOPICS = ['A', 'B', 'Topic-C'];
const TAGS = ['', 'red', 'green'];

/** A model of one store under random work. */
export class StoreModel {
  readonly clock = new ManualClock();
  readonly scheduler = new ManualScheduler(this.clock);
  readonly expected: Expected[] = [];
  readonly options: StoreOptions;
  flushedTo = 0;
  writtenTo = 0;
  store: MessageStore;
  readonly #random: Random;
  readonly #disk: Disk;
  #serial = 0;
  #epoch = 0;

  constructor(
    seed: number,
    options: Partial<StoreOptions>,
    makeDisk: (model: StoreModel) => Disk,
    expected: readonly Expected[] = [],
    nowMs?: number,
  ) {
    this.#random = seededRandom(seed);
    this.options = { storePathRootDir: MODEL_ROOT, ...SMALL, ...options };
    if (nowMs !== undefined) this.clock.advance(Math.max(0, nowMs - this.clock.now()));
    this.expected.push(...expected);
    this.#serial = seed * 1_000_000;
    this.#disk = makeDisk(this);
    this.store = this.open();
  }

  open(options: Partial<StoreOptions> = {}): MessageStore {
    this.#epoch += 1;
    const epoch = this.#epoch;
    const env = {
      disk: this.#disk,
      clock: this.clock,
      scheduler: epochScheduler(this.scheduler, () => epoch === this.#epoch),
      logger: silentLogger,
      random: this.#random,
    };
    this.store = MessageStore.open({ ...this.options, ...options }, env);
    this.flushedTo = this.store.flushedPosition;
    this.writtenTo = this.store.appendedPosition;
    this.store.onFlushed = (position) => {
      this.flushedTo = position;
    };
    this.store.onFailed = (error) => {
      throw error;
    };
    return this.store;
  }

  /** One random step. */
  step(): string {
    const choice = this.#random.below(100);
    this.clock.advance(this.#random.below(3));
    if (choice < 55) return this.#put();
    if (choice < 65) return this.#batch();
    if (choice < 75) return this.#run('turn', () => this.endTurn());
    if (choice < 85)
      return this.#run('flush', () => {
        this.endTurn();
        this.store.flush(() => undefined);
        this.scheduler.runDeferred();
      });
    if (choice < 95) return this.#run('write queues', () => this.scheduler.advance(110));
    return this.#run('sync queues', () => this.scheduler.advance(1_100));
  }

  endTurn(): void {
    const { appendedPosition } = this.store;
    this.store.endTurn();
    this.writtenTo = appendedPosition;
  }

  #run(name: string, body: () => void): string {
    body();
    return name;
  }

  #body(): string {
    this.#serial += 1;
    return `${this.#serial}:${'x'.repeat(this.#random.below(this.#random.below(4) === 0 ? 1500 : 60))}`;
  }

  #put(): string {
    const topic = TOPICS[this.#random.below(TOPICS.length)] ?? 'A';
    const queueId = this.#random.below(2);
    const tag = TAGS[this.#random.below(TAGS.length)] ?? '';
    const body = this.#body();
    const { store } = this;
    // Half and rolled-back records are in the log but in no queue.
    const sysFlag = [0, 0, 0, 0, 4, 12][this.#random.below(6)] ?? 0;
    fill(store, { topic, queueId, body, sysFlag, properties: { KEYS: 'k', TAGS: tag } });
    assert.is(store.append(store.message), PutStatus.PUT_OK);
    const { queueOffset, endPosition } = store.message;
    if (sysFlag === 0) this.expected.push({ topic, queueId, queueOffset, body, tag, endPosition });
    if (this.#random.below(3) > 0) this.endTurn();
    return `put ${body.length}`;
  }

  #batch(): string {
    const topic = TOPICS[this.#random.below(TOPICS.length)] ?? 'A';
    const count = 1 + this.#random.below(4);
    const items = Array.from({ length: count }, () => {
      const tag = TAGS[this.#random.below(TAGS.length)] ?? '';
      return {
        flag: 0,
        tag,
        body: Buffer.from(this.#body().slice(0, 120)),
        properties: { TAGS: tag },
      };
    });
    const { store } = this;
    fill(store, { topic, queueId: 1, body: encodeBatch(items), properties: { CLUSTER: 'c' } });
    assert.is(store.appendBatch(store.message), PutStatus.PUT_OK);
    const { queueOffset, endPosition } = store.message;
    items.forEach(({ body, tag }, index) => {
      this.expected.push({
        topic,
        queueId: 1,
        queueOffset: queueOffset + index,
        body: body.toString(),
        tag,
        endPosition,
      });
    });
    this.endTurn();
    return `batch of ${count}`;
  }
}

const keyOf = (topic: string, queueId: number, queueOffset: number): string =>
  `${topic}/${queueId}/${queueOffset}`;

/** All messages of a store by queue and queue offset; each must be what its place says. */
export function visible(store: MessageStore): Map<string, MessageExt> {
  const found = new Map<string, MessageExt>();
  for (const queue of store.queues()) {
    let last = -1;
    for (const message of readAll(store, queue)) {
      assert.is(message.topic, queue.topic);
      assert.is(message.queueId, queue.queueId);
      assert.ok(message.queueOffset > last, 'queue offsets grow');
      last = message.queueOffset;
      found.set(keyOf(queue.topic, queue.queueId, message.queueOffset), message);
      const commitLogOffset = store.commitLogOffsetOf(queue, message.queueOffset);
      assert.is(commitLogOffset, message.commitLogOffset, 'unit n is the record with offset n');
    }
  }
  return found;
}

/**
 * Checks a recovered store against what was promised: everything up to `safeTo` is there, nothing is there that was not
 * appended. Returns what is there.
 */
export function checkRecovered(
  store: MessageStore,
  appended: readonly Expected[],
  safeTo: number,
): Map<string, MessageExt> {
  const found = visible(store);
  const byKey = new Map<string, Expected[]>();
  for (const one of appended) {
    const key = keyOf(one.topic, one.queueId, one.queueOffset);
    byKey.set(key, [...(byKey.get(key) ?? []), one]);
    if (one.endPosition > safeTo) continue;
    const message = found.get(key);
    assert.ok(message, `${key} ending at ${one.endPosition} was promised (safe to ${safeTo})`);
    assert.is(message?.body.toString(), one.body, key);
  }
  for (const [key, message] of found) {
    const [topic = '', queueId = ''] = key.split('/');
    const same = (byKey.get(key) ?? []).find(({ body }) => body === message.body.toString());
    assert.ok(same, `${key} holds what was never appended there: ${message.body.toString()}`);
    const queue = store.queue(topic, Number(queueId));
    assert.ok(store.commitLogOffsetOf(queue, message.queueOffset) >= 0);
    assert.is(message.properties.get('TAGS') ?? '', same?.tag);
  }
  return found;
}
