import * as assert from 'uvu/assert';
import {
  type ActorContext,
  type ActorRef,
  ASKS_MAX,
  child,
  defineActor,
  TIMERS_MAX,
} from '../../src/actors/index.ts';
import { suite } from '../support/suite.ts';
import { manualShard } from './support.ts';

const test = suite('actors/context');

type Act = (context: ActorContext<Act | string>) => void;

/** An actor that does what it is told with its context, and writes down texts. */
const start = () => {
  const world = manualShard();
  const texts: string[] = [];
  const contexts: ActorContext<Act | string>[] = [];
  const actor = defineActor<undefined, Act | string>({
    name: 'actor',
    start(_, context) {
      contexts.push(context);
      return {
        receive(message) {
          if (typeof message === 'string') texts.push(message);
          else message(context);
        },
      };
    },
  });
  const spawn = (id: string, restart: 'permanent' | 'temporary' = 'permanent') =>
    world.shard.spawnRoot(child({ id, actor, config: undefined, restart, mailboxMax: 1 }));
  const code = (ref: ActorRef<Act | string>, act: Act): string => {
    let found = 'none';
    ref.tell((context) => {
      try {
        act(context);
      } catch (error) {
        found = (error as { code: string }).code;
      }
    });
    return found;
  };
  return { ...world, texts, contexts, spawn, code, ref: spawn('a') };
};

const fail: Act = () => {
  throw new Error('fail');
};

test('timers deliver in the order of their time, and a cancelled one never', () => {
  const { ref, texts, scheduler } = start();
  ref.tell((context) => {
    context.setTimer(20, 'late');
    context.setTimer(10, 'early');
    context.setTimer(15, 'cancelled').cancel();
  });
  scheduler.advance(19);
  assert.equal(texts, ['early']);
  scheduler.advance(1);
  assert.equal(texts, ['early', 'late']);
  assert.is(scheduler.pendingTimers, 0);
});

test('a restarted or stopped actor never gets the timers of its predecessor', () => {
  const { ref, texts, scheduler, contexts, settle } = start();
  ref.tell((context) => void context.setTimer(10, 'old'));
  ref.tell(fail);
  settle();
  assert.is(scheduler.pendingTimers, 0);
  assert.ok(contexts[0]?.isEnded);
  contexts[0]?.setTimer(5, 'from the grave');
  ref.tell((context) => void context.setTimer(10, 'new'));
  scheduler.advance(20);
  assert.equal(texts, ['new']);
  assert.is(contexts.length, 2);
});

test('a timer is delivered although the mailbox is full, behind what waits', () => {
  const { ref, texts, scheduler } = start();
  ref.tell((context) => {
    context.setTimer(0, 'timer');
    assert.ok(ref.tell('mail'));
    assert.not(ref.tell('too much'));
  });
  scheduler.advance(0);
  assert.equal(texts, ['mail', 'timer']);
});

test('an ask delivers the reply once; a second reply is a dead letter', () => {
  const { ref, texts, scheduler, shard, spawn } = start();
  const other = spawn('b');
  let replyTo: ActorRef<string> | undefined;
  ref.tell((context) =>
    context.ask<string>(
      (reply) => {
        replyTo = reply;
        return other.tell(() => void reply.tell('answer'));
      },
      100,
      (reply) => `got ${reply}`,
    ),
  );
  scheduler.runDeferred();
  assert.equal(texts, ['got answer']);
  assert.is(scheduler.pendingTimers, 0, 'the deadline is gone');
  assert.not(replyTo?.tell('again'));
  assert.is(shard.deadLetters, 1);
});

test('an ask ends at its deadline, exactly, and the late reply is a dead letter', () => {
  const { ref, texts, scheduler, shard } = start();
  let replyTo: ActorRef<string> | undefined;
  ref.tell((context) =>
    context.ask<string>(
      (reply) => {
        replyTo = reply;
        return true;
      },
      100,
      (reply) => `got ${reply}`,
    ),
  );
  scheduler.advance(99);
  assert.equal(texts, []);
  assert.is(shard.inspect().asks, 1);
  scheduler.advance(1);
  assert.equal(texts, ['got undefined']);
  assert.not(replyTo?.tell('late'));
  assert.is(shard.deadLetters, 1);
  assert.is(shard.inspect().asks, 0);
});

test('an ask that could not be sent ends at once', () => {
  const { ref, texts, settle } = start();
  ref.tell((context) =>
    context.ask(
      () => false,
      1e9,
      (reply) => `got ${reply}`,
    ),
  );
  settle();
  assert.equal(texts, ['got undefined']);
});

test('a reply to a restarted actor is a dead letter, and its deadline is gone', () => {
  const { ref, texts, settle, scheduler, shard } = start();
  let replyTo: ActorRef<string> | undefined;
  ref.tell((context) =>
    context.ask<string>(
      (reply) => {
        replyTo = reply;
        return true;
      },
      100,
      (reply) => `got ${reply}`,
    ),
  );
  ref.tell(fail);
  settle();
  assert.not(replyTo?.tell('x'));
  assert.is(shard.deadLetters, 1);
  assert.is(scheduler.pendingTimers, 0);
  assert.equal(texts, []);
});

test('a failure in the mapping of a reply is the failure of who asked', () => {
  const { ref, settle, spawn, contexts, shard } = start();
  const other = spawn('b');
  ref.tell((context) =>
    context.ask<string>(
      (reply) => other.tell(() => void reply.tell('x')),
      100,
      () => {
        throw new Error('mapping');
      },
    ),
  );
  settle();
  assert.is(contexts.length, 3, 'one of the two was started again');
  const restarts = shard.inspect().root.children.map(({ id, restarts: n }) => [id, n]);
  assert.equal(restarts, [
    ['a', 1],
    ['b', 0],
  ]);
});

test('a watch tells of the end for good, not of restarts', () => {
  const { ref, texts, settle, spawn } = start();
  const permanent = spawn('p');
  const temporary = spawn('t', 'temporary');
  ref.tell((context) => {
    context.watch(permanent, 'p is gone');
    context.watch(temporary, 't is gone');
  });
  permanent.tell(fail);
  temporary.tell(fail);
  settle();
  assert.equal(texts, ['t is gone']);
  ref.tell((context) => context.watch(temporary, 't is gone already'));
  settle();
  assert.equal(texts, ['t is gone', 't is gone already']);
});

test('the watches of an earlier incarnation are over', () => {
  const { ref, texts, settle, spawn } = start();
  const temporary = spawn('t', 'temporary');
  ref.tell((context) => context.watch(temporary, 't is gone'));
  ref.tell(fail);
  settle();
  temporary.tell(fail);
  settle();
  assert.equal(texts, []);
});

test('an actor stops only itself and its own children', () => {
  const { ref, code, spawn } = start();
  const other = spawn('b');
  assert.is(
    code(ref, (context) => context.stop(other)),
    'NOT_A_CHILD',
  );
});

test('an ended incarnation starts nothing any more', () => {
  const { ref, contexts, settle, texts } = start();
  ref.tell(fail);
  settle();
  const [old] = contexts;
  assert.ok(old);
  assert.throws(
    () =>
      old?.spawn({
        id: 'x',
        actor: defineActor<undefined, never>({
          name: 'x',
          start: () => ({ receive: () => undefined }),
        }),
        config: undefined,
      }),
    (error: { code: string }) => error.code === 'NOT_RUNNING',
  );
  old?.stop(ref);
  old?.watch(ref, 'x');
  old?.escalate(new Error('late'));
  old?.ask(
    () => true,
    1,
    () => 'x',
  );
  settle();
  assert.equal(texts, []);
  assert.is(contexts.length, 2);
});

test('pending timers and asks of one actor are limited', () => {
  const { ref, code, scheduler } = start();
  assert.is(
    code(ref, (context) => {
      for (let n = 0; n < TIMERS_MAX; n++) context.setTimer(1, 'x');
    }),
    'none',
  );
  assert.is(
    code(ref, (context) => void context.setTimer(1, 'x')),
    'LIMIT_REACHED',
  );
  const ask: Act = (context) =>
    context.ask(
      () => true,
      1,
      () => 'x',
    );
  assert.is(
    code(ref, (context) => {
      for (let n = 0; n < ASKS_MAX; n++) ask(context);
    }),
    'none',
  );
  assert.is(code(ref, ask), 'LIMIT_REACHED');
  scheduler.advance(1);
  assert.is(code(ref, ask), 'none', 'answered questions make room');
});
