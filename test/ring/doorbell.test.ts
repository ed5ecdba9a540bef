import { spawnSync } from 'node:child_process';
import { equal, is, ok, throws } from 'uvu/assert';
import { ManualClock, systemClock } from '../../src/base/index.ts';
import { Doorbell } from '../../src/ring/index.ts';
import { PARKED_WORD } from '../../src/ring/layout.ts';
import { suite } from '../support/suite.ts';

const test = suite('doorbell');

/** A consumer over one flag, with a hook that runs at each look for work: every step of another thread can be put there. */
const open = (options: { spinUs?: number; onLook?: (look: number) => void } = {}) => {
  const memory = Doorbell.memory();
  const facts = { published: false, looks: 0 };
  const producer = new Doorbell(memory);
  const publish = (): boolean => {
    facts.published = true;
    return producer.ring();
  };
  const consumer = new Doorbell(memory, {
    clock: systemClock,
    spinUs: options.spinUs ?? 0,
    keepAlive: false,
    hasWork: () => {
      facts.looks += 1;
      const seen = facts.published; // The look itself; what the hook publishes comes right after it.
      options.onLook?.(facts.looks);
      return seen;
    },
  });
  return { memory, words: new Int32Array(memory), facts, producer, publish, consumer };
};

const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

test('R7: ringing at a running consumer wakes nobody', () => {
  const { words, publish } = open();
  is(publish(), false);
  is(Atomics.load(words, PARKED_WORD), 0);
});

test('R7: of many producers only one wakes the parked consumer', async () => {
  const { memory, consumer } = open();
  let wakes = 0;
  is(
    consumer.park(() => {
      wakes += 1;
    }),
    true,
  );
  const rung = [1, 2, 3].map(() => new Doorbell(memory).ring());
  equal(rung, [true, false, false]);
  is(wakes, 0, 'a wake-up comes in a later turn');
  while (wakes === 0) await nextTurn();
  await nextTurn();
  is(wakes, 1);
});

test('a consumer with work does not park', () => {
  const { words, facts, consumer } = open();
  facts.published = true;
  is(
    consumer.park(() => undefined),
    false,
  );
  is(consumer.waitSync(60_000), true);
  is(Atomics.load(words, PARKED_WORD), 0);
});

test('a wait that times out says so and leaves the consumer running', () => {
  const { words, consumer, producer } = open();
  is(consumer.waitSync(1), false);
  is(Atomics.load(words, PARKED_WORD), 0);
  is(producer.ring(), false);
});

test('R6: a wait never sleeps over a record, whichever look it is published after', () => {
  for (const look of [1, 2]) {
    const at = open({ onLook: (count) => count === look && at.publish() });
    const startMs = performance.now();
    is(at.consumer.waitSync(20_000), true, `published after look ${look}`);
    ok(performance.now() - startMs < 10_000, `slept although published after look ${look}`);
    is(Atomics.load(at.words, PARKED_WORD), 0);
  }
});

test('R6: a park never sleeps over a record, whichever look it is published after', async () => {
  for (const look of [1, 2]) {
    const at = open({ onLook: (count) => count === look && at.publish() });
    const woken = new Promise<boolean>((resolve) => {
      if (!at.consumer.park(() => resolve(true))) resolve(true);
    });
    is(await woken, true);
    is(Atomics.load(at.words, PARKED_WORD), 0);
  }
});

test('parking again replaces the older callback and leaves a single waiter', async () => {
  const { words, consumer, publish } = open();
  const woken: number[] = [];
  for (let park = 0; park < 1000; park++) {
    if (park % 3 === 1) consumer.unpark();
    consumer.park(() => woken.push(park));
  }
  // Raw: how many waiters are in the engine's list? Each would be a promise that is never collected.
  is(Atomics.notify(words, PARKED_WORD), 1);
  while (woken.length === 0) await nextTurn();
  equal(woken, [999]);
  is(publish(), true, 'the consumer never came back to store that it runs');
});

test('R6: parking again between a wake-up and its callback loses nothing', async () => {
  const { facts, consumer, publish } = open();
  let wakes = 0;
  consumer.park(() => undefined);
  publish(); // The engine has resolved the promise, its callback comes later.
  facts.published = false; // Another event drained the rings ...
  const rested = new Promise<void>((resolve) => {
    const turn = (): void => {
      wakes += 1;
      if (facts.published) resolve();
      else if (!consumer.park(turn)) turn();
    };
    is(consumer.park(turn), true); // ... and parked again.
  });
  publish();
  await rested;
  ok(wakes >= 1);
});

test('after unpark nobody is woken and the old callback does not run', async () => {
  const { consumer, producer } = open();
  let wakes = 0;
  consumer.park(() => {
    wakes += 1;
  });
  consumer.unpark();
  is(producer.ring(), false);
  await nextTurn();
  is(wakes, 0);
});

test('closing releases the waiter, runs no callback and allows no further park', async () => {
  const { words, consumer } = open();
  let wakes = 0;
  consumer.park(() => {
    wakes += 1;
  });
  consumer.close();
  await nextTurn();
  await nextTurn();
  is(wakes, 0);
  is(Atomics.notify(words, PARKED_WORD), 0);
  throws(() => consumer.park(() => undefined), /closed/);
});

test('spinning looks more than once and finds what comes meanwhile without parking', () => {
  const at = open({ spinUs: 1_000_000, onLook: (look) => look === 500 && at.publish() });
  is(at.consumer.waitSync(0), true);
  is(at.facts.looks, 501);
});

test('a clock that stands still ends the spin', () => {
  const consumer = new Doorbell(Doorbell.memory(), {
    clock: new ManualClock(),
    hasWork: () => false,
  });
  is(consumer.waitSync(1), false);
});

test('only a consumer parks, and only on a doorbell', () => {
  throws(() => new Doorbell(Doorbell.memory()).waitSync(1), /only the consumer/);
  throws(() => new Doorbell(new SharedArrayBuffer(4)), /doorbell/);
});

// A process whose only business is a park: a worker rings after a tenth of a second, or never.
const parkedProcess = (keepAlive: boolean, action: string) => `
  import { Worker } from 'node:worker_threads';
  import { systemClock } from ${JSON.stringify(new URL('../../src/base/index.js', import.meta.url))};
  import { Doorbell } from ${JSON.stringify(new URL('../../src/ring/index.js', import.meta.url))};
  const memory = Doorbell.memory();
  const bell = new Doorbell(memory, { clock: systemClock, hasWork: () => false, keepAlive: ${keepAlive} });
  bell.park(() => { console.log('woken'); bell.close(); });
  const ringer = \`
    import { workerData } from 'node:worker_threads';
    const words = new Int32Array(workerData);
    Atomics.wait(words, 8, 0, 100);
    Atomics.store(words, 0, 0);
    Atomics.notify(words, 0);
  \`;
  if (globalThis.gc) for (let round = 0; round < 5; round++) globalThis.gc();
  ${action}
`;
const runProcess = (source: string) =>
  spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', source], {
    encoding: 'utf8',
    timeout: 20_000,
  });
const RING_LATER = 'new Worker(ringer, { eval: true, workerData: memory }).unref();';

test('a parked thread stays alive until it is woken, and ends once the doorbell is closed', () => {
  const { stdout, stderr, status } = runProcess(parkedProcess(true, RING_LATER));
  is(stderr, '');
  is(stdout, 'woken\n');
  is(status, 0);
});

test('without keepAlive a parked thread may end', () => {
  const { stdout, stderr, status } = runProcess(parkedProcess(false, RING_LATER));
  is(stderr, '');
  is(stdout, '');
  is(status, 0);
});

test('closing a parked doorbell lets the thread end', () => {
  const { stdout, status, error } = runProcess(parkedProcess(true, 'bell.close();'));
  is(error, undefined);
  is(stdout, '');
  is(status, 0);
});
