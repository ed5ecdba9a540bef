import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as assert from 'uvu/assert';
import { PageCache } from '../../bench/support/page-cache.ts';
import { suite } from '../support/suite.ts';

const test = suite('page cache of a bench');

const cachedMib = (): number =>
  Number(readFileSync('/proc/meminfo', 'latin1').match(/^Cached: *(\d+)/m)?.[1]) / 1024;

test('memory is filled with pages of a file that nobody sees, and given back', () => {
  const mib = 2 ** 20;
  const before = cachedMib();
  const cache = new PageCache(tmpdir());
  try {
    assert.is(cache.fill(256 * mib), 256 * mib);
    assert.ok(cachedMib() > before + 200, `${before} MiB, then ${cachedMib()}`);
  } finally {
    cache.close();
  }
  assert.ok(cachedMib() < before + 100, `${before} MiB, then ${cachedMib()}`);
});
