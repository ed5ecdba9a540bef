// Measures: what the disk under the commit log costs: putting a record of 1 KiB into a segment, making it durable, and
// getting blocks ahead of the writer.
// Threads: 1 (fdatasync runs on libuv's pool). Unit: nanoseconds a record, microseconds a call or step.
// Peers in the same run: each backend against the other; a step prepared ahead against one that was not.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHistogram } from 'node:perf_hooks';
import {
  assert,
  type Disk,
  type SegmentFile,
  silentLogger,
  systemScheduler,
} from '../../src/base/index.ts';
import { createFileDisk, createMappedDisk } from '../../src/storage/disks.ts';
import { percentiles, repeat, report, size, spread } from '../support/measure.ts';

const SEGMENT_BYTES = size(32, 256) * 1024 * 1024;
const RECORD_BYTES = 1024;
/** Records of one read event: what is written out together. */
const BATCH = 32;
const STEP_BYTES = 1024 * 1024;
const ROUNDS = size(2, 5);
const syncs = size(20, 500);

const root = mkdtempSync(join(tmpdir(), 'saturnmq-bench-'));
const options = { scheduler: systemScheduler, logger: silentLogger };
const disks: Record<string, Disk> = {
  mapped: createMappedDisk(options),
  file: createFileDisk(options),
};

const openNew = (disk: Disk): SegmentFile => {
  const path = join(root, 'segment');
  disk.remove(path);
  return disk.openSegment(path, { bytes: SEGMENT_BYTES, create: true, writable: true });
};

const settle = (start: (done: (error?: Error) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    start((error) => (error === undefined ? resolve() : reject(error)));
  });

const record = Buffer.alloc(RECORD_BYTES, 0xa5);

const append = (segment: SegmentFile, from: number, records: number): void => {
  let written = from;
  for (let index = 0; index < records; index++) {
    const position = from + index * RECORD_BYTES;
    if (position + RECORD_BYTES > segment.windowEnd) {
      segment.writeOut(written, position);
      written = position;
      segment.moveWindow(position, RECORD_BYTES);
    }
    record.copy(segment.window, position - segment.windowStart);
    if (index % BATCH === BATCH - 1) {
      segment.writeOut(written, position + RECORD_BYTES);
      written = position + RECORD_BYTES;
    }
  }
  segment.writeOut(written, from + records * RECORD_BYTES);
};

/** Fills a segment; `isPrepared` has its blocks and pages there before the clock starts. */
const appendCost = async (disk: Disk, isPrepared: boolean): Promise<number> => {
  const segment = openNew(disk);
  segment.moveWindow(0, 1);
  if (isPrepared) await settle((done) => segment.prepare(SEGMENT_BYTES, done));
  const records = SEGMENT_BYTES / RECORD_BYTES;
  const startMs = performance.now();
  append(segment, 0, records);
  const elapsedMs = performance.now() - startMs;
  assert(segment.read(SEGMENT_BYTES - RECORD_BYTES, RECORD_BYTES).equals(record), 'lost bytes');
  segment.close();
  return (elapsedMs * 1e6) / records;
};

const copyCost = (disk: Disk): number => {
  const segment = openNew(disk);
  append(segment, 0, 8192);
  segment.writeOut(0, 0);
  const target = Buffer.alloc(RECORD_BYTES);
  const copies = size(50_000, 2_000_000);
  const startMs = performance.now();
  for (let index = 0; index < copies; index++)
    segment.copyTo((index & 8191) * RECORD_BYTES, RECORD_BYTES, target, 0);
  const elapsedMs = performance.now() - startMs;
  assert(target.equals(record), 'wrong bytes');
  segment.close();
  return (elapsedMs * 1e6) / copies;
};

const syncCost = async (disk: Disk, isPrepared: boolean): Promise<object> => {
  const segment = openNew(disk);
  segment.moveWindow(0, 1);
  if (isPrepared) {
    await settle((done) => segment.prepare(SEGMENT_BYTES, done));
    await settle((done) => segment.sync(done));
  }
  const histogram = createHistogram();
  for (let index = 0; index < syncs; index++) {
    append(segment, index * BATCH * RECORD_BYTES, BATCH);
    const start = process.hrtime.bigint();
    await settle((done) => segment.sync(done));
    histogram.record(process.hrtime.bigint() - start);
  }
  segment.close();
  return percentiles(histogram);
};

/** Microseconds that `moveWindow` stalls the writer for each step nobody prepared. */
const stepCost = (disk: Disk): object => {
  const segment = openNew(disk);
  const samples: number[] = [];
  for (let position = 0; position < SEGMENT_BYTES; position += STEP_BYTES) {
    const startMs = performance.now();
    segment.moveWindow(position, RECORD_BYTES);
    samples.push((performance.now() - startMs) * 1000);
  }
  segment.close();
  return spread(samples);
};

for (const [name, disk] of Object.entries(disks)) {
  const appended = await repeat(ROUNDS, () => appendCost(disk, false));
  report(`storage/append-1k/${name}`, 'ns a record', appended);
  if (name === 'mapped') {
    const prepared = await repeat(ROUNDS, () => appendCost(disk, true));
    report(`storage/append-1k/${name}-prepared`, 'ns a record', prepared);
  }
  report(`storage/copy-1k/${name}`, 'ns a record', await repeat(ROUNDS, () => copyCost(disk)));
  report(`storage/fdatasync-32k/${name}`, 'µs', await syncCost(disk, false));
  if (name === 'mapped')
    report(`storage/fdatasync-32k/${name}-prepared`, 'µs', await syncCost(disk, true));
  report(`storage/step-1m/${name}`, 'µs a step', stepCost(disk));
}
rmSync(root, { recursive: true, force: true });
