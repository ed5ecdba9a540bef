import { equal, is } from 'uvu/assert';
import { Permits } from '../../src/client/permits.ts';
import { suite } from '../support/suite.ts';

const test = suite('permits');

test('the limit holds, and those who wait come in order', async () => {
  const permits = new Permits(2);
  const order: number[] = [];
  let running = 0;
  let most = 0;
  const work = (index: number) => async (): Promise<number> => {
    order.push(index);
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return index;
  };
  const results = await Promise.all([0, 1, 2, 3, 4].map((index) => permits.run(work(index))));
  equal(results, [0, 1, 2, 3, 4]);
  equal(order, [0, 1, 2, 3, 4]);
  is(most, 2);
  is(permits.free, 2);
});

test('work that fails gives its permit back', async () => {
  const permits = new Permits(1);
  const fails = permits.run(() => {
    throw new Error('no');
  });
  const next = permits.run(() => 'next');
  is(await fails.catch(() => 'failed'), 'failed');
  is(await next, 'next');
  is(permits.free, 1);
});

test('a permit taken by hand counts, and wakes who waits when it is given back', async () => {
  const permits = new Permits(1);
  is(permits.tryTake(), true);
  is(permits.tryTake(), false);
  let isRun = false;
  const waiting = permits.run(() => {
    isRun = true;
  });
  is(isRun, false);
  permits.give();
  await waiting;
  is(isRun, true);
  is(permits.free, 1);
});
