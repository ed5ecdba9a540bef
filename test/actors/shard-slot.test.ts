import * as assert from 'uvu/assert';
import { Mesh } from '../../src/actors/mesh.ts';
import { type ShardExit, ShardSlot, type ShardSpec } from '../../src/actors/shard-slot.ts';
import { silentLogger, systemScheduler } from '../../src/base/index.ts';
import { suite } from '../support/suite.ts';
import { REGISTRY_URL } from './thread-support.ts';

const test = suite('actors/shard-slot');

const start = (spec: Partial<ShardSpec> = {}) => {
  const exits: ShardExit[] = [];
  const died: number[] = [];
  let onDied = (): void => undefined;
  const slot = new ShardSlot(
    { name: 's', registryUrl: REGISTRY_URL, roots: [], ...spec },
    {
      mesh: new Mesh(1024),
      scheduler: systemScheduler,
      logger: silentLogger,
      pool: undefined,
      onExit: (exit) => void exits.push(exit),
      onDied(_, code) {
        died.push(code);
        onDied();
      },
    },
  );
  const isDead = new Promise<void>((resolve) => {
    onDied = resolve;
  });
  const begin = (): Promise<Error | undefined> => new Promise((done) => slot.start(done));
  const end = (): Promise<void> => new Promise((done) => slot.end(done));
  return { slot, exits, died, isDead, begin, end };
};

test('a slot goes from stopped to running and back, and may start again', async () => {
  const { slot, begin, end, exits, died } = start();
  assert.is(slot.state, 'stopped');
  await end();
  for (const attempt of [0, 1]) {
    assert.is(await begin(), undefined);
    assert.is(slot.state, 'running');
    assert.ok((slot.threadId ?? 0) > 0);
    await Promise.all([end(), end()]);
    assert.is(slot.state, 'stopped');
    assert.is(slot.threadId, undefined);
    assert.equal([exits.at(-1)?.attempt, exits.at(-1)?.isOrdered], [attempt, true]);
  }
  assert.equal(died, []);
});

test('a death nobody ordered is told after the exit, and nothing works in between', async () => {
  const { slot, begin, isDead, exits, died } = start();
  await begin();
  slot.terminate();
  await isDead;
  assert.equal(died, [1]);
  assert.equal([exits[0]?.code, exits[0]?.isOrdered], [1, false]);
  assert.is(slot.state, 'restarting');
  const root = { id: 'a', actor: 'echo', config: {} };
  const refusal = await new Promise<Error | undefined>((done) => slot.startRoot(root, done));
  assert.is((refusal as { code?: string } | undefined)?.code, 'THREAD_ENDED');
  assert.is(await new Promise((done) => slot.inspect(done)), undefined);
});

test('a start that fails tells once, after the thread is gone', async () => {
  const { slot, begin, exits, died } = start({
    roots: [{ id: 'r', actor: 'failing', config: { how: 'exit' } }],
  });
  const error = await begin();
  assert.is((error as { code?: string } | undefined)?.code, 'THREAD_ENDED');
  assert.is(exits.length, 1);
  assert.equal(died, []);
  assert.is(slot.threadId, undefined);
});
