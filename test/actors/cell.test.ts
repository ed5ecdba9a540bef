import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import {
  type ActorRef,
  child,
  defineActor,
  NESTING_MAX,
  TURN_MESSAGES_MAX,
} from '../../src/actors/index.ts';
import { suite } from '../support/suite.ts';
import { manualShard, type Step, scripted } from './support.ts';

const test = suite('actors/cell');

/** An actor whose `receive` is the test's own function. */
const custom = (receive: (message: number) => void) =>
  defineActor<undefined, number>({ name: 'custom', start: () => ({ receive }) });

const root = (receive: (message: number) => void, mailboxMax = 4) => {
  const world = manualShard();
  const actor = child({ id: 'a', actor: custom(receive), config: undefined, mailboxMax });
  return { ...world, ref: world.shard.spawnRoot(actor) };
};

test('a tell to an idle actor runs in the turn of its caller, in order', () => {
  const seen: number[] = [];
  const { ref } = root((message) => seen.push(message));
  for (const message of [1, 2, 3]) assert.ok(ref.tell(message));
  assert.equal(seen, [1, 2, 3]);
});

test('C3: a tell to itself is queued and never runs inside the running receive', () => {
  let depth = 0;
  const seen: string[] = [];
  const { ref, settle } = root((message) => {
    depth += 1;
    seen.push(`${message}@${depth}`);
    if (message < 3) assert.ok(ref.tell(message + 1));
    assert.not(ref.run(99), 'busy');
    depth -= 1;
  });
  ref.tell(1);
  assert.equal(seen, ['1@1']);
  settle();
  assert.equal(seen, ['1@1', '2@1', '3@1']);
});

test('a cycle of two actors is queued, not recursive', () => {
  const { shard, settle } = manualShard();
  const seen: string[] = [];
  let depth = 0;
  const refs: ActorRef<number>[] = [];
  const member = (self: number) =>
    custom((message) => {
      depth += 1;
      seen.push(`${self}:${message}@${depth}`);
      if (message < 4) refs[1 - self]?.tell(message + 1);
      depth -= 1;
    });
  for (const index of [0, 1]) {
    const spec = { id: `m${index}`, actor: member(index), config: undefined };
    refs.push(shard.spawnRoot(child(spec)));
  }
  refs[0]?.tell(1);
  settle();
  assert.equal(
    seen.map((entry) => entry.split('@')[0]),
    ['0:1', '1:2', '0:3', '1:4'],
  );
  assert.ok(seen.every((entry) => Number(entry.split('@')[1]) <= 2));
});

test('a chain of different actors nests NESTING_MAX deep, the rest is queued', () => {
  const { shard, settle } = manualShard();
  const refs: ActorRef<number>[] = [];
  let depth = 0;
  let deepest = 0;
  let reached = 0;
  for (let index = 0; index < 100; index++) {
    const actor = custom((message) => {
      depth += 1;
      deepest = Math.max(deepest, depth);
      reached += 1;
      refs[index + 1]?.tell(message);
      depth -= 1;
    });
    refs.push(shard.spawnRoot(child({ id: `m${index}`, actor, config: undefined })));
  }
  refs[0]?.tell(1);
  settle();
  assert.is(reached, 100);
  assert.is(deepest, NESTING_MAX);
});

test('C1, C2: run refuses while messages are queued before it, and counts nothing then', () => {
  const seen: number[] = [];
  const { ref, shard, settle } = root((message) => {
    seen.push(message);
    if (message === 1) ref.tell(2);
  });
  assert.ok(ref.run(1));
  assert.not(ref.run(3), '2 waits in the mailbox');
  assert.is(shard.inspect().root.children[0]?.mailbox, 1);
  settle();
  assert.ok(ref.run(4));
  assert.equal(seen, [1, 2, 4]);
  assert.is(shard.inspect().root.children[0]?.handled, 3);
});

test('a full mailbox makes tell return false and is counted, and nothing is lost or doubled', () => {
  const seen: number[] = [];
  const answers: boolean[] = [];
  const { ref, shard, settle } = root((message) => {
    seen.push(message);
    if (message === 0) for (let next = 1; next <= 6; next++) answers.push(ref.tell(next));
  });
  ref.tell(0);
  settle();
  assert.equal(answers, [true, true, true, true, false, false]);
  assert.equal(seen, [0, 1, 2, 3, 4]);
  assert.is(shard.inspect().root.children[0]?.refused, 2);
});

test('an actor with much mail has TURN_MESSAGES_MAX messages a turn, then the next one', () => {
  const { shard } = manualShard();
  const order: string[] = [];
  const refs = ['a', 'b'].map((id) => {
    const config = { id, trace: order };
    return shard.spawnRoot(child({ id, actor: scripted, config }));
  });
  const fill = (ref: ActorRef<Step> | undefined): void => {
    ref?.tell({
      kind: 'call',
      body: () => {
        for (let n = 0; n < TURN_MESSAGES_MAX + 10; n++) ref.tell({ kind: 'note', text: 'x' });
      },
    });
  };
  for (const ref of refs) fill(ref);
  order.length = 0;
  assert.ok(shard.runOnce(), 'work is left');
  assert.equal(order, [
    ...new Array(TURN_MESSAGES_MAX).fill('a:x'),
    ...new Array(TURN_MESSAGES_MAX).fill('b:x'),
  ]);
  assert.not(shard.runOnce());
  assert.is(order.length, 2 * (TURN_MESSAGES_MAX + 10));
});

test('run returns false when the actor fails on the message; tell has delivered it', () => {
  const { ref, settle } = root((message) => {
    if (message < 0) throw new Error('negative');
  });
  assert.not(ref.run(-1));
  assert.not(ref.run(1), 'restarting');
  settle();
  assert.ok(ref.run(1), 'restarted');
  assert.ok(ref.tell(-1));
  assert.ok(ref.tell(1), 'queued until the restart');
});

test('busy time is measured for queued turns and sampled for direct calls', () => {
  const { ref, shard, clock, settle } = root((message) => {
    clock.advance(2);
    if (message === 1) ref.tell(2);
  });
  for (let n = 0; n < 128; n++) ref.run(0);
  const busyMs = (): number => shard.inspect().root.children[0]?.busyMs ?? -1;
  assert.is(busyMs(), 256, 'two samples of 2 ms, each for 64 calls');
  ref.run(1);
  settle();
  assert.is(busyMs(), 258);
});

/** What a model of one actor does with the same calls. */
interface Call {
  readonly kind: 'tell' | 'run' | 'turn';
  /** How many messages `receive` tells its own actor. */
  readonly own: number;
}

test('any mix of tell, run and turns is handled in the order of acceptance', () => {
  const call = fc.record<Call>(
    { kind: fc.constantFrom('tell', 'run', 'turn'), own: fc.nat({ max: 3 }) },
    { noNullPrototype: true },
  );
  void fc.assert(
    fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
      const { shard } = manualShard();
      const accepted: number[] = [];
      const handled: number[] = [];
      let last = 0;
      type Message = { readonly serial: number; readonly own: number };
      const actor = defineActor<undefined, Message>({
        name: 'model',
        start: (_, context) => ({
          receive(message) {
            handled.push(message.serial);
            for (let n = 0; n < message.own; n++) send('tell', context.self, 0);
          },
        }),
      });
      const send = (kind: 'tell' | 'run', ref: ActorRef<Message>, own: number): void => {
        last += 1;
        const serial = last;
        const before = accepted.length;
        accepted.push(serial);
        const wasQueued = accepted.length - 1 > handled.length;
        const answer = ref[kind]({ serial, own });
        if (kind === 'run') assert.is(answer, !wasQueued, 'run goes ahead exactly when idle');
        if (!answer) accepted.splice(before, 1);
      };
      const ref = shard.spawnRoot(child({ id: 'm', actor, config: undefined, mailboxMax: 5 }));
      for (const { kind, own } of calls) {
        if (kind === 'turn') shard.runOnce();
        else send(kind, ref, own);
      }
      while (shard.runOnce());
      assert.equal(handled, accepted);
    }),
    { numRuns: 300 },
  );
});
