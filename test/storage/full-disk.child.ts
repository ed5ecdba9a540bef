// Fills a disk through each backend and prints what it met as one line of JSON. Ends with SIGBUS where a backend stores
// into a mapped page without blocks. usage: node full-disk.child.js mapped|file FOLDER
import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Disk,
  errorCode,
  errorMessage,
  type SegmentFile,
  silentLogger,
  systemScheduler,
} from '../../src/base/index.ts';
import { createFileDisk } from '../../src/storage/disk-file.ts';
import { createMappedDisk } from '../../src/storage/disk-mapped.ts';
import { put } from './disk-fixture.ts';

/** What the child met. */
export interface FullDiskReport {
  readonly fileCode: string;
  readonly fileMessage: string;
  readonly segmentCode: string;
  readonly segmentMessage: string;
  /** Records that were put before the disk was full, and after space was freed. */
  readonly recordsFirst: number;
  readonly recordsLater: number;
  /** Every record put reads back as it was put, and the hole behind them as zeros. */
  readonly isIntact: boolean;
  readonly prepareCode: string;
}

const SEGMENT_BYTES = 512 * 1024 * 1024;
const RECORD_BYTES = 3000;
/** The end of the segment, larger than any disk this runs on leaves room for. */
const HOLE_BYTES = 16 * 1024 * 1024;
const BALLAST_BYTES = 2 * 1024 * 1024;
const [kind = '', folder = ''] = process.argv.slice(2);
const settings = [{ folder, setting: 'storePathRootDir' }];
const base = { scheduler: systemScheduler, settings };
const disk: Disk =
  kind === 'mapped'
    ? createMappedDisk({ ...base, logger: silentLogger })
    : createFileDisk({ ...base, windowBytes: 1024 * 1024 });

const fillFile = (): unknown => {
  const file = disk.openFile(join(folder, 'queue'), { create: true, bytes: SEGMENT_BYTES });
  const bytes = Buffer.alloc(100_000, 1);
  try {
    for (let position = 0; position < SEGMENT_BYTES; position += bytes.length)
      file.write(position, bytes);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    file.close();
    disk.remove(file.path);
  }
};

const recordAt = (index: number): Buffer => Buffer.alloc(RECORD_BYTES, (index % 255) + 1);

const fillSegment = (segment: SegmentFile, from: number): { records: number; error: unknown } => {
  let index = from;
  try {
    for (; (index + 1) * RECORD_BYTES <= SEGMENT_BYTES; index++)
      put(segment, index * RECORD_BYTES, recordAt(index));
    return { records: index, error: undefined };
  } catch (error) {
    return { records: index, error };
  }
};

const isIntact = (segment: SegmentFile, records: number): boolean => {
  for (let index = 0; index < records; index++) {
    if (!segment.read(index * RECORD_BYTES, RECORD_BYTES).equals(recordAt(index))) return false;
  }
  // Holes far behind the writer: reading them must take no page.
  for (
    let position = SEGMENT_BYTES - HOLE_BYTES;
    position < SEGMENT_BYTES;
    position += 1024 * 1024
  ) {
    if (segment.read(position, 8).some((byte) => byte !== 0)) return false;
  }
  return true;
};

const fileError = fillFile();
const ballast = join(folder, 'ballast');
writeFileSync(ballast, Buffer.alloc(BALLAST_BYTES));
const segment = disk.openSegment(join(folder, 'segment'), {
  bytes: SEGMENT_BYTES,
  create: true,
  writable: true,
});
const first = fillSegment(segment, 0);
const isIntactFull = isIntact(segment, first.records);
segment.prepare(SEGMENT_BYTES, (prepareError) => {
  unlinkSync(ballast);
  const later = fillSegment(segment, first.records);
  const report: FullDiskReport = {
    fileCode: errorCode(fileError) ?? '',
    fileMessage: errorMessage(fileError),
    segmentCode: errorCode(first.error) ?? '',
    segmentMessage: errorMessage(first.error),
    recordsFirst: first.records,
    recordsLater: later.records,
    isIntact: isIntactFull && isIntact(segment, later.records),
    prepareCode: errorCode(prepareError) ?? '',
  };
  segment.close();
  process.stdout.write(`${JSON.stringify(report)}\n`);
});
