import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import { silentLogger, systemScheduler } from '../../../src/base/index.ts';
import { createMappedDisk } from '../../../src/storage/disk-mapped.ts';
import {
  closeDescriptor,
  duplicateDescriptor,
  unmapAll,
} from '../../../src/storage/mmap/descriptors.ts';
import { MappingTable } from '../../../src/storage/mmap/mapping-table.ts';
import { suite } from '../../support/suite.ts';
import { codeOf, put } from '../disk-fixture.ts';
import { withFolder } from '../real-fixture.ts';
import type { MappingTask } from './mapping.worker.ts';

const test = suite('descriptors');
const SEGMENT_BYTES = 16 * 1024 * 1024;

/** Names of the folder's files that this process has mapped. */
const mappedIn = (folder: string): string[] =>
  readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => line.includes(folder))
    .map((line) => line.slice(line.lastIndexOf('/') + 1))
    .sort();

const openIn = (folder: string): string[] =>
  readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${name}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return []; // The descriptor that listed the folder.
    }
  });

const startShard = async (task: MappingTask): Promise<Worker> => {
  const worker = new Worker(new URL('./mapping.worker.js', import.meta.url), { workerData: task });
  await once(worker, 'message');
  return worker;
};

/** Unlike `once`, not ended by the error that comes before. */
const exitOf = (worker: Worker): Promise<void> =>
  new Promise((resolve) => void worker.once('exit', () => resolve()));

for (const end of ['throw', 'exit', 'wait'] as const)
  test(`what a dead shard had mapped is unmapped after its exit, not what others have (${end})`, () =>
    withFolder(async (folder) => {
      const table = MappingTable.create(8);
      const disk = createMappedDisk({
        scheduler: systemScheduler,
        logger: silentLogger,
        mappings: { table, shard: 0 },
      });
      const own = disk.openSegment(join(folder, 'own'), {
        bytes: SEGMENT_BYTES,
        create: true,
        writable: true,
      });
      put(own, 0, Buffer.from('own'));
      const paths = ['a', 'b', 'c'].map((name) => join(folder, name));
      const worker = await startShard({
        memory: table.memory,
        shard: 1,
        paths,
        bytes: SEGMENT_BYTES,
        end,
      });
      worker.on('error', () => undefined);
      assert.equal(mappedIn(folder), ['a', 'b', 'c', 'own']);
      const exit = exitOf(worker);
      if (end === 'wait') void worker.terminate();
      else worker.postMessage('die');
      await exit;
      assert.equal(mappedIn(folder), ['a', 'b', 'c', 'own'], 'death alone unmaps nothing');
      assert.is(unmapAll(table, 1), 3);
      assert.equal(mappedIn(folder), ['own']);
      assert.equal(openIn(folder), [join(folder, 'own')]);
      assert.is(unmapAll(table, 1), 0);
      assert.is(table.size, 1);
      assert.is(own.read(0, 3).toString(), 'own');
      assert.ok(readFileSync(join(folder, 'a')).toString('latin1', 0, 7) === 'shard 1');
      own.close();
      assert.equal(mappedIn(folder), []);
    }));

test('a shard that closes its segments leaves nothing behind', () =>
  withFolder(async (folder) => {
    const table = MappingTable.create(8);
    const worker = await startShard({
      memory: table.memory,
      shard: 3,
      paths: [join(folder, 'a'), join(folder, 'b')],
      bytes: SEGMENT_BYTES,
      end: 'close',
    });
    assert.is(table.size, 2);
    const exit = exitOf(worker);
    worker.postMessage('close');
    await exit;
    assert.equal(mappedIn(folder), []);
    assert.is(table.size, 0);
    assert.is(unmapAll(table, 3), 0);
  }));

test('a duplicate is another descriptor of the same file', () => {
  const first = openSync(process.execPath, 'r');
  const copy = duplicateDescriptor(first);
  assert.ok(copy !== undefined && copy !== first);
  assert.is(fstatSync(copy).ino, fstatSync(first).ino);
  closeSync(first);
  assert.ok(fstatSync(copy).size > 0);
  closeDescriptor(copy);
  assert.is(
    codeOf(() => fstatSync(copy)),
    'EBADF',
  );
  assert.is(
    codeOf(() => duplicateDescriptor(copy)),
    'EBADF',
  );
});
