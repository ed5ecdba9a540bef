import * as assert from 'uvu/assert';
import { between } from '../../bench/compare/markers.ts';
import type { RowPlan, Sample } from '../../bench/compare/plan.ts';
import { factsText, linesOf, machineFacts, markdownTable } from '../../bench/compare/report.ts';
import { RowSamples, VoidError } from '../../bench/compare/samples.ts';
import { suite } from '../support/suite.ts';

const test = suite('comparison report');

const PLAN: RowPlan = {
  id: 'send',
  name: 'send',
  zh: '发送',
  group: 'async',
  targets: { rate: { ratioMin: 3 }, p99: { max: 500 } },
};

type Round = Sample | string | undefined;

const rowOf = async (saturnmq: readonly Round[], java: readonly Round[]): Promise<RowSamples> => {
  const row = new RowSamples(PLAN, () => undefined);
  for (const [system, rounds] of Object.entries({ saturnmq, java }))
    for (const [round, given] of rounds.entries())
      if (given !== undefined)
        await row.book(system as 'java', round, async () => {
          if (typeof given === 'string') throw new VoidError(given);
          return given;
        });
  return row;
};

test('the ratio is the median of the pairs of one round, and decides whether a target holds', async () => {
  const ours = [{ rate: 300 }, { rate: 450 }, { rate: 310 }];
  const row = await rowOf(ours, [{ rate: 100 }, { rate: 100 }, { rate: 110 }]);
  const [line] = linesOf([row]);
  assert.is(line?.saturnmq?.median, 310);
  assert.is(line?.ratio?.median, 3);
  assert.is(line?.holds, true);
});

test('a void measurement takes its pair out of the ratio, and ours out of the verdict', async () => {
  const javaVoid = await rowOf([{ rate: 300 }, { rate: 400 }], ['refused', { rate: 100 }]);
  const [line] = linesOf([javaVoid]);
  assert.is(line?.ratio?.median, 4);
  assert.is(line?.holds, true);
  assert.equal(javaVoid.voids(), ['send, java, round 1: refused']);
  const oursVoid = await rowOf(['1 send failed', { rate: 400 }], [{ rate: 90 }, { rate: 100 }]);
  assert.is(linesOf([oursVoid])[0]?.holds, false);
});

test('a row of nothing but void measurements stays in the table', async () => {
  const lines = linesOf([await rowOf(['2 acknowledged, 1 stored'], [])]);
  assert.equal(
    lines.map(({ metric, holds }) => [metric, holds]),
    [
      ['rate', false],
      ['p99', false],
    ],
  );
  assert.match(markdownTable(lines), /\| void +\|/);
});

test('a figure with a limit of its own needs no other system', async () => {
  const lines = linesOf([await rowOf([{ rate: 10, p99: 501 }], [])]);
  assert.equal(
    lines.map(({ metric, holds }) => [metric, holds]),
    [
      ['rate', undefined],
      ['p99', false],
    ],
  );
});

test('the table is drawn in both languages, the short one without lines that have no target', async () => {
  const row = await rowOf([{ rate: 4000, cpu: 2 }], [{ rate: 1000, cpu: 8 }]);
  const lines = linesOf([row]);
  const long = markdownTable(lines);
  assert.ok(long.includes('| send |') && long.includes('4,000') && long.includes('CPU-µs'));
  const short = markdownTable(lines, 'zh', true);
  assert.ok(short.includes('| 发送 |') && short.includes('≥ 3 ×') && !short.includes('CPU'));
  assert.is(short.split('\n').length, 3);
});

test('a page is filled between its marks and left alone without them', () => {
  const page = 'a\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nb\n';
  const filled = between(page, 'bench', 'new');
  assert.is(filled, 'a\n<!-- bench:begin -->\n\nnew\n\n<!-- bench:end -->\nb\n');
  assert.is(between(filled ?? '', 'bench', 'new'), filled);
  assert.is(between('a\nb\n', 'bench', 'new'), undefined);
});

test('an error that is none of the bench ends it, and says where', async () => {
  const row = new RowSamples(PLAN, () => undefined);
  const fail = async (): Promise<Sample> => {
    throw new Error('no broker');
  };
  const thrown = await row.book('java', 0, fail).catch((error: unknown) => error);
  assert.is((thrown as Error).message, 'send, java, round 1: no broker');
});

test('the facts name the commit, those of several runs each once', () => {
  const facts = { ...machineFacts(), commit: 'abc1234' };
  const later = { ...facts, commit: 'def5678+' };
  assert.match(factsText(facts), /; SaturnMQ at commit abc1234\.$/);
  assert.match(factsText(facts, facts, later), /; SaturnMQ at commit abc1234 and def5678\+\.$/);
  assert.match(String(machineFacts()['commit']), /^([0-9a-f]{7,}\+?|unknown)$/);
});
