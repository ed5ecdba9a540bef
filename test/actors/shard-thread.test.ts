import * as assert from 'uvu/assert';
import type { RootSpec } from '../../src/actors/index.ts';
import { threadMemory } from '../../src/actors/mesh.ts';
import { ShardThread } from '../../src/actors/shard-thread.ts';
import { systemScheduler } from '../../src/base/index.ts';
import { suite } from '../support/suite.ts';
import { REGISTRY_URL } from './thread-support.ts';

const test = suite('actors/shard-thread');

const start = (roots: readonly RootSpec[]) => {
  const log: string[] = [];
  const thread: { current?: ShardThread } = {};
  const isReady = new Promise<Error | undefined>((onReady) => {
    const isGone = new Promise<number>((onExit) => {
      const setup = { name: 'x', registryUrl: REGISTRY_URL.href, roots, settings: undefined };
      thread.current = new ShardThread(
        { ...setup, supervision: undefined, ...threadMemory(), links: [] },
        systemScheduler,
        {
          onReady(error) {
            log.push('ready');
            onReady(error);
          },
          onExit(code) {
            log.push('exit');
            onExit(code);
          },
        },
      );
    });
    gone.push(isGone);
  });
  return {
    thread: thread.current as ShardThread,
    isReady,
    isGone: gone.pop() as Promise<number>,
    log,
  };
};
const gone: Promise<number>[] = [];

test('a thread is ready once its roots run, and ends with code 0 when it is stopped', async () => {
  const { thread, isReady, isGone, log } = start([{ id: 'echo', actor: 'echo', config: {} }]);
  assert.is(await isReady, undefined);
  assert.ok(thread.threadId > 0);
  thread.stop(60_000);
  thread.stop(60_000);
  assert.is(await isGone, 0);
  assert.equal(log, ['ready', 'exit']);
});

test('a thread whose roots do not start says why and ends by itself', async () => {
  const { isReady, isGone } = start([{ id: 'r', actor: 'failing', config: { how: 'throw' } }]);
  assert.is(((await isReady) as { code?: string } | undefined)?.code, 'START_FAILED');
  assert.is(await isGone, 1);
});

test('a thread that was ended before it was ready never says ready', async () => {
  const { thread, isGone, log } = start([]);
  thread.terminate();
  await isGone;
  assert.equal(log, ['exit']);
});
