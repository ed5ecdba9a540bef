import type { Disk, Logger } from '../../src/base/index.ts';
import { ManualClock, ManualScheduler, seededRandom, silentLogger } from '../../src/base/index.ts';
import {
  decodeRecords,
  encodeProperties,
  type MessageExt,
  tagsCode,
} from '../../src/message/index.ts';
import {
  type ConsumeQueue,
  GetResult,
  MemoryDisk,
  type MemoryDiskOptions,
  MessageStore,
  type PutStatus,
  type QueueFilter,
  type StoreOptions,
} from '../../src/storage/index.ts';

import { epochScheduler } from './epoch-scheduler.ts';

/** A message as tests give it. */
export interface TestMessage {
  readonly topic?: string;
  readonly queueId?: number;
  readonly body: string | Buffer;
  readonly properties?: Readonly<Record<string, string>>;
  readonly sysFlag?: number;
  readonly flag?: number;
  readonly bornTimestamp?: number;
  readonly bornHost?: Buffer;
  readonly bornPort?: number;
}

/** An output like a connection's. */
export class TestOutput {
  buffer: Buffer = Buffer.alloc(64);
  length = 0;

  reserve(bytes: number): number {
    while (this.buffer.length < this.length + bytes) {
      const grown = Buffer.alloc(this.buffer.length * 2);
      this.buffer.copy(grown);
      this.buffer = grown;
    }
    return this.length;
  }
}

export const STORE_HOST = Buffer.from([192, 168, 0, 1]);
export const BORN_HOST = Buffer.from([10, 1, 2, 3]);

/** Sizes of RocketMQ's own tests: rolls all the time. */
export const SMALL: Partial<StoreOptions> = {
  mappedFileSizeCommitLog: 2048,
  mappedFileSizeConsumeQueue: 200,
  queueTailUnitsMax: 32,
  memoryBytes: 1024 ** 3,
};

/** A store on a simulated disk, manual time, and short ways to use it. */
export class StoreFixture {
  readonly clock = new ManualClock(1_700_000_000_000);
  readonly scheduler: ManualScheduler;
  readonly disk: Disk;
  readonly logs: { level: string; facts: object; message: string }[] = [];
  options: StoreOptions;
  store: MessageStore;
  flushedTo = 0;
  failure: Error | undefined;
  #epoch = 0;

  constructor(options: Partial<StoreOptions> = {}, disk?: Partial<MemoryDiskOptions>) {
    this.scheduler = new ManualScheduler(this.clock);
    this.disk = new MemoryDisk({ clock: this.clock, scheduler: this.scheduler, ...disk });
    this.options = { storePathRootDir: '/store', ...SMALL, ...options };
    this.store = this.open();
  }

  get memory(): MemoryDisk {
    if (!(this.disk instanceof MemoryDisk)) throw new Error('not a simulated disk');
    return this.disk;
  }

  /** Opens (again); whatever was open before is left behind. */
  open(options: Partial<StoreOptions> = {}): MessageStore {
    this.#epoch += 1;
    const epoch = this.#epoch;
    this.store = MessageStore.open(
      { ...this.options, ...options },
      {
        disk: this.disk,
        clock: this.clock,
        scheduler: epochScheduler(this.scheduler, () => epoch === this.#epoch),
        logger: this.#logger(),
        random: seededRandom(1),
      },
    );
    this.flushedTo = this.store.flushedPosition;
    this.failure = undefined;
    this.store.onFlushed = (position) => {
      this.flushedTo = position;
    };
    this.store.onFailed = (error) => {
      this.failure = error;
    };
    return this.store;
  }

  close(): Error | undefined {
    let failure: Error | undefined;
    let isDone = false;
    this.store.close((error) => {
      failure = error;
      isDone = true;
    });
    this.scheduler.advance(10_000);
    if (!isDone) throw new Error('close did not end');
    return failure;
  }

  /** The process dies and the store is opened again. */
  kill(): MessageStore {
    this.memory.killProcess();
    return this.open();
  }

  put(message: TestMessage): PutStatus {
    fill(this.store, message);
    const status = this.store.append(this.store.message);
    this.store.endTurn();
    return status;
  }

  flush(): void {
    this.store.flush(() => undefined);
    this.scheduler.advance(1);
  }

  queue(topic = 'T', queueId = 0): ConsumeQueue {
    return this.store.queue(topic, queueId);
  }

  /** Reads a queue from `queueOffset` to its end. */
  readAll(topic = 'T', queueId = 0, queueOffset?: number, filter?: QueueFilter): MessageExt[] {
    return readAll(this.store, this.queue(topic, queueId), queueOffset, filter);
  }

  bodies(topic = 'T', queueId = 0): string[] {
    return this.readAll(topic, queueId).map((message) => message.body.toString());
  }

  #logger(): Logger {
    const add =
      (level: string) =>
      (facts: object, message: string): void => {
        this.logs.push({ level, facts, message });
      };
    return {
      ...silentLogger,
      info: add('info'),
      warn: add('warn'),
      error: add('error'),
      child: () => this.#logger(),
    };
  }
}

export function fill(store: MessageStore, given: TestMessage): void {
  const { message } = store;
  message.queue = store.queue(given.topic ?? 'T', given.queueId ?? 0);
  message.flag = given.flag ?? 0;
  message.sysFlag = given.sysFlag ?? 0;
  message.bornTimestamp = given.bornTimestamp ?? 1;
  message.bornHost = given.bornHost ?? BORN_HOST;
  message.bornPort = given.bornPort ?? 54321;
  message.storeHost = STORE_HOST;
  message.storePort = 10911;
  message.reconsumeTimes = 0;
  message.preparedTransactionOffset = 0;
  message.body = Buffer.from(given.body);
  message.bodyStart = 0;
  message.bodyBytes = message.body.length;
  message.properties = Buffer.from(encodeProperties(given.properties ?? {}));
  message.propertiesStart = 0;
  message.propertiesBytes = message.properties.length;
  message.tagsCode = tagsCode(given.properties?.['TAGS']);
}

/** Reads a queue from `queueOffset` (its first) to its end, in as many calls as it takes. */
export function readAll(
  store: MessageStore,
  queue: ConsumeQueue,
  queueOffset = queue.minOffset,
  filter?: QueueFilter,
): MessageExt[] {
  const found: MessageExt[] = [];
  const result = new GetResult();
  for (let next = queueOffset; next < queue.maxOffset; next = result.nextBeginOffset) {
    const output = new TestOutput();
    store.getMessages(queue, next, 32, filter, output, result);
    if (result.nextBeginOffset <= next) throw new Error(`reading stands still at ${next}`);
    found.push(...decodeRecords(output.buffer.subarray(0, output.length)));
  }
  return found;
}
