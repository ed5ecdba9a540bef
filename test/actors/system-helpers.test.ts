import * as assert from 'uvu/assert';
import { eventually } from '../support/eventually.ts';
import { suite } from '../support/suite.ts';
import type { EchoMessage } from './fixture-registry.ts';
import { ThreadWorld } from './thread-support.ts';

const test = suite('actors/helpers of a system');

const TASKS_URL = new URL('./fixture-tasks.js', import.meta.url);
const BEGAN = 0;
const ENDED = 1;

/** A system with a shard, for which a helper thread runs `task`. */
const withHelper = async (task: string) => {
  const world = new ThreadWorld({ tasksUrl: TASKS_URL });
  const words = new Int32Array(new SharedArrayBuffer(8));
  const roots = [{ id: 'helped', actor: 'helped', config: { task } }];
  await world.start('a', { roots, settings: words, restart: 'temporary' });
  return { world, words };
};

const reaches = async (words: Int32Array, word: number): Promise<number> =>
  eventually(
    async () => Atomics.load(words, word),
    (value) => value === 1,
    20_000,
  );

test('a helper outlives the shard that it works for', async () => {
  const { world, words } = await withHelper('slow');
  await reaches(words, BEGAN);
  world.system.terminateShard('a');
  await world.until('exit a');
  assert.is(await reaches(words, ENDED), 1);
  await world.system.stop();
});

test('a system that stops lets its helpers finish', async () => {
  const { world, words } = await withHelper('slow');
  await reaches(words, BEGAN);
  await world.system.stop();
  assert.is(Atomics.load(words, ENDED), 1);
});

test('a task that fails says so to its shard, with the code', async () => {
  const { world } = await withHelper('fail');
  const answer = (): Promise<unknown> =>
    world.ask(world.system.ref<EchoMessage>('a', 'helped'), (replyTo) => ({
      kind: 'ask',
      value: 0,
      replyTo,
    }));
  assert.is(await eventually(answer, (code) => code !== undefined, 20_000), 'TASK');
  await world.system.stop();
});
