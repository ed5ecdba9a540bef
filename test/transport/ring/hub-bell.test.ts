import { equal, is } from 'uvu/assert';
import { ManualClock, ManualScheduler, systemClock } from '../../../src/base/index.ts';
import { Doorbell } from '../../../src/ring/index.ts';
import { openDoorbell, scheduledBells } from '../../../src/transport/ring/hub-bell.ts';
import { suite } from '../../support/suite.ts';

const test = suite('doorbells of hubs');

test('a scheduled bell wakes who sleeps, once, in a later turn', () => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const openBell = scheduledBells(scheduler);
  const memory = Doorbell.memory();
  let hasWork = true;
  const near = openBell(memory, { clock, hasWork: () => hasWork });
  const far = openBell(memory);
  const woken: number[] = [];
  is(far.ring(), false, 'nobody sleeps');
  is(
    near.park(() => woken.push(1)),
    false,
    'there is work',
  );
  hasWork = false;
  is(
    near.park(() => woken.push(2)),
    true,
  );
  is(openBell(Doorbell.memory()).ring(), false, 'another bell');
  is(far.ring(), true);
  equal(woken, []);
  scheduler.runDeferred();
  is(far.ring(), false);
  scheduler.runDeferred();
  equal(woken, [2]);
  near.park(() => woken.push(3));
  near.unpark();
  is(far.ring(), false, 'it runs for another reason');
  near.park(() => woken.push(4));
  near.close();
  is(far.ring(), false);
});

test('real bells are doorbells', () => {
  const memory = Doorbell.memory();
  const near = openDoorbell(memory, { clock: systemClock, hasWork: () => false, spinUs: 0 });
  is(near instanceof Doorbell, true);
  is(openDoorbell(memory).ring(), false);
  near.close();
});
