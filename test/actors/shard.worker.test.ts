import * as assert from 'uvu/assert';
import type { SystemFacts } from '../../src/actors/index.ts';
import { suite } from '../support/suite.ts';
import { ThreadWorld } from './thread-support.ts';

const test = suite('actors/shard.worker');

const heapOf = ({ shards }: SystemFacts): number => shards[0]?.tree?.thread?.heapUsedBytes ?? 0;

test('a thread runs what its registry makes of its settings', async () => {
  const world = new ThreadWorld();
  await world.start('a', {
    settings: { greeting: 'hi' },
    roots: [{ id: 'echo', actor: 'echo', config: {} }],
  });
  assert.equal(await world.echo('a', null), { value: null, label: undefined, shard: 'a' });
  await world.system.stop();
});

test('the runtime of a thread is small: no pool and no system is loaded into its heap', async () => {
  const world = new ThreadWorld();
  await world.start('a');
  const bytes = heapOf(await world.system.inspect());
  process.stdout.write(`heap of an idle shard: ${(bytes / 2 ** 20).toFixed(1)} MiB\n`);
  assert.ok(bytes > 0 && bytes < 16 * 2 ** 20);
  await world.system.stop();
});

test('an actor whose failure nobody mends takes its thread down, and the cause is known', async () => {
  const world = new ThreadWorld();
  const supervision = { strategy: 'oneForOne' as const, restartsMax: 0, periodMs: 1_000 };
  await world.start('a', { supervision });
  world.system.ref<string>('a', 'mortal').tell('escalate');
  await world.until('exit a');
  assert.is(world.exits[0]?.error?.message, 'mortal escalated: disk on fire');
  await world.until('ready a', 2);
  await world.system.stop();
});
