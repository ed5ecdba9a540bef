// Measures: what `run` and `tell` to an idle actor of the same shard cost beside a plain method call, and a queued tell.
// Threads: 1. Unit: nanoseconds a message. The receivers are of four different actors, as in a broker.
import { type ActorRef, child, defineActor, Shard } from '../../src/actors/index.ts';
import {
  assert,
  type Clock,
  ManualClock,
  ManualScheduler,
  silentLogger,
  systemClock,
  systemRandom,
} from '../../src/base/index.ts';
import { repeat, report, size } from '../support/measure.ts';

const messages = size(100_000, 20_000_000);
const rounds = size(3, 9);

interface Scratch {
  value: number;
}

interface Receiver {
  receive(message: Scratch): void;
}

const sums = [0, 0, 0, 0];

const add = (slot: number, value: number): void => {
  sums[slot] = (sums[slot] as number) + value;
};

/** Four receivers of one shape but different code, so that the call site is polymorphic. */
const receivers: readonly (() => Receiver)[] = [
  () => ({ receive: (message: Scratch) => add(0, message.value) }),
  () => ({ receive: (message: Scratch) => add(1, message.value) }),
  () => ({ receive: (message: Scratch) => add(2, message.value) }),
  () => ({ receive: (message: Scratch) => add(3, message.value) }),
];

const createShard = (clock: Clock): { shard: Shard; refs: ActorRef<Scratch>[] } => {
  const scheduler = new ManualScheduler(new ManualClock());
  const shard = new Shard({ clock, random: systemRandom, scheduler, logger: silentLogger });
  const refs = receivers.map((start, index) => {
    const actor = defineActor<undefined, Scratch>({ name: `receiver-${index}`, start });
    return shard.spawnRoot(child({ id: `r${index}`, actor, config: undefined }));
  });
  return { shard, refs };
};

/** Times `body`, which must hand every message to a receiver, and checks that it did. */
const measure = (body: (scratch: Scratch) => void): number => {
  sums.fill(0);
  const scratch = { value: 0 };
  const startMs = performance.now();
  body(scratch);
  const tookMs = performance.now() - startMs;
  const total = sums.reduce((sum, value) => sum + value, 0);
  assert(total === ((messages - 1) * messages) / 2, 'lost messages');
  return (tookMs * 1e6) / messages;
};

const plainObjects = receivers.map((start) => start());
const plain = await repeat(rounds, () =>
  measure((scratch) => {
    for (let n = 0; n < messages; n++) {
      scratch.value = n;
      (plainObjects[n & 3] as Receiver).receive(scratch);
    }
  }),
);

const { shard, refs } = createShard(systemClock);
const run = await repeat(rounds, () =>
  measure((scratch) => {
    for (let n = 0; n < messages; n++) {
      scratch.value = n;
      if (!(refs[n & 3] as ActorRef<Scratch>).run(scratch)) throw new Error('refused');
    }
  }),
);

const tell = await repeat(rounds, () =>
  measure((scratch) => {
    for (let n = 0; n < messages; n++) {
      scratch.value = n;
      if (!(refs[n & 3] as ActorRef<Scratch>).tell(scratch)) throw new Error('refused');
    }
  }),
);

// A queued tell: each message makes its actor tell itself the next one, so that all but the first are queued.
const queued = await repeat(rounds, () => {
  const own = new Shard({
    clock: systemClock,
    random: systemRandom,
    scheduler: new ManualScheduler(new ManualClock()),
    logger: silentLogger,
  });
  let handled = 0;
  const actor = defineActor<undefined, number>({
    name: 'queued',
    start: (_, context) => ({
      receive(left) {
        handled += 1;
        if (left > 0) context.self.tell(left - 1);
      },
    }),
  });
  const ref = own.spawnRoot(child({ id: 'q', actor, config: undefined }));
  const startMs = performance.now();
  ref.tell(messages - 1);
  while (own.runOnce());
  assert(handled === messages, 'lost messages');
  return ((performance.now() - startMs) * 1e6) / messages;
});

const handled = shard.inspect().root.children.reduce((sum, each) => sum + each.handled, 0);
assert(handled === 2 * (rounds + 1) * messages, 'counters are wrong');
report('actors/run', 'ns', { plain, run, tell, queued });
