// A bench that nobody runs rots: this runs all of them at their smallest size. The figures are not looked at.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';

const test = suite('micro benches');
const entry = fileURLToPath(new URL('../../bench/bench.js', import.meta.url));

test('each runs, checks its own result and reports figures with the machine they are from', () => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-micro-'));
  try {
    const json = join(folder, 'micro.json');
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [entry, 'micro', '--smoke', `--json=${json}`],
      { encoding: 'utf8' },
    );
    assert.is(status, 0, `${stdout}${stderr}`);
    const results = JSON.parse(readFileSync(json, 'utf8')) as Record<string, unknown>[];
    const areas = new Set(results.map(({ bench }) => String(bench).split('/')[0]));
    for (const area of ['actors', 'client', 'protocol', 'ring', 'storage', 'transport'])
      assert.ok(areas.has(area), area);
    for (const { unit, machine, size } of results) {
      assert.type(unit, 'string');
      assert.is(size, 'smoke');
      assert.ok((machine as { cores: number }).cores > 0);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 180_000);
