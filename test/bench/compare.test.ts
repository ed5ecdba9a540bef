// A bench that nobody runs rots: this runs the comparison at its smallest size. The figures are not looked at.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import type { Line } from '../../bench/compare/report.ts';
import { suite } from '../support/suite.ts';

const test = suite('comparison');
const compare = fileURLToPath(new URL('../../bench/compare/compare.js', import.meta.url));

interface Result {
  readonly lines: readonly Line[];
  readonly voids: readonly string[];
  readonly machine: Readonly<Record<string, string | number>>;
}

const run = (args: readonly string[]): { result: Result; markdown: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-compare-test-'));
  try {
    const json = join(folder, 'result.json');
    const page = join(folder, 'result.md');
    const outputs = [`--json=${json}`, `--markdown=${page}`, `--folder=${folder}`];
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [compare, '--quick', ...args, ...outputs],
      { encoding: 'utf8' },
    );
    assert.ok(stdout.includes('| SaturnMQ'), `${stdout}${stderr}`);
    return {
      result: JSON.parse(readFileSync(json, 'utf8')) as Result,
      markdown: readFileSync(page, 'utf8'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

test('rows of the load generator are counted, checked and drawn', () => {
  const embedded = ['send', 'batch', 'pull', 'push', 'one', 'one-spin'].map(
    (id) => `embedded-${id}`,
  );
  const ids = ['send-1x64', 'batch', 'pull', 'idle', ...embedded, 'sustained'];
  const args = [`--only=${ids.join(',')}`, '--systems=saturnmq', '--sustained-seconds=2'];
  const { result, markdown } = run(args);
  assert.equal(result.voids, []);
  assert.equal([...new Set(result.lines.map(({ row }) => row))], ids);
  for (const { metric, saturnmq } of result.lines)
    if (metric !== 'segments') assert.ok((saturnmq?.median ?? 0) > 0, metric);
  for (const name of ['cpu', 'cores', 'kernel', 'node', 'java'])
    assert.ok(result.machine[name] !== undefined, name);
  assert.ok(markdown.includes('p99.9 µs'));
}, 120_000);

test('rows of the Java client hold ours against a Java broker', () => {
  const { result } = run(['--only=java-producer,java-consumer,sync-1']);
  // A Java server that has only just started may refuse sends on a busy machine: that voids its row, not this test.
  assert.equal(
    result.voids.filter((line) => !line.includes(', java,')),
    [],
  );
  if (result.machine['java'] === 'none') return;
  const rates = result.lines.filter(({ metric }) => metric === 'rate');
  assert.is(rates.length, 3);
  for (const { saturnmq } of rates) assert.ok((saturnmq?.median ?? 0) > 0);
}, 240_000);

test('a row that is not there is named', () => {
  const { status, stderr } = spawnSync(process.execPath, [compare, '--only=fastest'], {
    encoding: 'utf8',
  });
  assert.is.not(status, 0);
  assert.match(stderr, /send-1x64.*not fastest/);
});
