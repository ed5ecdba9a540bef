import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type BenchResult, resultOf } from '../../../src/cli/bench/bench-result.ts';
import { Recorder } from '../../../src/cli/bench/recorder.ts';
import { compareRuns, loadRun, runsFolder, saveRun } from '../../../src/cli/bench/saved-runs.ts';
import { suite } from '../../support/suite.ts';

const test = suite('saved runs');

const run = (messages: number, options: BenchResult['options']): BenchResult => {
  const recorder = new Recorder();
  for (let count = 0; count < messages; count++) recorder.success(1, 1, 10);
  const end = { seconds: 1, cpuMicros: messages, isInterrupted: false, unsent: 0 };
  return resultOf('producer', options, new Date(0), recorder, end);
};

test('a run is found again by its name and by its file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-'));
  try {
    const environment = { SATURNMQ_BENCH: join(folder, 'runs') };
    const result = run(3, { topic: 'T' });
    const file = saveRun(environment, 'first.1', result);
    assert.is(file, join(folder, 'runs', 'first.1.json'));
    assert.equal(loadRun(environment, 'first.1'), result);
    assert.equal(loadRun({}, file), result);
    writeFileSync(join(folder, 'other.json'), '{}');
    assert.throws(() => loadRun({}, join(folder, 'other.json')), /is no saved run/);
    assert.throws(() => loadRun(environment, 'second'), /there is no saved run "second"/);
    for (const name of ['', '../x', '.hidden', 'a/b'])
      assert.throws(() => saveRun(environment, name, result), /--save takes a name/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('they lie in the home folder unless told otherwise', () => {
  assert.is(runsFolder({ HOME: '/home/x' }), join('/home/x', '.saturnmq', 'bench'));
});

test('two runs are shown side by side, with what differs between them', () => {
  const lines = compareRuns(
    ['before', 'after'],
    run(2, { topic: 'T', inFlight: 64 }),
    run(5, { topic: 'T', inFlight: 8 }),
  );
  const text = lines.join('\n');
  assert.match(text, /^messages\/s +2 +5 +2\.50 ×$/m);
  assert.match(text, /^inFlight +64 +8 *$/m);
  assert.not.match(text, /^topic/m);
  assert.match(text, /^failed +0 +0 +–$/m);
});

test('parts are compared by their names; what one run lacks is a dash', () => {
  const { p9999: _, ...older } = run(1, {}).latencyUs;
  const left = {
    ...run(1, {}),
    latencyUs: older as BenchResult['latencyUs'],
    parts: [{ name: 'there', messages: 1, messagesPerSecond: 10, latencyUs: run(1, {}).latencyUs }],
  };
  const right = {
    ...run(1, {}),
    parts: [
      { name: 'there', messages: 1, messagesPerSecond: 40, latencyUs: run(1, {}).latencyUs },
      { name: 'back', messages: 1, messagesPerSecond: 1, cpuUsPerMessage: 2 },
    ],
  };
  const text = compareRuns(['a', 'b'], left, right).join('\n');
  assert.match(text, /^there:\n {2}messages\/s +10 +40 +4\.00 ×$/m);
  assert.match(text, /^back:\n {2}messages\/s +– +1 +–\n {2}CPU-µs\/message +– +2\.000 +–/m);
  assert.match(text, /^latency p99\.99 +– +1\.00 ms +–$/m);
  assert.match(text, /^ {2}latency p99\.99 +1\.00 ms +1\.00 ms +1\.00 ×$/m);
});
