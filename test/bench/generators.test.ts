// A bench that nobody runs rots: this runs it at its smallest size. The ratios are not looked at.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';

const test = suite('generators');
const entry = fileURLToPath(new URL('../../bench/bench.js', import.meta.url));

test('both generators send to the same broker, and read all that is stored', () => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-generators-test-'));
  try {
    const json = join(folder, 'result.json');
    const small = ['--pairs=1', '--seconds=1', '--messages=20000', '--only=batch,pull-4'];
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [entry, 'generators', ...small, `--json=${json}`, `--folder=${folder}`],
      { encoding: 'utf8' },
    );
    assert.is(status, 0, `${stdout}${stderr}`);
    const { rows } = JSON.parse(readFileSync(json, 'utf8')) as {
      rows: Record<string, { median: number; samples: number }>[];
    };
    assert.is(rows.length, 2);
    for (const { ratio, rate, rmqloadCpuUs } of rows) {
      assert.is(ratio?.samples, 1);
      for (const figure of [ratio, rate, rmqloadCpuUs])
        assert.ok((figure?.median ?? 0) > 0, stdout);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);

test('a row that is not there is named', () => {
  const { status, stderr } = spawnSync(process.execPath, [entry, 'generators', '--only=fastest'], {
    encoding: 'utf8',
  });
  assert.is.not(status, 0);
  assert.match(stderr, /pull-4; not fastest/);
});
