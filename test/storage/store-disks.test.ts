import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  type Disk,
  silentLogger,
  systemClock,
  systemRandom,
  systemScheduler,
} from '../../src/base/index.ts';
import { encodeBatch } from '../../src/message/index.ts';
import {
  createFileDisk,
  createMappedDisk,
  MessageStore,
  PutStatus,
  STORE_DEFAULTS,
  type StoreOptions,
} from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';
import { fill, readAll } from './store-fixture.ts';
import { GOLDEN_SIZES, goldenFile, goldenNames, writeGolden } from './store-vectors.ts';

// The store on real files: what the simulated disk promises must hold there, too.
const test = suite('storage/store-disks');

const disks: Readonly<Record<string, () => Disk>> = {
  mapped: () => createMappedDisk({ scheduler: systemScheduler, logger: silentLogger }),
  file: () => createFileDisk({ scheduler: systemScheduler, windowBytes: 16 * 1024 }),
};

const open = (disk: Disk, root: string, options: Partial<StoreOptions> = {}): MessageStore =>
  MessageStore.open(
    { storePathRootDir: root, mappedFileSizeCommitLog: 64 * 1024, ...options },
    {
      disk,
      clock: systemClock,
      scheduler: systemScheduler,
      logger: silentLogger,
      random: systemRandom,
    },
  );

const done = (start: (callback: (error?: Error) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    start((error) => (error === undefined ? resolve() : reject(error)));
  });

const withRoot = async (body: (root: string) => Promise<void>): Promise<void> => {
  const root = mkdtempSync(join(tmpdir(), 'saturnmq-store-'));
  try {
    await body(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};

const bodies = (store: MessageStore, topic = 'T'): string[] =>
  readAll(store, store.queue(topic, 0)).map(({ body }) => body.toString());

const put = (store: MessageStore, body: string): void => {
  fill(store, { body, properties: { TAGS: 'TagA' } });
  assert.is(store.append(store.message), PutStatus.PUT_OK);
};

for (const [kind, makeDisk] of Object.entries(disks)) {
  for (const flushDiskType of ['ASYNC_FLUSH', 'SYNC_FLUSH'] as const) {
    test(`messages outlive an orderly close: ${kind}, ${flushDiskType}`, () =>
      withRoot(async (root) => {
        const expected: string[] = [];
        for (let round = 0; round < 3; round++) {
          const store = open(makeDisk(), root, { flushDiskType });
          for (let index = 0; index < 700; index++) {
            const body = `${round}:${index}:${'x'.repeat(index % 90)}`;
            put(store, body);
            expected.push(body);
            if (index % 64 === 63) store.endTurn();
          }
          store.endTurn();
          await done((callback) => store.flush(callback));
          assert.is(store.flushedPosition, store.appendedPosition);
          assert.equal(bodies(store), expected);
          await done((callback) => store.close(callback));
        }
      }));

    test(`a store left open is recovered: ${kind}, ${flushDiskType}`, () =>
      withRoot(async (root) => {
        const left = open(makeDisk(), root, { flushDiskType });
        const expected = Array.from({ length: 900 }, (_, index) => `message ${index}`);
        for (const body of expected) put(left, body);
        left.endTurn();
        const next = open(makeDisk(), root, { flushDiskType });
        await done((callback) => next.flush(callback));
        assert.equal(bodies(next), expected);
        put(next, 'more');
        next.endTurn();
        await done((callback) => next.close(callback));
        const last = open(makeDisk(), root);
        assert.equal(bodies(last), [...expected, 'more']);
        await done((callback) => last.close(callback));
        // Ends the timers of the first one; its files are no longer its own.
        await done((callback) => left.close(() => callback()));
      }));
  }

  test(`batches and large messages: ${kind}`, () =>
    withRoot(async (root) => {
      const store = open(makeDisk(), root, { mappedFileSizeCommitLog: 1024 * 1024 });
      const items = Array.from({ length: 50 }, (_, index) => ({
        flag: 0,
        body: Buffer.from(`item ${index}`),
        properties: { KEYS: `k${index}` },
      }));
      for (let round = 0; round < 40; round++) {
        fill(store, { body: encodeBatch(items), properties: { CLUSTER: 'c' } });
        assert.is(store.appendBatch(store.message), PutStatus.PUT_OK);
        put(store, 'y'.repeat(100_000));
        store.endTurn();
      }
      const found = bodies(store);
      assert.is(found.length, 40 * 51);
      assert.is(found.filter((body) => body.length === 100_000).length, 40);
      await done((callback) => store.close(callback));
    }));

  test(`the store RocketMQ wrote opens and stays as it is: ${kind}`, () =>
    withRoot(async (root) => {
      const disk = makeDisk();
      writeGolden(disk, root);
      const store = open(disk, root, GOLDEN_SIZES);
      assert.is(store.queue('Roll', 5).maxOffset, 14);
      assert.is(bodies(store, 'TopicTest').length, 3);
      await done((callback) => store.close(callback));
      for (const name of goldenNames.filter((name) => /^(commitlog|consumequeue)/.test(name)))
        assert.equal(disk.readFile(join(root, name)), goldenFile(name), name);
    }));

  test(`a fresh store with RocketMQ’s sizes takes little room: ${kind}`, () =>
    withRoot(async (root) => {
      const disk = makeDisk();
      const { mappedFileSizeCommitLog } = STORE_DEFAULTS;
      const store = open(disk, root, { mappedFileSizeCommitLog });
      put(store, 'a');
      store.endTurn();
      await done((callback) => store.flush(callback));
      const used = readdirSync(root, { recursive: true })
        .map((name) => statSync(join(root, String(name))).blocks * 512)
        .reduce((sum, bytes) => sum + bytes, 0);
      assert.ok(used < 100 * 1024 * 1024, `${used} bytes`);
      await done((callback) => store.close(callback));
    }));
}
