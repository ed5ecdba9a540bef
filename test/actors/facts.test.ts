import * as assert from 'uvu/assert';
import { child, defineActor, supervisor } from '../../src/actors/index.ts';
import { suite } from '../support/suite.ts';
import { manualShard, type Step, scripted } from './support.ts';

const test = suite('actors/facts');

test('the tree is plain data: paths, states and counters', () => {
  const { shard, settle, scheduler } = manualShard({ name: 's1' });
  const config = { id: 'a', trace: [] };
  const spec = {
    id: 'top',
    strategy: 'oneForOne' as const,
    restartsMax: 3,
    periodMs: 1_000,
    backoff: { firstMs: 100, maxMs: 100 },
    children: [child({ id: 'a', actor: scripted, config, mailboxMax: 9 })],
  };
  shard.spawnRoot(supervisor(spec));
  const ref = shard.resolve<Step>('s1', 'top/a');
  ref.tell({ kind: 'note', text: 'x' });
  ref.tell({ kind: 'throw' });
  settle();
  ref.tell({ kind: 'note', text: 'y' });
  const facts = shard.inspect();
  assert.equal(structuredClone(facts), facts);
  const top = facts.root.children[0];
  assert.equal(top?.id, 'top');
  const expected = {
    id: 'top/a',
    actor: 'scripted',
    state: 'restarting',
    handled: 2,
    mailbox: 1,
    mailboxMax: 9,
    refused: 0,
    restarts: 0,
    busyMs: 0,
    children: [],
  };
  assert.equal(top?.children[0], expected);
  scheduler.advance(200);
  const later = shard.inspect().root.children[0]?.children[0];
  assert.equal(later, { ...expected, state: 'running', handled: 3, mailbox: 0, restarts: 1 });
});

test('an inspect that throws or cannot be copied does not hide the rest', () => {
  const { shard } = manualShard();
  const odd = defineActor<() => object, never>({
    name: 'odd',
    start: (inspect) => ({ receive: () => undefined, inspect }),
  });
  const inspects = [
    () => {
      throw new Error('no');
    },
    () => ({ call: () => 1 }),
    () => ({ fine: true }),
  ];
  inspects.forEach((config, n) => void shard.spawnRoot(child({ id: `${n}`, actor: odd, config })));
  const facts = shard.inspect().root.children.map((each) => each.facts as Record<string, unknown>);
  assert.is(facts[0]?.['error'], 'Error: no');
  assert.match(String(facts[1]?.['error']), 'could not be cloned');
  assert.equal(facts[2], { fine: true });
});
