import * as assert from 'uvu/assert';
import { type Child, child, defineActor, supervisor } from '../../src/actors/index.ts';
import { suite } from '../support/suite.ts';
import { manualShard, type Step, scripted } from './support.ts';

const test = suite('actors/lifecycle');

const NOTE = (text: string): Step => ({ kind: 'note', text });
const THROW: Step = { kind: 'throw' };

test('children start in order and stop in reverse, parents after their children', () => {
  const { shard, settle } = manualShard();
  const trace: string[] = [];
  const leaf = (id: string): Child<Step> => child({ id, actor: scripted, config: { id, trace } });
  const nest = (id: string, children: readonly Child<never>[]): Child<never> =>
    supervisor({ id, strategy: 'oneForOne', restartsMax: 1, periodMs: 1_000, children });
  shard.spawnRoot(nest('s', [leaf('a'), nest('t', [leaf('b'), leaf('c')]), leaf('d')]));
  let isStopped = false;
  shard.stop(() => {
    isStopped = true;
  });
  settle();
  assert.ok(isStopped);
  const starts = ['a:start', 'b:start', 'c:start', 'd:start'];
  const stops = ['d', 'c', 'b', 'a'].map((id) => `${id}:stop:shutdown`);
  assert.equal(trace, [...starts, ...stops]);
});

test('mail is kept while an actor is restarted, in order, and its bound holds', () => {
  const { shard, settle, scheduler } = manualShard();
  const trace: string[] = [];
  const actor = child({ id: 'a', actor: scripted, config: { id: 'a', trace }, mailboxMax: 2 });
  const spec = {
    id: 's',
    strategy: 'oneForOne' as const,
    restartsMax: 3,
    periodMs: 60_000,
    backoff: { firstMs: 100, maxMs: 400, jitter: 0 },
    children: [actor],
  };
  shard.spawnRoot(supervisor(spec));
  const ref = shard.resolve<Step>(shard.name, 's/a');
  ref.tell(THROW);
  settle();
  assert.equal(
    [1, 2, 3].map((n) => ref.tell(NOTE(`${n}`))),
    [true, true, false],
  );
  assert.not(ref.run(NOTE('run')));
  const state = (): string | undefined => shard.inspect().root.children[0]?.children[0]?.state;
  assert.is(state(), 'restarting');
  scheduler.advance(99);
  assert.is(state(), 'restarting');
  scheduler.advance(1);
  assert.is(state(), 'running');
  assert.equal(trace, ['a:start', 'a:stop:failure', 'a:start', 'a:1', 'a:2']);
});

test('one restart more than the budget escalates to the parent, which is restarted with its children', () => {
  const { shard, settle, failures } = manualShard();
  const trace: string[] = [];
  const leaf = (id: string): Child<Step> => child({ id, actor: scripted, config: { id, trace } });
  const inner = supervisor({
    id: 'inner',
    strategy: 'oneForOne',
    restartsMax: 2,
    periodMs: 5_000,
    children: [leaf('a'), leaf('b')],
  });
  const outer = { strategy: 'oneForOne' as const, restartsMax: 1, periodMs: 5_000 };
  shard.spawnRoot(supervisor({ ...outer, id: 'outer', children: [inner] }));
  const a = shard.resolve<Step>(shard.name, 'outer/inner/a');
  const fail = (): void => {
    a.run(THROW);
    settle();
  };
  fail();
  fail();
  trace.length = 0;
  fail();
  assert.equal(trace, ['b:stop:shutdown', 'a:stop:failure', 'a:start', 'b:start']);
  assert.ok(a.tell(NOTE('x')), 'the address outlives the restart of its supervisor');
  assert.equal(failures, []);
  fail();
  fail();
  fail();
  assert.equal(failures, [], 'the root restarts the outer supervisor');
  const facts = shard.inspect().root.children[0];
  assert.is(facts?.restarts, 1);
  assert.is(facts?.children[0]?.state, 'running');
});

test('past the budget of the root the failure reaches the root hook and nothing runs any more', () => {
  const { shard, settle, failures } = manualShard({
    supervision: { strategy: 'oneForOne', restartsMax: 0, periodMs: 1_000 },
  });
  const trace: string[] = [];
  const ref = shard.spawnRoot(child({ id: 'a', actor: scripted, config: { id: 'a', trace } }));
  ref.tell({ kind: 'throw', text: 'the cause' });
  settle();
  assert.is(failures.length, 1);
  const error = failures[0] as Error & { code: string };
  assert.is(error.code, 'RESTARTS_EXCEEDED');
  assert.is((error.cause as Error).message, 'the cause');
  assert.equal(trace, ['a:start', 'a:stop:failure']);
  assert.not(ref.run(NOTE('x')));
});

test('a first start that fails fails the spawn, and undoes what it had started', () => {
  const { shard, settle, failures } = manualShard();
  const trace: string[] = [];
  const good = child({ id: 'a', actor: scripted, config: { id: 'a', trace } });
  const bad = child({
    id: 'b',
    actor: scripted,
    config: { id: 'b', trace, failStarts: { left: 9 } },
  });
  const spec = { id: 's', strategy: 'oneForOne' as const, restartsMax: 9, periodMs: 9 };
  let code = '';
  try {
    shard.spawnRoot(supervisor({ ...spec, children: [good, bad] }));
  } catch (error) {
    code = (error as { code: string }).code;
  }
  assert.is(code, 'START_FAILED');
  settle();
  assert.equal(trace, ['a:start', 'b:start-failed', 'a:stop:failure']);
  assert.equal(shard.inspect().root.children, []);
  assert.equal(failures, []);
});

test('a start that fails in a restart is tried again within the budget', () => {
  const { shard, settle } = manualShard();
  const trace: string[] = [];
  const failStarts = { left: 0 };
  const actor = child({ id: 'a', actor: scripted, config: { id: 'a', trace, failStarts } });
  const spec = { id: 's', strategy: 'oneForAll' as const, restartsMax: 3, periodMs: 5_000 };
  const other = child({ id: 'z', actor: scripted, config: { id: 'z', trace } });
  shard.spawnRoot(supervisor({ ...spec, children: [other, actor] }));
  const ref = shard.resolve<Step>(shard.name, 's/a');
  trace.length = 0;
  failStarts.left = 2;
  ref.tell(THROW);
  settle();
  assert.equal(trace, [
    'a:stop:failure',
    'z:stop:shutdown',
    'z:start',
    'a:start-failed',
    'z:stop:shutdown',
    'z:start',
    'a:start-failed',
    'z:stop:shutdown',
    'z:start',
    'a:start',
  ]);
  assert.ok(ref.run(NOTE('x')));
});

test('starts that go on failing use the budget up and escalate', () => {
  const { shard, settle, failures } = manualShard();
  const trace: string[] = [];
  const failStarts = { left: 0 };
  const actor = child({ id: 'a', actor: scripted, config: { id: 'a', trace, failStarts } });
  const spec = { id: 's', strategy: 'oneForOne' as const, restartsMax: 3, periodMs: 5_000 };
  shard.spawnRoot(supervisor({ ...spec, children: [actor] }));
  failStarts.left = 1_000;
  shard.resolve<Step>(shard.name, 's/a').tell(THROW);
  settle();
  assert.is(failures.length, 1, 'supervisor and root gave up one after the other');
  assert.is((failures[0] as { code: string }).code, 'RESTARTS_EXCEEDED');
});

test('a child that escalates is not restarted in place: its parent is', () => {
  for (const how of ['context', 'property'] as const) {
    const { shard, settle, failures } = manualShard();
    const trace: string[] = [];
    const store = defineActor<undefined, 'fail'>({
      name: 'store',
      start(_, context) {
        trace.push('store:start');
        return {
          receive() {
            const error = Object.assign(new Error('EIO'), { escalates: how === 'property' });
            if (how === 'property') throw error;
            context.escalate(error);
          },
          stop: (reason) => void trace.push(`store:stop:${reason}`),
        };
      },
    });
    const broker = defineActor<undefined, never>({
      name: 'broker',
      start(_, context) {
        trace.push('broker:start');
        context.spawn({ id: 'store', actor: store, config: undefined });
        return {
          receive: () => undefined,
          stop: (reason) => void trace.push(`broker:stop:${reason}`),
        };
      },
    });
    const spec = { id: 's', strategy: 'oneForOne' as const, restartsMax: 1, periodMs: 5_000 };
    const children = [child({ id: 'broker', actor: broker, config: undefined })];
    shard.spawnRoot(supervisor({ ...spec, children }));
    trace.length = 0;
    const ref = shard.resolve<'fail'>(shard.name, 's/broker/store');
    ref.run('fail');
    settle();
    assert.equal(trace, [
      'store:stop:failure',
      'broker:stop:failure',
      'broker:start',
      'store:start',
    ]);
    assert.equal(failures, []);
    ref.run('fail');
    settle();
    assert.is(shard.inspect().root.children[0]?.restarts, 1, 'one level only at a time');
  }
});

test('children spawned at run time end with their parent, and those it spawns again keep address and mail', () => {
  const { shard, settle } = manualShard();
  const trace: string[] = [];
  type Order = { readonly kind: 'spawn'; readonly id: string } | { readonly kind: 'throw' };
  const parent = defineActor<undefined, Order>({
    name: 'parent',
    start(_, context) {
      const spawn = (id: string): void => {
        context.spawn({ id, actor: scripted, config: { id, trace } });
      };
      spawn('fixed');
      return {
        receive(order) {
          if (order.kind === 'throw') throw new Error('parent');
          spawn(order.id);
        },
      };
    },
  });
  const ref = shard.spawnRoot(child({ id: 'p', actor: parent, config: undefined }));
  ref.tell({ kind: 'spawn', id: 'extra' });
  const fixed = shard.resolve<Step>(shard.name, 'p/fixed');
  const extra = shard.resolve<Step>(shard.name, 'p/extra');
  trace.length = 0;
  fixed.tell({
    kind: 'call',
    body: () => {
      fixed.tell(NOTE('kept'));
      extra.tell({ kind: 'call', body: () => void extra.tell(NOTE('lost')) });
      ref.tell({ kind: 'throw' });
    },
  });
  settle();
  assert.equal(trace, ['extra:stop:shutdown', 'fixed:stop:shutdown', 'fixed:start', 'fixed:kept']);
  assert.is(shard.deadLetters, 1, 'the mail of the actor that did not come back');
  assert.not(extra.tell(NOTE('x')));
});

test('thousands of actors under one parent restart together without using up the stack', () => {
  const { shard, settle } = manualShard();
  let starts = 0;
  const small = defineActor<undefined, 'throw'>({
    name: 'small',
    start() {
      starts += 1;
      return {
        receive() {
          throw new Error('x');
        },
      };
    },
  });
  const children = Array.from({ length: 20_000 }, (_, n) =>
    child({ id: `q${n}`, actor: small, config: undefined }),
  );
  const spec = { id: 's', strategy: 'oneForAll' as const, restartsMax: 1, periodMs: 5_000 };
  shard.spawnRoot(supervisor({ ...spec, children }));
  shard.resolve<'throw'>(shard.name, 's/q19999').tell('throw');
  settle();
  assert.is(starts, 40_000);
});

test('ids are unique among siblings and hold no slash', () => {
  const { shard } = manualShard();
  const trace: string[] = [];
  const spawn = (id: string): string => {
    try {
      shard.spawnRoot(child({ id, actor: scripted, config: { id, trace } }));
      return 'started';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  assert.equal(['a', 'a', 'a/b', ''].map(spawn), [
    'started',
    'ID_IN_USE',
    'ID_INVALID',
    'ID_INVALID',
  ]);
});

test('an id is free again as soon as its actor was stopped, unless that one is still on the stack', () => {
  const { shard, settle } = manualShard();
  const trace: string[] = [];
  const codes: string[] = [];
  type Order = 'replace' | 'replace from below';
  const parent = defineActor<undefined, Order>({
    name: 'parent',
    start(_, context) {
      const spawn = () => context.spawn({ id: 'a', actor: scripted, config: { id: 'a', trace } });
      let ref = spawn();
      const replace = (): void => {
        context.stop(ref);
        try {
          ref = spawn();
        } catch (error) {
          codes.push((error as { code: string }).code);
        }
      };
      return {
        receive(order) {
          if (order === 'replace') replace();
          else ref.tell({ kind: 'call', body: replace });
        },
      };
    },
  });
  const ref = shard.spawnRoot(child({ id: 'p', actor: parent, config: undefined }));
  ref.tell('replace');
  assert.equal(trace, ['a:start', 'a:stop:shutdown', 'a:start']);
  settle();
  assert.ok(shard.resolve<Step>(shard.name, 'p/a').tell(NOTE('x')));
  ref.tell('replace from below');
  assert.equal(codes, ['ID_IN_USE']);
  settle();
  assert.equal(trace.slice(3), ['a:x', 'a:stop:shutdown']);
});

test('a child that fails in the same turn as its parent is not started again before it', () => {
  const { shard, settle } = manualShard();
  const trace: string[] = [];
  const parent = defineActor<undefined, 'fail both'>({
    name: 'parent',
    start(_, context) {
      const ref = context.spawn({ id: 'a', actor: scripted, config: { id: 'a', trace } });
      return {
        receive() {
          ref.tell(THROW);
          throw new Error('parent');
        },
      };
    },
  });
  shard.spawnRoot(child({ id: 'p', actor: parent, config: undefined })).tell('fail both');
  settle();
  assert.equal(trace, ['a:start', 'a:stop:failure', 'a:start']);
});
