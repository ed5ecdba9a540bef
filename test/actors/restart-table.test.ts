import * as assert from 'uvu/assert';
import {
  type ActorRef,
  type Child,
  child,
  defineActor,
  type RestartRule,
  type Strategy,
  supervisor,
} from '../../src/actors/index.ts';
import { suite } from '../support/suite.ts';
import { manualShard, type Step, scripted } from './support.ts';

const test = suite('actors/restart-table');

const NOTE = (text: string): Step => ({ kind: 'note', text });
const THROW: Step = { kind: 'throw' };

/** A supervisor with three children a, b, c; b follows `rule`, the others are permanent. */
const family = (strategy: Strategy, rule: RestartRule, restartsMax = 3) => {
  const world = manualShard();
  const trace: string[] = [];
  const spec = (id: string, restart: RestartRule): Child<Step> =>
    child({ id, actor: scripted, config: { id, trace }, restart });
  const children = [spec('a', 'permanent'), spec('b', rule), spec('c', 'permanent')];
  world.shard.spawnRoot(supervisor({ id: 's', strategy, restartsMax, periodMs: 5_000, children }));
  const ref = (id: string): ActorRef<Step> => world.shard.resolve(world.shard.name, `s/${id}`);
  const refs = { a: ref('a'), b: ref('b'), c: ref('c') };
  return { ...world, trace, refs };
};

const STRATEGIES: readonly Strategy[] = ['oneForOne', 'oneForAll', 'restForOne'];
const RULES: readonly RestartRule[] = ['permanent', 'transient', 'temporary'];

/** What happens to the three when b comes back, by strategy. */
const COMES_BACK = (how: string): Readonly<Record<Strategy, readonly string[]>> => ({
  oneForOne: [`b:stop:${how}`, 'b:start'],
  oneForAll: [
    'c:stop:shutdown',
    `b:stop:${how}`,
    'a:stop:shutdown',
    'a:start',
    'b:start',
    'c:start',
  ],
  restForOne: ['c:stop:shutdown', `b:stop:${how}`, 'b:start', 'c:start'],
});

for (const strategy of STRATEGIES) {
  for (const rule of RULES) {
    const isBack = { permanent: true, transient: true, temporary: false }[rule];
    test(`${strategy}: a ${rule} child that throws ${isBack ? 'is started again' : 'is gone'}`, () => {
      const { trace, refs, settle } = family(strategy, rule);
      trace.length = 0;
      assert.not(refs.b.run(THROW));
      assert.equal(trace, [], 'nobody is stopped while an actor is on the stack');
      settle();
      assert.equal(trace, isBack ? COMES_BACK('failure')[strategy] : ['b:stop:failure']);
      trace.length = 0;
      for (const ref of [refs.a, refs.b, refs.c]) ref.tell(NOTE('x'));
      assert.equal(trace, isBack ? ['a:x', 'b:x', 'c:x'] : ['a:x', 'c:x'], 'addresses still work');
    });

    test(`${strategy}: a ${rule} child that ends by itself ${rule === 'permanent' ? 'is started again' : 'is gone'}`, () => {
      const { shard, settle } = manualShard();
      const trace: string[] = [];
      const leaver = defineActor<string, 'leave' | 'note'>({
        name: 'leaver',
        start: (id, context) => {
          trace.push(`${id}:start`);
          return {
            receive(message) {
              if (message === 'leave') context.stop(context.self);
              else trace.push(`${id}:note`);
            },
            stop: (reason) => void trace.push(`${id}:stop:${reason}`),
          };
        },
      });
      const children = ['a', 'b', 'c'].map((id) =>
        child({ id, actor: leaver, config: id, restart: id === 'b' ? rule : 'permanent' }),
      );
      const spec = { id: 's', strategy, restartsMax: 3, periodMs: 5_000, children };
      shard.spawnRoot(supervisor(spec));
      const b = shard.resolve<'leave' | 'note'>(shard.name, 's/b');
      trace.length = 0;
      assert.ok(b.tell('leave'));
      assert.is(b.run('note'), false, 'it handles nothing more');
      settle();
      if (rule === 'permanent') {
        const wanted = COMES_BACK('normal')[strategy];
        // It has ended before its siblings are: they learn of it by its end.
        assert.equal([...trace].sort(), [...wanted].sort());
        assert.is(trace[0], 'b:stop:normal');
        assert.equal(
          trace.filter((entry) => entry.endsWith('start')),
          wanted.filter((entry) => entry.endsWith('start')),
        );
      } else {
        assert.equal(trace, ['b:stop:normal']);
      }
      assert.is(b.tell('note'), rule === 'permanent');
    });

    test(`${strategy}: a ${rule} child stopped by its parent stays stopped, alone`, () => {
      const { shard, settle } = manualShard();
      const trace: string[] = [];
      type Order = { readonly kind: 'stop'; readonly id: string };
      const parent = defineActor<undefined, Order>({
        name: 'parent',
        supervision: { strategy, restartsMax: 3, periodMs: 5_000 },
        start(_, context) {
          const children = new Map(
            ['a', 'b', 'c'].map((id) => [
              id,
              context.spawn({ id, actor: scripted, config: { id, trace }, restart: rule }),
            ]),
          );
          return {
            receive(order) {
              const ref = children.get(order.id);
              if (ref !== undefined) context.stop(ref);
            },
          };
        },
      });
      const ref = shard.spawnRoot(child({ id: 'p', actor: parent, config: undefined }));
      const b = shard.resolve<Step>(shard.name, 'p/b');
      trace.length = 0;
      ref.tell({ kind: 'stop', id: 'b' });
      assert.not(b.tell(NOTE('x')), 'it takes nothing more at once');
      settle();
      assert.equal(trace, ['b:stop:shutdown']);
      assert.not(b.tell(NOTE('x')));
      assert.is(shard.deadLetters, 2);
    });
  }

  test(`${strategy}: a temporary sibling that is ended with the others is not started again`, () => {
    const { trace, refs, settle } = family(strategy, 'temporary');
    trace.length = 0;
    refs.a.run(THROW);
    settle();
    const isAffected = strategy !== 'oneForOne';
    assert.is(trace.includes('b:stop:shutdown'), isAffected);
    assert.not(trace.includes('b:start'));
    assert.is(refs.b.tell(NOTE('x')), !isAffected);
  });
}
