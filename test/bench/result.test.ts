import * as assert from 'uvu/assert';
import { readOptions } from '../../bench/compare/options.ts';
import type { RowPlan } from '../../bench/compare/plan.ts';
import { latestLines, pageOf, resultOf } from '../../bench/compare/result.ts';
import { RowSamples } from '../../bench/compare/samples.ts';
import { suite } from '../support/suite.ts';

const test = suite('comparison result');
const PLAN: RowPlan = { id: 'send', name: 'send', zh: '发送', group: 'async', targets: {} };
const options = readOptions(['--rounds=2']);

test('a run that ends early keeps what was booked before, with a line for the error', async () => {
  const row = new RowSamples(PLAN, () => undefined);
  const result = await resultOf(options, {}, [row], async () => {
    await row.book('saturnmq', 0, async () => ({ rate: 100 }));
    await row.book('saturnmq', 1, async () => {
      throw new Error('rmqload send:\nclosed by server\n');
    });
  });
  assert.is(result.rounds, 2);
  assert.is(result.lines[0]?.saturnmq?.median, 100);
  const page = pageOf(result);
  assert.match(page, /\| send \| messages\/s \| 100 /);
  const last = '- ended early: send, saturnmq, round 2: rmqload send: closed by server\n';
  assert.ok(page.endsWith(last), page);
});

test('a row that was measured again has its later figures, in its place', async () => {
  const measured = (ids: readonly string[], rate: number) => {
    const rows = ids.map((id) => new RowSamples({ ...PLAN, id }, () => undefined));
    return resultOf(options, {}, rows, async () => {
      for (const row of rows) await row.book('saturnmq', 0, async () => ({ rate, cpu: 1 }));
    });
  };
  const lines = latestLines([await measured(['a', 'b'], 1), await measured(['c', 'a'], 2)]);
  const rates = lines.filter(({ metric }) => metric === 'rate');
  assert.equal(
    rates.map(({ row, saturnmq }) => [row, saturnmq?.median]),
    [
      ['a', 2],
      ['b', 1],
      ['c', 2],
    ],
  );
});

test('a run that measured all of its rows has no error', async () => {
  const result = await resultOf(options, {}, [], async () => undefined);
  assert.is(Object.hasOwn(result, 'error'), false);
  assert.not.match(pageOf(result), /ended early/);
});
