import * as assert from 'uvu/assert';
import {
  affectedBy,
  Backoff,
  type EndReason,
  isRestarted,
  RestartBudget,
  type RestartRule,
} from '../../src/actors/restart-policy.ts';
import { ManualClock, seededRandom } from '../../src/base/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('actors/restart-policy');

test('which end leads to a restart under which rule', () => {
  const table: readonly [RestartRule, EndReason, boolean][] = [
    ['permanent', 'normal', true],
    ['permanent', 'shutdown', false],
    ['permanent', 'failure', true],
    ['transient', 'normal', false],
    ['transient', 'shutdown', false],
    ['transient', 'failure', true],
    ['temporary', 'normal', false],
    ['temporary', 'shutdown', false],
    ['temporary', 'failure', false],
  ];
  for (const [rule, reason, wanted] of table) {
    assert.is(isRestarted(rule, reason), wanted, `${rule} ${reason}`);
  }
});

test('whom a failure affects under which strategy', () => {
  const members = ['a', 'b', 'c'];
  assert.equal(affectedBy('oneForOne', members, 'b'), ['b']);
  assert.equal(affectedBy('oneForAll', members, 'b'), ['a', 'b', 'c']);
  assert.equal(affectedBy('restForOne', members, 'b'), ['b', 'c']);
});

test('a budget grants restartsMax in any period, and again when the oldest is out of it', () => {
  const clock = new ManualClock();
  const spec = { strategy: 'oneForOne' as const, restartsMax: 2, periodMs: 100 };
  const budget = new RestartBudget(spec, clock);
  assert.ok(budget.take());
  clock.advance(60);
  assert.ok(budget.take());
  clock.advance(39);
  assert.not(budget.take());
  clock.advance(61);
  assert.ok(budget.take(), 'only the refused one is left in the period');
});

test('a back-off doubles up to its maximum and begins anew after quiet time', () => {
  const clock = new ManualClock();
  const spec = { firstMs: 10, maxMs: 50, jitter: 0, quietMs: 1_000 };
  const backoff = new Backoff(spec, clock, seededRandom(1));
  assert.equal(
    [1, 2, 3, 4, 5].map(() => backoff.nextMs()),
    [10, 20, 40, 50, 50],
  );
  clock.advance(1_000);
  assert.is(backoff.nextMs(), 50, 'not yet quiet');
  clock.advance(1_001);
  assert.is(backoff.nextMs(), 10);
});

test('jitter adds up to its share, from the random passed in', () => {
  const spec = { firstMs: 100, maxMs: 100, jitter: 0.5 };
  const delays = (): number[] => {
    const backoff = new Backoff(spec, new ManualClock(), seededRandom(7));
    return Array.from({ length: 50 }, () => backoff.nextMs());
  };
  assert.equal(delays(), delays());
  assert.ok(delays().every((delay) => delay >= 100 && delay < 150));
  assert.ok(new Set(delays()).size > 40);
});

test('without a back-off restarts follow at once', () => {
  assert.is(new Backoff(undefined, new ManualClock(), seededRandom(1)).nextMs(), 0);
});
