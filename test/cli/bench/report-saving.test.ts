import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { parseArguments } from '../../../src/cli/arguments.ts';
import { BENCH_TABLES } from '../../../src/cli/bench/bench-options.ts';
import { resultOf } from '../../../src/cli/bench/bench-result.ts';
import { Recorder } from '../../../src/cli/bench/recorder.ts';
import { checkReportOptions, finish } from '../../../src/cli/bench/run-report.ts';
import { suite } from '../../support/suite.ts';
import { fakeContext } from '../fake-context.ts';

const test = suite('report saving');
const end = { seconds: 1, cpuMicros: 1, isInterrupted: false, unsent: 0 };
const result = resultOf('producer', {}, new Date(0), new Recorder(), end);
const parse = (...args: string[]) => parseArguments(BENCH_TABLES.producer, args, 0);

const withFolder = (body: (folder: string) => void): void => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-'));
  try {
    body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

test('a result that cannot be kept is printed all the same, and the run fails', () =>
  withFolder((folder) => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const [args, printed] of [
      [['--save=one'], /^producer: 0 messages in /m],
      [['--save=one', '--json'], /^\{"kind":"producer"/],
    ] as const) {
      const context = fakeContext({ SATURNMQ_BENCH: file });
      assert.is(finish(result, parse(...args), context), 1);
      assert.match(context.lines.join('\n'), printed);
      assert.not.match(context.lines.join('\n'), /saved as/);
      assert.is(context.errors.length, 1);
      assert.match(context.errors[0] ?? '', /^saturnmq: the run could not be saved: .*file/);
    }
  }));

test('a result that is kept names its file last', () =>
  withFolder((folder) => {
    const context = fakeContext({ SATURNMQ_BENCH: join(folder, 'runs') });
    assert.is(finish(result, parse('--save=one'), context), 0);
    assert.is(context.lines.at(-1), `saved as ${join(folder, 'runs', 'one.json')}`);
    assert.ok(existsSync(join(folder, 'runs', 'one.json')));
  }));

test('a folder that cannot be made or written is found out before the run', () =>
  withFolder((folder) => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const kept = parse('--save=one');
    for (const runs of [file, join(file, 'runs')])
      assert.throws(
        () => checkReportOptions(kept, { SATURNMQ_BENCH: runs }),
        /--save cannot write to .*file/,
      );
    checkReportOptions(parse(), { SATURNMQ_BENCH: file });
    const runs = join(folder, 'made');
    checkReportOptions(kept, { SATURNMQ_BENCH: runs });
    assert.equal(readdirSync(runs), []);
    mkdirSync(join(runs, 'one.json'));
    assert.throws(() => checkReportOptions(kept, { SATURNMQ_BENCH: runs }), /one\.json/);
  }));
