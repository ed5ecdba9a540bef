// A bench that nobody runs rots: this runs it at its smallest size. The figures are not looked at.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';

const test = suite('client bench');

for (const name of ['producer', 'consumer']) {
  test(`the bench of the ${name} runs, checks its own result and reports every line as JSON`, () => {
    const file = `../../bench/client/${name}.bench.js`;
    const path = fileURLToPath(new URL(file, import.meta.url));
    const { stdout, stderr, status } = spawnSync(process.execPath, [path], {
      encoding: 'utf8',
      env: { ...process.env, BENCH: 'smoke' },
    });
    assert.is(stderr, '');
    assert.is(status, 0);
    const lines = stdout.trim().split('\n');
    assert.is(lines.length, 4);
    for (const line of lines) {
      const { bench, unit, samples } = JSON.parse(line) as Record<string, unknown>;
      assert.ok(String(bench).startsWith('client/'));
      assert.is(unit, 'ns');
      assert.ok(Number(samples) > 0);
    }
  }, 60_000);
}
