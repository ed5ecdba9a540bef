import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { PageCache } from '../../bench/support/page-cache.ts';
import { suite } from '../support/suite.ts';

const test = suite('page cache of a bench');

const MIB = 2 ** 20;
/** With less free memory the kernel may take as much back meanwhile. */
const FREE_MIB_MIN = 1024;

const memoryMib = (name: string): number =>
  Number(readFileSync('/proc/meminfo', 'latin1').match(`(?:^|\n)${name}: *(\\d+)`)?.[1]) / 1024;

test('memory is filled with pages of a file that nobody sees, and given back', () => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-page-cache-test-'));
  try {
    const hasFree = memoryMib('MemFree') > FREE_MIB_MIN;
    const before = memoryMib('Cached');
    const cache = new PageCache(folder);
    assert.equal(readdirSync(folder), []);
    assert.is(cache.fill(256 * MIB), 256 * MIB);
    const filled = memoryMib('Cached');
    cache.close();
    const after = memoryMib('Cached');
    if (!hasFree) return;
    assert.ok(filled > before + 200, `${before} MiB, then ${filled}`);
    assert.ok(after < filled - 200, `${filled} MiB, then ${after}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
