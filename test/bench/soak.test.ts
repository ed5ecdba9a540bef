import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import type { LoadCounts } from '../../bench/soak/load.ts';
import { judge } from '../../bench/soak/verdict.ts';
import { type Moment, slopePerMinute } from '../../bench/soak/watch.ts';
import { suite } from '../support/suite.ts';

const test = suite('soak');
const MINUTE_MS = 60_000;

const momentAt = (minute: number, over: Partial<Moment> = {}): Moment => ({
  atMs: minute * MINUTE_MS,
  anonymousMb: 100,
  mappings: 200,
  threads: 20,
  descriptors: 40,
  storeFiles: 10,
  ...over,
});

const COUNTS: LoadCounts = {
  issued: 100,
  acknowledged: 100,
  failed: 0,
  skipped: 0,
  stored: 100,
  consumed: 100,
  deliveredTwice: 0,
  firstError: undefined,
};
const DELAYS = { p50Ms: 0, p99Ms: 1, p999Ms: 2, maxMs: 3 };

const bad = (moments: readonly Moment[], counts = COUNTS, p99Ms = 2): string[] =>
  judge({
    moments,
    idle: DELAYS,
    loaded: { ...DELAYS, p99Ms },
    gcPercent: 1,
    loads: { embedded: counts },
  })
    .filter(({ holds }) => holds === false)
    .map(({ name }) => name);

const tenMinutes = (over: (minute: number) => Partial<Moment>): Moment[] =>
  Array.from({ length: 11 }, (_, minute) => momentAt(minute, over(minute)));

test('the slope is not moved by one odd moment', () => {
  const steady = tenMinutes((minute) => ({ anonymousMb: minute === 5 ? 900 : 100 + minute }));
  assert.is(
    slopePerMinute(steady, ({ anonymousMb }) => anonymousMb),
    1,
  );
});

test('what stays as it was is good, and what grows is named', () => {
  assert.equal(bad(tenMinutes(() => ({}))), []);
  assert.equal(bad(tenMinutes((minute) => ({ anonymousMb: 100 + 5 * minute }))), [
    'anonymous memory',
  ]);
  assert.equal(bad(tenMinutes((minute) => ({ mappings: 200 + 10 * minute }))), ['mappings']);
  assert.equal(bad(tenMinutes((minute) => ({ threads: 20 + minute }))), ['threads']);
  assert.equal(bad(tenMinutes((minute) => ({ descriptors: 40 + 4 * minute }))), ['descriptors']);
});

test('mappings may grow with the files of the store, and what happens at the start is no trend', () => {
  assert.equal(
    bad(tenMinutes((minute) => ({ mappings: 200 + 10 * minute, storeFiles: 10 + 10 * minute }))),
    [],
  );
  assert.equal(bad(tenMinutes((minute) => ({ anonymousMb: minute < 2 ? 50 : 150 }))), []);
});

test('a message that is missing is bad however short the run was', () => {
  const short = [momentAt(0), momentAt(0.05)];
  assert.equal(bad(short), []);
  assert.equal(bad(short, { ...COUNTS, consumed: 99 }), ['messages, embedded']);
  assert.equal(bad(short, { ...COUNTS, stored: 99 }), ['messages, embedded']);
  assert.equal(bad(short, { ...COUNTS, failed: 1, issued: 101 }), ['messages, embedded']);
});

test('an event loop that is late is bad', () => {
  const moments = tenMinutes(() => ({}));
  assert.equal(bad(moments, COUNTS, 30), ["the application's event loop"]);
});

test('a short soak runs, with an embedded client and one on the network', () => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-soak-test-'));
  try {
    const entry = fileURLToPath(new URL('../../bench/bench.js', import.meta.url));
    const json = join(folder, 'soak.json');
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [entry, 'soak', '--seconds=3', '--rate=1000', `--folder=${folder}`, `--json=${json}`],
      { encoding: 'utf8' },
    );
    assert.is(status, 0, `${stdout}${stderr}`);
    const result = JSON.parse(readFileSync(json, 'utf8')) as {
      loads: Record<string, LoadCounts>;
      moments: Moment[];
    };
    for (const name of ['embedded', 'tcp']) {
      const counts = result.loads[name];
      assert.ok((counts?.acknowledged ?? 0) > 500, name);
      assert.is(counts?.consumed, counts?.acknowledged, name);
    }
    assert.ok(result.moments.length >= 3);
    for (const moment of result.moments)
      for (const [name, value] of Object.entries(moment)) assert.ok(value > 0, name);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 90_000);
