import { readFileSync } from 'node:fs';
import { equal, is, ok } from 'uvu/assert';
import { allocateAveragely } from '../../src/client/rebalance.ts';
import { suite } from '../support/suite.ts';

const test = suite('rebalance');

interface Case {
  readonly strategy: string;
  readonly queues: readonly string[];
  readonly clientIds: readonly string[];
  readonly client: string;
  readonly result: readonly string[];
}

const golden = new URL('../../../test/golden/store-vectors.json', import.meta.url);
const { rebalance } = JSON.parse(readFileSync(golden, 'utf8')) as { rebalance: Case[] };

test('blocks are dealt as Java deals them', () => {
  const cases = rebalance.filter(({ strategy }) => strategy === 'AVG');
  ok(cases.length >= 3);
  for (const { queues, clientIds, client, result } of cases) {
    const own = allocateAveragely(queues, clientIds, client);
    equal(
      own.map((queue) => queue.replace(/^T\//, '')),
      result,
    );
  }
});

test('every queue has exactly one owner, and shares differ by one at most', () => {
  for (let members = 1; members <= 9; members++) {
    const clientIds = Array.from({ length: members }, (_, index) => `c${index}`);
    for (let count = 0; count <= 20; count++) {
      const queues = Array.from({ length: count }, (_, index) => index);
      const shares = clientIds.map((id) => allocateAveragely(queues, clientIds, id));
      equal(shares.flat(), queues);
      const lengths = shares.map(({ length }) => length);
      ok(Math.max(...lengths) - Math.min(...lengths) <= 1);
    }
  }
});

test('who is not in the list gets nothing', () => {
  is(allocateAveragely([1, 2], ['a'], 'b').length, 0);
  is(allocateAveragely([1, 2], [], 'b').length, 0);
});
