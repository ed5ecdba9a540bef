// A shard that maps segments, says so and dies as it is told.
import { parentPort, workerData } from 'node:worker_threads';
import { silentLogger, systemScheduler } from '../../../src/base/index.ts';
import { createMappedDisk } from '../../../src/storage/disk-mapped.ts';
import { MappingTable } from '../../../src/storage/mmap/mapping-table.ts';
import { put } from '../disk-fixture.ts';

/** What the worker maps, and how it ends. */
export interface MappingTask {
  readonly memory: SharedArrayBuffer;
  readonly shard: number;
  readonly paths: readonly string[];
  readonly bytes: number;
  readonly end: 'throw' | 'exit' | 'wait' | 'close';
}

const task = workerData as MappingTask;
const disk = createMappedDisk({
  scheduler: systemScheduler,
  logger: silentLogger,
  mappings: { table: new MappingTable(task.memory), shard: task.shard },
});
const segments = task.paths.map((path) => {
  const segment = disk.openSegment(path, { bytes: task.bytes, create: true, writable: true });
  put(segment, 0, Buffer.from(`shard ${task.shard}`));
  return segment;
});
parentPort?.on('message', () => {
  if (task.end === 'throw') throw new Error('the shard fails');
  if (task.end === 'exit') process.exit(1);
  if (task.end === 'close') {
    for (const segment of segments) segment.close();
    parentPort?.close();
  }
});
parentPort?.postMessage('mapped');
