// What one message costs in the store, all in: one thread, bodies of 128 bytes, four queues, ASYNC_FLUSH, no network.
// append: nanoseconds a message, encoded into the segment, with checksum, queue unit, batched queue writes and one
// end of turn per 64 messages; batch: the same in batches of 32, two a turn. getMessages: nanoseconds a message, 32 a
// call, copied to an output; from memory (the queue's tail) and from the queue's file. The unit is processor time of the
// whole process, user and system, helper threads included, so that other work on the machine does not count. Smoke and
// full differ in the number of messages.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Disk,
  silentLogger,
  systemClock,
  systemRandom,
  systemScheduler,
} from '../../src/base/index.ts';
import { decodeRecords, encodeBatch } from '../../src/message/index.ts';
import {
  createFileDisk,
  createMappedDisk,
  GetResult,
  MessageStore,
  PutStatus,
} from '../../src/storage/index.ts';
import { report, size, spread } from '../support/measure.ts';

const MESSAGES = size(20_000, 1_000_000);
const ROUNDS = size(2, 5);
const TURN = 64;
const QUEUES = 4;
const PULL = 32;
const BATCH = 32;

const openStore = (disk: Disk, root: string): MessageStore =>
  MessageStore.open(
    { storePathRootDir: root },
    {
      disk,
      clock: systemClock,
      scheduler: systemScheduler,
      logger: silentLogger,
      random: systemRandom,
    },
  );

const fill = (store: MessageStore): void => {
  const { message } = store;
  message.bornTimestamp = 1_700_000_000_000;
  message.bornHost = Buffer.from([10, 1, 2, 3]);
  message.bornPort = 1234;
  message.storeHost = Buffer.from([10, 1, 2, 4]);
  message.storePort = 10911;
  message.body = Buffer.alloc(128, 'b');
  message.bodyBytes = 128;
  message.properties = Buffer.from(
    'UNIQ_KEY\u00010A0102030001000000000000000000AA\u0002WAIT\u0001true\u0002TAGS\u0001TagA',
  );
  message.propertiesBytes = message.properties.length;
  message.tagsCode = 2598919;
};

/** Processor time of this process in nanoseconds. */
const cpuNs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
};

/** Lets timers and completions run, as a loop with sockets does. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Calls `put`, which stores `messages`, until all are stored. */
const append = async (
  store: MessageStore,
  messages: number,
  put: () => PutStatus,
): Promise<number> => {
  fill(store);
  const { message } = store;
  const queues = Array.from({ length: QUEUES }, (_, index) => store.queue('Topic', index));
  const start = cpuNs();
  for (let count = 0; count < MESSAGES; count += TURN) {
    for (let index = 0; index < TURN; index += messages) {
      message.queue = queues[(index / messages) % QUEUES];
      if (put() !== PutStatus.PUT_OK) throw new Error('an append was refused');
    }
    store.endTurn();
    if (count % (TURN * 16) === 0) await nextTurn();
  }
  return (cpuNs() - start) / MESSAGES;
};

const appendBatches = (store: MessageStore): Promise<number> => {
  const item = { flag: 0, body: Buffer.alloc(128, 'b'), properties: { WAIT: 'true' } };
  const body = encodeBatch(Array.from({ length: BATCH }, () => item));
  return append(store, BATCH, () => {
    const { message } = store;
    message.body = body;
    message.bodyBytes = body.length;
    message.propertiesBytes = 0;
    return store.appendBatch(message);
  });
};

const pull = (store: MessageStore, fromTail: boolean): number => {
  const output = {
    buffer: Buffer.alloc(1024 * 1024),
    length: 0,
    reserve(): number {
      return output.length;
    },
  };
  const result = new GetResult();
  const queue = store.queue('Topic', 0);
  let messages = 0;
  const start = cpuNs();
  while (messages < MESSAGES) {
    const first = fromTail ? queue.maxOffset - PULL : queue.minOffset;
    const last = fromTail ? queue.maxOffset : queue.maxOffset - PULL;
    for (let at = first; at + PULL <= last && messages < MESSAGES; at = result.nextBeginOffset) {
      output.length = 0;
      store.getMessages(queue, at, PULL, undefined, output, result);
      messages += result.messageCount;
    }
  }
  const ns = (cpuNs() - start) / messages;
  if (decodeRecords(output.buffer.subarray(0, output.length)).length !== PULL)
    throw new Error('a pull gave other messages than were asked for');
  return ns;
};

const close = (store: MessageStore): Promise<void> =>
  new Promise((resolve, reject) => {
    store.close((error) => (error === undefined ? resolve() : reject(error)));
  });

const measure = async (kind: 'mapped' | 'file', disk: Disk): Promise<void> => {
  const root = mkdtempSync(join(tmpdir(), 'saturnmq-bench-'));
  try {
    const store = openStore(disk, root);
    const appends: number[] = [];
    const batches: number[] = [];
    const tails: number[] = [];
    const files: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      appends.push(await append(store, 1, () => store.append(store.message)));
      batches.push(await appendBatches(store));
      tails.push(pull(store, true));
      files.push(pull(store, false));
    }
    if (store.queue('Topic', 0).maxOffset < (ROUNDS * MESSAGES) / QUEUES)
      throw new Error('messages are missing');
    report(`storage/append/${kind}`, 'CPU-ns/message', spread(appends));
    report(`storage/append/${kind}/batch`, 'CPU-ns/message', spread(batches));
    report(`storage/getMessages/${kind}/queue in memory`, 'CPU-ns/message', spread(tails));
    report(`storage/getMessages/${kind}/queue in file`, 'CPU-ns/message', spread(files));
    await close(store);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};

await measure('mapped', createMappedDisk({ scheduler: systemScheduler, logger: silentLogger }));
await measure('file', createFileDisk({ scheduler: systemScheduler }));
