import * as assert from 'uvu/assert';
import type { RestartRule, SupervisionSpec } from '../../src/actors/index.ts';
import { Supervision } from '../../src/actors/supervision.ts';
import { ManualClock, ManualScheduler, seededRandom } from '../../src/base/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('actors/supervision');

/** Members whose ends and starts are answered by the test: `end b` stays open until `answer('end b')`. */
const world = (
  spec: Partial<SupervisionSpec>,
  rules: Readonly<Record<string, RestartRule>> = { a: 'permanent', b: 'permanent', c: 'permanent' },
  isManual = true,
) => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const log: string[] = [];
  const open = new Map<string, () => void>();
  const members = Object.keys(rules);
  const exceeded: string[] = [];
  const note = (what: string, done: () => void): void => {
    log.push(what);
    if (isManual) open.set(what, done);
    else done();
  };
  const supervision = new Supervision<string>(
    { strategy: 'oneForOne', restartsMax: 10, periodMs: 1_000, ...spec },
    {
      members: () => members,
      rule: (member) => rules[member] ?? 'permanent',
      end: (member, _, done) => note(`end ${member}`, done),
      start: (member, done) => note(`start ${member}`, done),
      remove(member, reason, done) {
        members.splice(members.indexOf(member), 1);
        supervision.forget(member);
        log.push(`remove ${member} ${reason}`);
        done();
      },
      exceeded: (error) => exceeded.push(error.code),
    },
    { clock, random: seededRandom(1), scheduler },
  );
  const answer = (what: string): void => {
    const done = open.get(what);
    assert.ok(done, `${what} is open`);
    open.delete(what);
    done?.();
  };
  return { supervision, log, answer, scheduler, exceeded };
};

test('members are ended one after the other and only then started', () => {
  const { supervision, log, answer } = world({ strategy: 'oneForAll' });
  supervision.ended('b', 'failure');
  for (const step of ['end c', 'end b', 'end a', 'start a', 'start b', 'start c']) {
    assert.is(log.at(-1), step);
    answer(step);
  }
  assert.is(log.length, 6);
});

test('under oneForOne a member in its back-off holds up nobody', () => {
  const backoff = { firstMs: 1_000, maxMs: 1_000, jitter: 0 };
  const { supervision, log, scheduler } = world({ backoff }, undefined, false);
  supervision.ended('a', 'failure');
  scheduler.advance(600);
  supervision.ended('b', 'failure');
  scheduler.advance(400);
  assert.equal(log, ['end a', 'end b', 'start a']);
  scheduler.advance(600);
  assert.equal(log, ['end a', 'end b', 'start a', 'start b']);
});

test('a failure during a recovery begins it anew with all that are affected', () => {
  const { supervision, log, answer } = world({ strategy: 'restForOne' });
  supervision.ended('c', 'failure');
  answer('end c');
  assert.equal(log, ['end c', 'start c']);
  supervision.ended('b', 'failure');
  answer('start c');
  assert.equal(log, ['end c', 'start c', 'end c'], 'what the older plan waited for is ignored');
  answer('end c');
  answer('end b');
  answer('start b');
  answer('start c');
  assert.equal(log.slice(2), ['end c', 'end b', 'start b', 'start c']);
});

test('a member that leaves during a recovery does not hold it up', () => {
  const { supervision, log, answer } = world({ strategy: 'oneForAll' });
  supervision.ended('b', 'failure');
  answer('end c');
  supervision.forget('b');
  assert.equal(log, ['end c', 'end b', 'end c']);
  answer('end c');
  answer('end a');
  answer('start a');
  assert.is(log.at(-1), 'start c');
});

test('temporary members that are affected are removed in their place in the order', () => {
  const rules = { a: 'permanent', b: 'temporary', c: 'permanent' } as const;
  const { supervision, log } = world({ strategy: 'oneForAll' }, rules, false);
  supervision.ended('a', 'failure');
  assert.equal(log, ['end c', 'remove b shutdown', 'end a', 'start a', 'start c']);
});

test('past the budget everything that is due is called off', () => {
  const backoff = { firstMs: 100, maxMs: 100, jitter: 0 };
  const { supervision, log, scheduler, exceeded } = world(
    { restartsMax: 1, backoff },
    undefined,
    false,
  );
  supervision.ended('a', 'failure');
  supervision.ended('b', 'failure');
  assert.equal(exceeded, ['RESTARTS_EXCEEDED']);
  scheduler.advance(1_000);
  supervision.ended('c', 'failure');
  assert.equal(log, ['end a']);
  assert.is(exceeded.length, 1);
});

test('back-off grows from failure to failure of one member', () => {
  const backoff = { firstMs: 10, maxMs: 1_000, jitter: 0 };
  const { supervision, log, scheduler } = world({ backoff }, undefined, false);
  for (const delayMs of [10, 20, 40]) {
    log.length = 0;
    supervision.ended('a', 'failure');
    scheduler.advance(delayMs - 1);
    assert.equal(log, ['end a']);
    scheduler.advance(1);
    assert.equal(log, ['end a', 'start a']);
  }
});
