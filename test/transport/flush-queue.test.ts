import { equal, is } from 'uvu/assert';
import { ManualClock, ManualScheduler } from '../../src/base/index.ts';
import { FlushQueue } from '../../src/transport/flush-queue.ts';
import type { Peer } from '../../src/transport/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('flush-queue');

test('everything added in a turn is flushed once at its end, what is added meanwhile in the next', () => {
  const scheduler = new ManualScheduler(new ManualClock());
  let defers = 0;
  const defer = (callback: () => void): void => {
    defers += 1;
    scheduler.defer(callback);
  };
  const queue = new FlushQueue({ setTimer: scheduler.setTimer.bind(scheduler), defer });
  const flushed: string[] = [];
  const peer = (name: string, then?: () => void): Peer =>
    ({
      flush: () => {
        flushed.push(name);
        then?.();
      },
    }) as Peer;
  const late = peer('late');
  queue.add(peer('a', () => queue.add(late)));
  queue.add(peer('b'));
  equal(flushed, []);
  is(defers, 1);
  scheduler.runDeferred(2);
  equal(flushed, ['a', 'b', 'late']);
  scheduler.runDeferred();
  is(flushed.length, 3);
});
