import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { addedDelay, type Pair, voidReason } from '../../bench/event-loop/added-delay.ts';
import { pace } from '../../bench/event-loop/pace.ts';
import { suite } from '../support/suite.ts';

const test = suite('event loop bench');

const delays = (p99Ms: number) => ({ p50Ms: 0.1, p99Ms, p999Ms: 5, maxMs: 9 });
const pairOf = (idleMs: number, loadedMs: number): Pair => ({
  idle: delays(idleMs),
  loaded: delays(loadedMs),
  computing: delays(idleMs + 0.25),
  counts: { seconds: 2, acknowledged: 1000, failed: 0, skipped: 0, firstError: undefined },
  stored: 1000,
});

test('what is added is the difference within each pair, and its middle', () => {
  // Loaded minus idle: 0.5, -0.5 and 2; the machine was slower in the last pair, with and without sends.
  const added = addedDelay([pairOf(0.5, 1), pairOf(1, 0.5), pairOf(10, 12)]);
  assert.equal(added.p99Ms, { median: 0.5, min: -0.5, max: 2, samples: 3 });
  assert.is(added.p50Ms.median, 0);
  assert.is(added.computingP99Ms.median, 0.25);
  assert.is(added.rate.median, 500);
});

test('a pair whose sends fail, are not stored, or fall behind does not count', () => {
  const pair = pairOf(1, 1);
  const voided = (counts: Partial<Pair['counts']>, stored = 1000): string =>
    voidReason({ ...pair, counts: { ...pair.counts, ...counts }, stored }) ?? '';
  assert.is(voided({}), '');
  assert.is(voided({ skipped: 20 }), '');
  assert.match(voided({ skipped: 21 }), /rate was not held/);
  assert.match(voided({ failed: 1, firstError: 'why' }), /1 sends failed: why/);
  assert.match(voided({}, 999), /999 stored/);
  assert.match(voided({ acknowledged: 0 }, 0), /nothing was sent/);
});

test('what a stall held up is caught up with, a few calls a turn, and nothing is left out', async () => {
  let calls = 0;
  let inTurn = 0;
  let inTurnMax = 0;
  await pace(10_000, 100, 4, () => {
    calls += 1;
    inTurn += 1;
    inTurnMax = Math.max(inTurnMax, inTurn);
    queueMicrotask(() => {
      inTurn = 0;
    });
    if (calls === 1) for (const endMs = performance.now() + 20; performance.now() < endMs; );
  });
  assert.is(calls, 1000);
  assert.is(inTurnMax, 4);
});

test('a short run counts every message and prints no verdict on its figures', () => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-event-loop-'));
  try {
    const entry = fileURLToPath(new URL('../../bench/bench.js', import.meta.url));
    const json = join(folder, 'event-loop.json');
    const options = [
      '--seconds=0.3',
      '--pairs=3',
      '--share=0.05',
      `--folder=${folder}`,
      '--memory-as-found',
    ];
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [entry, 'event-loop', ...options, `--json=${json}`],
      { encoding: 'utf8' },
    );
    assert.is(status, 0, `${stdout}${stderr}`);
    assert.match(stdout, /^added to the p99: -?[\d.]+ ms/m);
    assert.match(stdout, /^added by a thread that computes instead: -?[\d.]+ ms/m);
    const { peak, pairs } = JSON.parse(readFileSync(json, 'utf8')) as {
      readonly peak: number;
      readonly pairs: readonly Pair[];
    };
    assert.ok(peak > 0);
    assert.is(pairs.length, 3);
    for (const pair of pairs) {
      assert.is(pair.stored, pair.counts.acknowledged);
      assert.ok(pair.computing.maxMs > 0);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 90_000);
