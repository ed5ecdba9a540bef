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
import { report } from '../support/measure.ts';
import { type Sampled, sampled } from '../support/sampled.ts';

/** Messages a call. */
const MESSAGES = 1_000;

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

/** Samples `handOver`, which must hand a message to a receiver, and checks that each arrived. */
const measure = async (handOver: (n: number, scratch: Scratch) => void): Promise<Sampled> => {
  sums.fill(0);
  const scratch = { value: 0 };
  const result = await sampled(MESSAGES, () => {
    for (let n = 0; n < MESSAGES; n++) {
      scratch.value = n;
      handOver(n, scratch);
    }
  });
  const total = sums.reduce((sum, value) => sum + value, 0);
  assert(total === (result.operations * (MESSAGES - 1)) / 2, 'lost messages');
  return result;
};

const plainObjects = receivers.map((start) => start());
const plain = await measure((n, scratch) => (plainObjects[n & 3] as Receiver).receive(scratch));

const { shard, refs } = createShard(systemClock);
const run = await measure((n, scratch) => {
  if (!(refs[n & 3] as ActorRef<Scratch>).run(scratch)) throw new Error('refused');
});

const tell = await measure((n, scratch) => {
  if (!(refs[n & 3] as ActorRef<Scratch>).tell(scratch)) throw new Error('refused');
});

// A queued tell: each message makes its actor tell itself the next one, so that all but the first are queued.
const own = createShard(systemClock).shard;
let queuedHandled = 0;
const queuedActor = defineActor<undefined, number>({
  name: 'queued',
  start: (_, context) => ({
    receive(left) {
      queuedHandled += 1;
      if (left > 0) context.self.tell(left - 1);
    },
  }),
});
const ref = own.spawnRoot(child({ id: 'q', actor: queuedActor, config: undefined }));
const queued = await sampled(MESSAGES, () => {
  ref.tell(MESSAGES - 1);
  while (own.runOnce());
});
assert(queuedHandled === queued.operations, 'lost messages');

const handled = shard.inspect().root.children.reduce((sum, each) => sum + each.handled, 0);
assert(handled === run.operations + tell.operations, 'counters are wrong');
for (const [name, result] of Object.entries({ plain, run, tell, queued }))
  report(`actors/${name}`, 'ns', result);
