// A bench that nobody runs rots: this runs the comparison at its smallest size. The figures are not looked at.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import type { CompareResult } from '../../bench/compare/result.ts';
import { suite } from '../support/suite.ts';

const test = suite('comparison');
const compare = fileURLToPath(new URL('../../bench/compare/compare.js', import.meta.url));

const run = (args: readonly string[]): { result: CompareResult; markdown: string } => {
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
      result: JSON.parse(readFileSync(json, 'utf8')) as CompareResult,
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

/** The broker that `pid` has started. */
const brokerOf = (pid: number): number => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ');
  const isBroker = (child: string): boolean =>
    readFileSync(`/proc/${child}/cmdline`, 'latin1').includes('broker.conf');
  return Number(children.find(isBroker));
};

test('a broker that dies ends the run with what was measured until then', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-compare-test-'));
  try {
    const json = join(folder, 'result.json');
    const rows = ['--only=send-1x64,send-8x32', '--systems=saturnmq'];
    const args = [compare, '--quick', ...rows, `--json=${json}`, `--folder=${folder}`];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const wasMeasured = output.includes('send-1x64: sample');
      output += chunk.toString();
      if (!wasMeasured && output.includes('send-1x64: sample'))
        process.kill(brokerOf(child.pid ?? -1), 'SIGKILL');
    });
    const status = await new Promise((resolve) => child.once('close', resolve));
    assert.is(status, 1, output);
    const { lines, voids, error } = JSON.parse(readFileSync(json, 'utf8')) as CompareResult;
    assert.equal([...new Set(lines.map(({ row }) => row))], ['send-1x64']);
    assert.equal(voids, []);
    assert.match(String(error), /^send-8x32, saturnmq, round 1: rmqload/);
    assert.match(output, /\| SaturnMQ[\s\S]*- ended early: send-8x32, saturnmq, round 1/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);

test('a row that is not there is named', () => {
  const { status, stderr } = spawnSync(process.execPath, [compare, '--only=fastest'], {
    encoding: 'utf8',
  });
  assert.is.not(status, 0);
  assert.match(stderr, /send-1x64.*not fastest/);
});
