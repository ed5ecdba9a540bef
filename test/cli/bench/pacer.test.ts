import * as assert from 'uvu/assert';
import { Pacer } from '../../../src/cli/bench/pacer.ts';
import { suite } from '../../support/suite.ts';

const test = suite('pacer');

test('without a rate a request may go out at once, and counts from now', () => {
  const pacer = new Pacer(0);
  pacer.start(100);
  assert.is(pacer.take(100), 100);
  assert.is(pacer.take(105), 105);
  assert.not(pacer.isPaced);
});

test('with a rate requests count from when they were due, however late they are', () => {
  const pacer = new Pacer(100);
  pacer.start(1000);
  assert.is(pacer.take(1000), 1000);
  assert.is(pacer.take(1009.9), -1);
  assert.is(pacer.dueMs(), 1010);
  // A server that stalled for 35 ms owes three requests, each with its own delay.
  assert.equal([pacer.take(1045), pacer.take(1045), pacer.take(1045)], [1010, 1020, 1030]);
});

test('requests of a warm-up are none of those that were asked for, however late they go out', () => {
  const unpaced = new Pacer(0, 2);
  unpaced.start(0, true);
  for (let count = 0; count < 5; count++) assert.is(unpaced.take(1), 1);
  unpaced.endWarmUp(10);
  assert.equal([unpaced.take(11), unpaced.take(11), unpaced.take(11)], [11, 11, -1]);
  const paced = new Pacer(100, 2);
  paced.start(0, true);
  assert.is(paced.take(5), 0);
  // Those of 10 and 20 ms are late and belong to the warm-up.
  paced.endWarmUp(25);
  assert.equal(
    [60, 60, 60, 60, 60].map((nowMs) => paced.take(nowMs)),
    [10, 20, 30, 40, -1],
  );
  assert.ok(paced.isDone);
});

test('it ends with its last request, or when it is told to', () => {
  const pacer = new Pacer(0, 2);
  pacer.start(0);
  pacer.take(1);
  assert.not(pacer.isDone);
  pacer.take(1);
  assert.ok(pacer.isDone);
  assert.is(pacer.take(2), -1);
  const stopped = new Pacer(0);
  stopped.start(0);
  stopped.stop();
  assert.is(stopped.take(1), -1);
  assert.ok(stopped.isDone);
});

test('the end of the time ends no request that was due before it, so a stall at the end is seen', () => {
  const pacer = new Pacer(100);
  pacer.start(0);
  assert.is(pacer.take(0), 0);
  pacer.stopAfter(40);
  assert.not(pacer.isDone);
  assert.is(pacer.overdue(25), 2);
  assert.is(pacer.overdue(1000), 4);
  assert.equal(
    [100, 100, 100, 100, 100].map((nowMs) => pacer.take(nowMs)),
    [10, 20, 30, 40, -1],
  );
  assert.ok(pacer.isDone);
  assert.is(pacer.overdue(1000), 0);
  const unpaced = new Pacer(0);
  unpaced.start(0);
  unpaced.stopAfter(40);
  assert.ok(unpaced.isDone);
  assert.is(unpaced.overdue(1000), 0);
});
