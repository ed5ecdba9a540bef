// How long one pull of messages that left main memory keeps the thread: one thread, one queue read from its beginning,
// 32 messages of 4 KiB a pull, the segments dropped from the page cache before. blocking: the pull reads what it finds.
// fetched: as the broker does it, a pull that is cold waits for a fetch. The unit is microseconds of one call (p50, p99,
// p99.9, max), with the page faults that took the disk and the MiB/s of the whole. Smoke and full differ in the size of the log. Without `dd` nothing is dropped.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHistogram } from 'node:perf_hooks';
import {
  type Disk,
  silentLogger,
  systemClock,
  systemRandom,
  systemScheduler,
} from '../../src/base/index.ts';
import {
  createFileDisk,
  createMappedDisk,
  GetResult,
  MessageStore,
  PutStatus,
} from '../../src/storage/index.ts';
import { percentiles, report, size } from '../support/measure.ts';

const MIB = 1024 * 1024;
const BODY_BYTES = 4096;
const MESSAGES = size(4_000, 128_000);
/** The last three are read when the store is opened: most of the log must lie before them. */
const SEGMENT_BYTES = size(1, 16) * MIB;
const PULL = 32;

const openStore = (disk: Disk, root: string): MessageStore =>
  MessageStore.open(
    { storePathRootDir: root, mappedFileSizeCommitLog: SEGMENT_BYTES },
    {
      disk,
      clock: systemClock,
      scheduler: systemScheduler,
      logger: silentLogger,
      random: systemRandom,
    },
  );

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const close = (store: MessageStore): Promise<void> =>
  new Promise((resolve, reject) => {
    store.close((error) => (error === undefined ? resolve() : reject(error)));
  });

const fill = async (store: MessageStore): Promise<void> => {
  const { message } = store;
  message.queue = store.queue('Topic', 0);
  message.bornHost = Buffer.from([10, 1, 2, 3]);
  message.storeHost = Buffer.from([10, 1, 2, 4]);
  message.body = Buffer.alloc(BODY_BYTES, 'b');
  message.bodyBytes = BODY_BYTES;
  for (let count = 0; count < MESSAGES; count++) {
    if (store.append(message) !== PutStatus.PUT_OK) throw new Error('an append was refused');
    if (count % 64 !== 0) continue;
    store.endTurn();
    await nextTurn();
  }
};

/** Asks the system to give up what it keeps of the segments; false where that cannot be asked. */
const dropCache = (root: string): boolean =>
  readdirSync(join(root, 'commitlog')).every((name) => {
    const target = `of=${join(root, 'commitlog', name)}`;
    const args = [target, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none'];
    return spawnSync('dd', args).status === 0;
  });

const readAll = async (store: MessageStore, canWait: boolean): Promise<object> => {
  const output = {
    buffer: Buffer.alloc(4 * MIB),
    length: 0,
    reserve: (): number => output.length,
  };
  const result = new GetResult();
  result.canWait = canWait;
  const queue = store.queue('Topic', 0);
  const calls = createHistogram();
  let messages = 0;
  let waits = 0;
  const startMs = performance.now();
  const faults = process.resourceUsage().majorPageFault;
  for (let at = 0; at < queue.maxOffset; ) {
    output.length = 0;
    const callMs = performance.now();
    store.getMessages(queue, at, PULL, undefined, output, result);
    calls.record(Math.max(1, Math.round((performance.now() - callMs) * 1e6)));
    if (result.isCold) {
      waits += 1;
      await new Promise<void>((resolve) =>
        store.cold.fetch(result.coldPosition, result.coldBytes, resolve),
      );
      continue;
    }
    messages += result.messageCount;
    at = result.nextBeginOffset;
    await nextTurn();
  }
  if (messages !== MESSAGES) throw new Error(`${messages} of ${MESSAGES} messages were read`);
  const seconds = (performance.now() - startMs) / 1000;
  return {
    ...percentiles(calls),
    majorFaults: process.resourceUsage().majorPageFault - faults,
    mibPerSecond: Math.round((messages * BODY_BYTES) / MIB / seconds),
    waits,
  };
};

const measure = async (kind: 'mapped' | 'file', disk: Disk): Promise<void> => {
  const root = mkdtempSync(join(tmpdir(), 'saturnmq-bench-'));
  try {
    const first = openStore(disk, root);
    await fill(first);
    await close(first);
    for (const canWait of [false, true]) {
      const isDropped = dropCache(root);
      const store = openStore(disk, root);
      const name = `storage/cold/${kind}/${canWait ? 'fetched' : 'blocking'}`;
      report(name, 'µs/call', { ...(await readAll(store, canWait)), isDropped });
      await close(store);
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};

await measure('mapped', createMappedDisk({ scheduler: systemScheduler, logger: silentLogger }));
await measure('file', createFileDisk({ scheduler: systemScheduler }));
