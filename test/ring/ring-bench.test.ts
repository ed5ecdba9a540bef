// A bench that nobody runs rots: this runs it at its smallest size. The figures are not looked at.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { is, ok } from 'uvu/assert';
import { suite } from '../support/suite.ts';

const test = suite('ring bench');

test('the bench runs, checks its own result and reports every line as JSON', () => {
  const path = fileURLToPath(new URL('../../bench/ring/ring.bench.js', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, [path], {
    encoding: 'utf8',
    env: { ...process.env, BENCH: 'smoke' },
  });
  is(stderr, '');
  is(status, 0);
  const lines = stdout.trim().split('\n');
  is(lines.length, 7);
  for (const line of lines) {
    const { bench, unit, samples } = JSON.parse(line) as Record<string, unknown>;
    ok(String(bench).startsWith('ring/'));
    ok(unit === 'ns' || unit === 'us');
    ok(Number(samples) > 0);
  }
}, 120_000);
