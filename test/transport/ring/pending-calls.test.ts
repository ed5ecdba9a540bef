import fc from 'fast-check';
import { equal, is } from 'uvu/assert';
import { ManualClock, ManualScheduler } from '../../../src/base/index.ts';
import { RequestView } from '../../../src/protocol/index.ts';
import { PendingCalls } from '../../../src/transport/ring/pending-calls.ts';
import { suite } from '../../support/suite.ts';

const test = suite('calls that wait');

const LINK = { name: 'link' };
const OTHER = { name: 'other' };

const create = (limit = 1000) => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const timeoutError = (): Error => new Error('timeout');
  const calls = new PendingCalls({ clock, scheduler, limit, timeoutError });
  const ends: string[] = [];
  const add = (name: string, timeoutMs = 1000, target: object = LINK): number =>
    calls.add(target, timeoutMs, (error) => ends.push(`${name}: ${error?.message ?? 'answer'}`));
  const answer = (opaque: number, target: object = LINK): boolean => {
    const view = new RequestView();
    view.opaque = opaque;
    return calls.settle(target, view);
  };
  return { calls, scheduler, ends, add, answer };
};

test('Q1: an answer settles its call, once, and only from who was asked', () => {
  const { ends, add, answer, calls } = create();
  const opaque = add('a');
  is(answer(opaque, OTHER), false);
  is(answer(opaque), true);
  is(answer(opaque), false);
  is(answer(12_345), false);
  is(answer(-1), false);
  equal(ends, ['a: answer']);
  is(calls.size, 0);
});

test('Q2: a late answer does not settle the call that has its slot now', () => {
  const { ends, add, answer, scheduler } = create();
  const first = add('first', 100);
  scheduler.advance(150);
  const second = add('second');
  is(answer(first), false);
  is(answer(second), true);
  equal(ends, ['first: timeout', 'second: answer']);
});

test('one timer, set for the earliest deadline', () => {
  const { ends, add, scheduler } = create();
  for (let index = 0; index < 50; index++) add('long', 10_000);
  add('short', 300);
  is(scheduler.pendingTimers, 1);
  scheduler.advance(400);
  equal(ends, ['short: timeout']);
  is(scheduler.pendingTimers, 1);
  scheduler.advance(10_000);
  is(ends.length, 51);
  is(scheduler.pendingTimers, 0);
});

test('a limit, and slots that are used again', () => {
  const { ends, add, answer, calls } = create(3);
  const opaques = [add('a'), add('b'), add('c')];
  is(add('d'), -1);
  answer(opaques[1] as number);
  is(add('e') >= 0, true);
  is(add('f'), -1);
  calls.fail(LINK, new Error('gone'));
  equal(ends, ['b: answer', 'a: gone', 'e: gone', 'c: gone']);
});

test('what a callback adds is not failed with the rest of its link, unless it comes behind', () => {
  const { calls, ends, add } = create();
  calls.add(LINK, 1000, () => {
    add('added', 1000, OTHER);
  });
  add('later');
  calls.fail(LINK, new Error('gone'));
  equal(ends, ['later: gone']);
  calls.fail(undefined, new Error('all'));
  equal(ends, ['later: gone', 'added: all']);
});

test('a cancelled call is never told, whatever comes', () => {
  const { calls, ends, add, answer, scheduler } = create();
  const opaque = add('a');
  calls.cancel(opaque);
  calls.cancel(opaque);
  is(answer(opaque), false);
  scheduler.advance(2000);
  equal(ends, []);
});

test('Q1 under any order of calls, answers, deadlines and failures', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), timeoutMs: fc.nat(500) }),
    fc.record({ kind: fc.constant('answer' as const), which: fc.nat(30) }),
    fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(200) }),
    fc.record({ kind: fc.constant('fail' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { calls, scheduler, add, answer, ends } = create(12);
      const opaques: number[] = [];
      let added = 0;
      for (const one of steps) {
        if (one.kind === 'add') {
          const opaque = add(String(added), one.timeoutMs);
          if (opaque >= 0) added += 1;
          opaques.push(opaque);
        } else if (one.kind === 'answer')
          answer(opaques[one.which % Math.max(1, opaques.length)] ?? -1);
        else if (one.kind === 'advance') scheduler.advance(one.ms);
        else calls.fail(LINK, new Error('gone'));
        is(calls.size, added - ends.length);
      }
      scheduler.advance(1000);
      is(ends.length, added);
      is(new Set(ends.map((end) => end.split(':')[0])).size, added);
    }),
  );
});
