import * as assert from 'uvu/assert';
import { ManualClock, ManualScheduler, systemScheduler } from '../../src/base/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('scheduler');

const create = () => {
  const clock = new ManualClock(0);
  return { clock, scheduler: new ManualScheduler(clock), log: [] as string[] };
};

test('timers fire at their own time, ties in the order they were set', () => {
  const { clock, scheduler, log } = create();
  scheduler.setTimer(20, () => log.push(`c@${clock.now()}`));
  scheduler.setTimer(10, () => log.push(`a@${clock.now()}`));
  scheduler.setTimer(10, () => log.push(`b@${clock.now()}`));
  scheduler.advance(9);
  assert.equal(log, []);
  scheduler.advance(11);
  assert.equal(log, ['a@10', 'b@10', 'c@20']);
  assert.is(clock.now(), 20);
});

test('a cancelled timer never fires, and one set by a timer fires in the same stretch', () => {
  const { scheduler, log } = create();
  const cancelled = scheduler.setTimer(5, () => log.push('never'));
  scheduler.setTimer(4, () => {
    cancelled.cancel();
    scheduler.setTimer(3, () => log.push('nested'));
  });
  scheduler.advance(10);
  assert.equal(log, ['nested']);
  assert.is(scheduler.pendingTimers, 0);
});

test('deferred work runs before the next timer', () => {
  const { scheduler, log } = create();
  scheduler.setTimer(1, () => log.push('timer'));
  scheduler.defer(() => {
    log.push('deferred');
    scheduler.defer(() => log.push('deferred again'));
  });
  scheduler.advance(1);
  assert.equal(log, ['deferred', 'deferred again', 'timer']);
});

test('work that feeds itself is a failure, not a hang', () => {
  const { scheduler } = create();
  const again = (): void => scheduler.defer(again);
  scheduler.defer(again);
  assert.throws(() => scheduler.runDeferred(100), /feed themselves/);
});

test("the event loop's own scheduler defers, fires and cancels", async () => {
  const log: string[] = [];
  await new Promise<void>((done) => {
    systemScheduler.setTimer(1, () => log.push('never')).cancel();
    systemScheduler.defer(() => log.push('deferred'));
    systemScheduler.setTimer(10, () => {
      log.push('timer');
      done();
    });
    systemScheduler.setTimer(1, () => undefined, false);
  });
  assert.equal(log, ['deferred', 'timer']);
});

test('a time that no timer of the system can hold is not over at once', async () => {
  let fired = 0;
  const timers = [Number.POSITIVE_INFINITY, 2 ** 31].map((delayMs) =>
    systemScheduler.setTimer(delayMs, () => {
      fired += 1;
    }),
  );
  await new Promise((done) => setTimeout(done, 20));
  for (const timer of timers) timer.cancel();
  assert.is(fired, 0);
});
