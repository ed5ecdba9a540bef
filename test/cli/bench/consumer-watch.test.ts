import * as assert from 'uvu/assert';
import { systemClock } from '../../../src/base/index.ts';
import { Arrivals } from '../../../src/cli/bench/arrivals.ts';
import { type Watch, watchConsumer } from '../../../src/cli/bench/consumer-watch.ts';
import { freePort } from '../../support/free-ports.ts';
import { suite } from '../../support/suite.ts';
import { goesOn } from './embedded-fixture.ts';

const test = suite('consumer watch');

const watchOf = (arrivals: Arrivals, more: Partial<Watch>): Watch => ({
  arrivals,
  addresses: [],
  seconds: 0,
  warmSeconds: 0,
  quantity: 0,
  interrupted: goesOn,
  print: () => undefined,
  cpuMicros: () => 0,
  ...more,
});

/** Messages that come every few milliseconds, until the returned function is called. */
const deliver = (arrivals: Arrivals): (() => void) => {
  const timer = setInterval(() => arrivals.note(systemClock.monotonicMs(), 1, 1, 10), 5);
  return () => clearInterval(timer);
};

test('processor time of the warm-up is charged to no message', async () => {
  let spent = 0;
  setTimeout(() => {
    spent = 1_000_000;
  }, 10);
  const bounds = { warmSeconds: 0.3, seconds: 0.2 };
  const watch = watchOf(new Arrivals(), { ...bounds, cpuMicros: () => spent });
  assert.is((await watchConsumer(watch)).cpuMicros, 0);
});

test('a number of messages is counted from the end of the warm-up', async () => {
  const arrivals = new Arrivals();
  const end = deliver(arrivals);
  const fromMs = performance.now();
  const ended = await watchConsumer(watchOf(arrivals, { warmSeconds: 0.4, quantity: 10 }));
  end();
  assert.is(ended.problem, undefined);
  assert.ok(performance.now() - fromMs >= 450);
  assert.ok(arrivals.recorder.messages >= 10);
  assert.ok(ended.seconds > 0);
});

test('a run that is interrupted within its warm-up has measured nothing, and says so', async () => {
  const arrivals = new Arrivals();
  const end = deliver(arrivals);
  const interrupted = AbortSignal.timeout(150);
  const ended = await watchConsumer(watchOf(arrivals, { warmSeconds: 20, interrupted }));
  end();
  assert.match(ended.problem ?? '', /ended within its warm-up/);
  assert.equal([arrivals.recorder.messages, ended.seconds, ended.cpuMicros], [0, 0, 0]);
});

test('where nothing comes any more and a broker is gone, it is named', async () => {
  const dead = `127.0.0.1:${await freePort()}`;
  const ended = await watchConsumer(watchOf(new Arrivals(), { addresses: [dead] }));
  assert.match(ended.problem ?? '', new RegExp(`${dead} is gone`));
});
