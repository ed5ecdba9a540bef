import * as assert from 'uvu/assert';
import { TestClock } from '../../../src/node/testing/test-clock.ts';
import { suite } from '../../support/suite.ts';

const test = suite('test clock');

test('a manual clock stands still until it is moved, and fires timers each at its time', async () => {
  const clock = new TestClock('manual', 1_000_000);
  const fired: string[] = [];
  const note = (name: string) => () => void fired.push(`${name}@${clock.now()}`);
  clock.setTimer(50, note('b'));
  clock.setTimer(20, () => {
    note('a')();
    clock.defer(() => clock.setTimer(10, note('chained')));
  });
  clock.setTimer(50, note('c'));
  clock.setTimer(60, note('cancelled')).cancel();
  clock.setTimer(1000, note('later'));
  assert.is(clock.now(), 1_000_000);
  await clock.advance(100);
  assert.equal(fired, ['a@1000020', 'chained@1000030', 'b@1000050', 'c@1000050']);
  assert.is(clock.now(), 1_000_100);
  assert.is(clock.pendingTimers, 1);
});

test('a running clock fires by itself, and what is left is nearer after it was moved', async () => {
  const clock = new TestClock('running');
  let isFired = false;
  const fired = new Promise<void>((done) => {
    clock.setTimer(3_600_000, () => {
      isFired = true;
      done();
    });
  });
  await clock.advance(3_599_999);
  const before = clock.now();
  await fired;
  assert.ok(isFired);
  assert.ok(clock.now() - before < 10_000);
});

test('calls follow one another, and time does not run backwards', async () => {
  const clock = new TestClock('manual', 0);
  const order: number[] = [];
  clock.setTimer(15, () => void order.push(clock.now()));
  await Promise.all([clock.advance(10), clock.advance(10)]);
  assert.equal(order, [15]);
  assert.is(clock.now(), 20);
  assert.throws(() => clock.advance(-1), /moves forward/);
  assert.throws(() => clock.advance(Number.NaN), /moves forward/);
});

test('after its end no timer fires', async () => {
  const clock = new TestClock('running');
  clock.setTimer(0, () => assert.unreachable());
  clock.end();
  clock.setTimer(0, () => assert.unreachable());
  await clock.advance(1000);
  assert.is(clock.pendingTimers, 0);
});
