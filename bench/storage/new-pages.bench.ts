// What a page costs that the log needs and the system's cache does not have yet: the helper's work ahead of the writer, in
// steps of 2 MiB through one file. One thread; CPU-microseconds a page of 4 KiB, user and system, of each stretch of a GiB in
// turn (of 16 MiB in a smoke run): with memory as the machine has it, where what was in use a moment ago comes first, and
// with none of it left unused. A virtual machine that has given its free memory back to its host pays for the host's work as
// well. Linux 5.14 or newer.
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPreparePart } from '../../src/storage/index.ts';
import { isFull, report, size } from '../support/measure.ts';
import { PageCache } from '../support/page-cache.ts';

const MIB = 1024 * 1024;
const PAGE_BYTES = 4096;
const STEP_BYTES = 2 * MIB;
const STRETCH_BYTES = size(16, 1024) * MIB;
const STRETCHES = 4;

const preparePart = createPreparePart();

/** The stretches of a new file, one after the other. */
const costs = (folder: string): Readonly<Record<string, number>> => {
  const path = join(folder, 'segment');
  writeFileSync(path, '');
  truncateSync(path, STRETCHES * STRETCH_BYTES);
  const { dev: device, ino: inode } = statSync(path);
  const costOf = (start: number): number => {
    const before = process.cpuUsage();
    for (let position = start; position < start + STRETCH_BYTES; position += STEP_BYTES)
      if (!preparePart({ path, device, inode, position, bytes: STEP_BYTES, isStored: false }))
        throw new Error('this system does not fill pages in ahead');
    const { user, system } = process.cpuUsage(before);
    return Math.round((100 * (user + system)) / (STRETCH_BYTES / PAGE_BYTES)) / 100;
  };
  const entries = Array.from({ length: STRETCHES }, (_, index): [string, number] => [
    `stretch ${index + 1}`,
    costOf(index * STRETCH_BYTES),
  ]);
  rmSync(path);
  return Object.fromEntries(entries);
};

const folder = mkdtempSync(join(tmpdir(), 'saturnmq-bench-'));
try {
  const asFound = costs(folder);
  if (isFull) new PageCache(folder).fill();
  report('a page of the log filled in ahead', 'CPU-µs', {
    'as found': asFound,
    'none unused': costs(folder),
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
