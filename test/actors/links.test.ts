import * as assert from 'uvu/assert';
import {
  type ActorContext,
  type ActorRef,
  child,
  defineActor,
  POLL_RECORDS_MAX,
} from '../../src/actors/index.ts';
import { type LinkMemory, Links, Presence } from '../../src/actors/links.ts';
import { Mesh, threadMemory } from '../../src/actors/mesh.ts';
import { type Logger, silentLogger } from '../../src/base/index.ts';
import { RingWriter } from '../../src/ring/index.ts';
import { suite } from '../support/suite.ts';
import { manualShard } from './support.ts';

const test = suite('actors/links');

interface Question {
  readonly value: number;
  readonly replyTo: ActorRef<number>;
}

type Act = (context: ActorContext<Act | number | undefined>) => void;

/** Shards of one thread, linked as threads are; their rings are read when the manual scheduler runs. */
const createWorld = (ringBytes = 4096) => {
  const mesh = new Mesh(ringBytes);
  const logged: string[] = [];
  const logger: Logger = { ...silentLogger, error: (_, text) => void logged.push(text) };
  const join = (name: string) => {
    const world = manualShard({ name, logger });
    const memory = threadMemory();
    const { shard, clock, scheduler } = world;
    const { doorbell } = memory;
    const links = new Links({ shard, doorbell, clock, scheduler, logger, keepAlive: false });
    const memories: LinkMemory[] = [];
    const connect = (link: LinkMemory): void => {
      memories.push(link);
      links.connect(link);
    };
    const disconnect = (other: string): void => links.disconnect(other);
    for (const link of mesh.add({ name, ...memory, connect, disconnect })) connect(link);
    const serve = (): void => {
      new Presence(memory.presence).set(true);
      links.open();
    };
    return { ...world, links, serve, memories };
  };
  return { mesh, join, logged };
};

const pair = (ringBytes?: number) => {
  const world = createWorld(ringBytes);
  const a = world.join('a');
  const b = world.join('b');
  const got: (number | undefined)[] = [];
  const seen: number[] = [];
  const asker = defineActor<undefined, Act | number | undefined>({
    name: 'asker',
    start: (_, context) => ({
      receive: (message) =>
        typeof message === 'function' ? message(context) : void got.push(message),
    }),
  });
  const answerer = defineActor<undefined, Question>({
    name: 'answerer',
    start: () => ({
      receive({ value, replyTo }) {
        seen.push(value);
        if (value >= 0) replyTo.tell(value * 2);
      },
    }),
  });
  const asks = a.shard.spawnRoot(child({ id: 'asker', actor: asker, config: undefined }));
  b.shard.spawnRoot(child({ id: 'answerer', actor: answerer, config: undefined }));
  const target = a.shard.resolve<Question>('b', 'answerer');
  const ask = (value: number): void => {
    asks.tell((context) =>
      context.ask<number>(
        (replyTo) => target.tell({ value, replyTo }),
        1_000,
        (reply) => reply,
      ),
    );
  };
  /** Both threads read what is in their rings. */
  const exchange = (): void => {
    for (let n = 0; n < 4; n++) {
      for (const each of [a, b]) {
        each.links.open();
        each.settle();
      }
    }
  };
  return { ...world, a, b, got, seen, target, ask, asks, exchange };
};

test('a question goes over and its answer comes back', () => {
  const { a, b, ask, got, exchange } = pair();
  a.serve();
  b.serve();
  ask(21);
  assert.equal(got, []);
  exchange();
  assert.equal(got, [42]);
});

test('before a shard serves tells are refused, but answers to it pass', () => {
  const { a, b, ask, got, exchange } = pair();
  ask(1);
  a.settle();
  assert.equal(got, [undefined], 'the ask ended at once');
  b.serve();
  ask(2);
  exchange();
  assert.equal(got, [undefined, 4], 'a does not serve yet');
  assert.not(b.shard.resolve<Act>('a', 'asker').tell(() => undefined));
});

test('run never crosses a thread', () => {
  const { b, target, seen, exchange } = pair();
  b.serve();
  assert.not(target.run({ value: 1, replyTo: target as never }));
  exchange();
  assert.equal(seen, []);
});

test('a full ring refuses, keeps what it took, and takes more once it is read', () => {
  const { b, target, seen, exchange, a } = pair(1024);
  b.serve();
  const replyTo = a.shard.resolve<number>('a', 'asker');
  const taken: number[] = [];
  for (let value = -1; value > -200; value--) {
    if (target.tell({ value, replyTo })) taken.push(value);
  }
  assert.ok(taken.length > 2 && taken.length < 199);
  exchange();
  assert.equal(seen, taken);
  assert.ok(target.tell({ value: -1, replyTo }));
});

test('one read takes POLL_RECORDS_MAX messages, then the thread has other turns', () => {
  const { b, target, seen, a } = pair(1 << 20);
  b.serve();
  b.settle();
  const replyTo = a.shard.resolve<number>('a', 'asker');
  const count = POLL_RECORDS_MAX + 5;
  for (let n = 0; n < count; n++) assert.ok(target.tell({ value: -1, replyTo }));
  b.links.open();
  assert.throws(() => b.scheduler.runDeferred(1), 'feed themselves');
  assert.is(seen.length, POLL_RECORDS_MAX);
  b.settle();
  assert.is(seen.length, count);
});

test('when a thread is gone its questions end early and its address works for its successor', () => {
  const { mesh, join, a, b, ask, got, exchange, target } = pair();
  a.serve();
  b.serve();
  ask(-1);
  exchange();
  assert.equal(got, []);
  mesh.remove('b');
  assert.equal(got, [undefined]);
  assert.not(target.tell({ value: 1, replyTo: target as never }));
  const next = join('b');
  const seen: number[] = [];
  const actor = defineActor<undefined, Question>({
    name: 'next',
    start: () => ({ receive: ({ value }) => void seen.push(value) }),
  });
  next.shard.spawnRoot(child({ id: 'answerer', actor, config: undefined }));
  next.serve();
  assert.ok(target.tell({ value: 7, replyTo: a.shard.resolve('a', 'asker') }));
  next.settle();
  assert.equal(seen, [7]);
});

test('a watch across shards fires on the end of the actor, and on the end of its shard', () => {
  const { mesh, a, b, asks, got, exchange, target } = pair();
  a.serve();
  b.serve();
  asks.tell((context) => context.watch(target, 1));
  asks.tell((context) => context.watch(context.resolve('b', 'nobody'), 2));
  exchange();
  assert.equal(got, [2]);
  mesh.remove('b');
  assert.equal(got, [2, 1]);
  asks.tell((context) => context.watch(target, 3));
  a.settle();
  assert.equal(got, [2, 1, 3], 'a shard that is not there');
});

test('a message that cannot be read is logged and the next one is delivered', () => {
  const { a, b, target, seen, logged, exchange } = pair();
  b.serve();
  const [link] = a.memories;
  assert.ok(link);
  if (link === undefined) return;
  const writer = new RingWriter(link.outgoing);
  writer.bytes.fill(0x7f, writer.claim(16, 1), 16);
  writer.commit();
  exchange();
  assert.equal(logged, ['a message from another shard cannot be read']);
  a.links.connect(link);
  assert.ok(target.tell({ value: -5, replyTo: a.shard.resolve('a', 'asker') }));
  exchange();
  assert.equal(seen, [-5]);
});
