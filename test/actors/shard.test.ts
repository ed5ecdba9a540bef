import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import {
  type ActorRef,
  child,
  defineActor,
  type RestartRule,
  type Strategy,
  supervisor,
} from '../../src/actors/index.ts';
import { suite } from '../support/suite.ts';
import { manualShard, type Step, scripted } from './support.ts';

const test = suite('actors/shard');

test('the scheduler is asked for a turn once, and only when there is work', () => {
  const { shard, scheduler } = manualShard();
  const trace: string[] = [];
  const ref = shard.spawnRoot(child({ id: 'a', actor: scripted, config: { id: 'a', trace } }));
  assert.not(shard.runOnce());
  ref.tell({ kind: 'call', body: () => void ref.tell({ kind: 'note', text: 'x' }) });
  assert.equal(trace, ['a:start']);
  scheduler.runDeferred(2);
  assert.equal(trace, ['a:start', 'a:x']);
});

test('a turn does not run inside a turn', () => {
  const { shard, failures, settle } = manualShard({
    supervision: { strategy: 'oneForOne', restartsMax: 0, periodMs: 1 },
  });
  const config = { id: 'a', trace: [] };
  const ref = shard.spawnRoot(child({ id: 'a', actor: scripted, config }));
  ref.tell({
    kind: 'call',
    body: () => void ref.tell({ kind: 'call', body: () => void shard.runOnce() }),
  });
  settle();
  const cause = (failures[0] as Error).cause as { code: string };
  assert.is(cause.code, 'ASSERTION');
});

test('an address may be resolved before its actor runs', () => {
  const { shard } = manualShard({ name: 'me' });
  const early = shard.resolve<Step>('me', 'a');
  assert.not(early.tell({ kind: 'throw' }));
  assert.not(early.run({ kind: 'throw' }));
  assert.is(shard.deadLetters, 1);
  const trace: string[] = [];
  shard.spawnRoot(child({ id: 'a', actor: scripted, config: { id: 'a', trace } }));
  assert.ok(early.tell({ kind: 'note', text: '1' }));
  assert.ok(early.run({ kind: 'note', text: '2' }));
  assert.equal(trace, ['a:start', 'a:1', 'a:2']);
  let stopped = 0;
  const count = (): void => {
    stopped += 1;
  };
  shard.watch(early, count);
  shard.watch(shard.resolve('me', 'nobody'), count);
  assert.is(stopped, 1);
});

test('what a shard knows of another shard needs a door', () => {
  const { shard } = manualShard();
  assert.throws(() => shard.resolve('other', 'a'), 'knows no other shard');
});

/** A busy little world of random actors: who tells whom, who fails, and when, all from one seed. */
const simulate = (seed: number): string[] => {
  const { shard, scheduler, clock, failures } = manualShard({
    seed,
    supervision: { strategy: 'oneForOne', restartsMax: 100, periodMs: 60_000 },
  });
  const trace: string[] = [];
  const refs: ActorRef<number>[] = [];
  const note = (text: string): void => void trace.push(`${clock.monotonicMs()} ${text}`);
  const walker = defineActor<string, number>({
    name: 'walker',
    start(id, context) {
      note(`${id} starts`);
      return {
        receive(hops) {
          note(`${id} ${hops}`);
          const { random } = context;
          if (random.below(12) === 0) throw new Error('unlucky');
          if (hops === 0) return;
          const next = refs[random.below(refs.length)];
          if (random.below(4) === 0) context.setTimer(random.below(50), hops - 1);
          else if (next?.tell(hops - 1) === false) note(`${id} refused`);
        },
        stop: (reason) => note(`${id} ${reason}`),
      };
    },
  });
  const strategies: readonly Strategy[] = ['oneForOne', 'oneForAll', 'restForOne'];
  for (const strategy of strategies) {
    const ids = [0, 1, 2].map((n) => `${strategy}-${n}`);
    const rule = (n: number): RestartRule => (n === 1 ? 'transient' : 'permanent');
    const backoff = { firstMs: 5, maxMs: 40 };
    const children = ids.map((id, n) =>
      child({ id, actor: walker, config: id, restart: rule(n), mailboxMax: 4 }),
    );
    const spec = { id: strategy, strategy, restartsMax: 4, periodMs: 200, backoff, children };
    shard.spawnRoot(supervisor(spec));
    for (const id of ids) refs.push(shard.resolve(shard.name, `${strategy}/${id}`));
  }
  for (let round = 0; round < 80; round++) {
    refs[round % refs.length]?.tell(20);
    scheduler.advance(7);
  }
  note(`summary: failures ${failures.length} dead ${shard.deadLetters}`);
  return trace;
};

test('the same seed gives the same run to the last message and millisecond', () => {
  const first = simulate(42);
  assert.ok(first.length > 500);
  assert.ok(first.some((line) => line.includes('failure')));
  assert.equal(simulate(42), first);
  assert.not.equal(simulate(43), first);
});

test('whatever fails when, no actor lives twice, and none handles mail while it is down', () => {
  void fc.assert(
    fc.property(fc.nat(), (seed) => {
      const isUp = new Map<string, boolean>();
      for (const line of simulate(seed)) {
        const [, id = '', what = ''] = line.split(' ');
        if (what === 'starts') {
          assert.not(isUp.get(id), `${id} starts twice`);
          isUp.set(id, true);
        } else if (what === 'failure' || what === 'shutdown' || what === 'normal') {
          assert.ok(isUp.get(id), `${id} stops twice`);
          isUp.set(id, false);
        } else if (/^\d+$/.test(what)) {
          assert.ok(isUp.get(id), `${id} handles mail while it is down`);
        }
      }
    }),
    { numRuns: 30 },
  );
});
