// What a page costs that the log needs and the system's cache does not have yet: the helper's work ahead of the writer, in
// steps of 2 MiB through one file. One thread; CPU-microseconds a page of 4 KiB, user and system, of each stretch of a GiB in
// turn (of 16 MiB in a smoke run). Memory that was in use a moment ago comes first. A virtual machine that has given its
// free memory back to its host pays for the host's work as well, as soon as that is used up. Linux 5.14 or newer.
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPreparePart } from '../../src/storage/index.ts';
import { report, size } from '../support/measure.ts';

const MIB = 1024 * 1024;
const PAGE_BYTES = 4096;
const STEP_BYTES = 2 * MIB;
const STRETCH_BYTES = size(16, 1024) * MIB;
const STRETCHES = 4;

const folder = mkdtempSync(join(tmpdir(), 'saturnmq-bench-'));
try {
  const path = join(folder, 'segment');
  writeFileSync(path, '');
  truncateSync(path, STRETCHES * STRETCH_BYTES);
  const { dev: device, ino: inode } = statSync(path);
  const preparePart = createPreparePart();
  const costOf = (start: number): number => {
    const before = process.cpuUsage();
    for (let position = start; position < start + STRETCH_BYTES; position += STEP_BYTES)
      if (!preparePart({ path, device, inode, position, bytes: STEP_BYTES, isStored: false }))
        throw new Error('this system does not fill pages in ahead');
    const { user, system } = process.cpuUsage(before);
    return (user + system) / (STRETCH_BYTES / PAGE_BYTES);
  };
  const costs = Array.from({ length: STRETCHES }, (_, index): [string, number] => [
    `stretch ${index + 1}`,
    Math.round(100 * costOf(index * STRETCH_BYTES)) / 100,
  ]);
  report('a page of the log filled in ahead', 'CPU-µs', Object.fromEntries(costs));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
