import { threadId } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import { createPool, type PoolOptions } from '../../src/actors/index.ts';
import { eventually } from '../support/eventually.ts';
import { suite } from '../support/suite.ts';

const test = suite('actors/pool');

const start = (options: Partial<PoolOptions> = {}) => {
  const tasksUrl = new URL('./fixture-tasks.js', import.meta.url);
  const pool = createPool({ tasksUrl, ...options });
  const run = (task: string, argument?: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      pool.run(task, argument, (error, result) => {
        if (error === undefined) resolve(result);
        else reject(error);
      });
    });
  const codeOf = async (promise: Promise<unknown>): Promise<unknown> => {
    try {
      return await promise;
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  };
  return { pool, run, codeOf };
};

test('tasks run by name on another thread, and their errors keep the code', async () => {
  const { pool, run, codeOf } = start();
  assert.is(await run('double', 21), 42);
  assert.is(await run('later', 1), 2);
  assert.is.not(await run('where'), threadId);
  assert.is(await codeOf(run('fail')), 'TASK');
  assert.match(String(await codeOf(run('nobody'))), 'no task "nobody"');
  await pool.close();
});

test('done is called in a later turn, also for a pool that is closed', async () => {
  const { pool, codeOf } = start();
  await pool.close();
  let isLater = false;
  const code = codeOf(
    new Promise((_, reject) => {
      pool.run('double', 1, (error) => {
        assert.ok(isLater);
        reject(error);
      });
      isLater = true;
    }),
  );
  assert.is(await code, 'POOL_CLOSED');
});

test('close abandons what runs and what waits, with an error, once', async () => {
  const { pool, run, codeOf } = start({ threadsMax: 1 });
  await run('double', 1);
  const codes = [run('never'), run('double', 1)].map(codeOf);
  setImmediate(() => void pool.close());
  assert.equal(await Promise.all(codes), ['POOL_CLOSED', 'POOL_CLOSED']);
});

test('tasks above the limit of those that wait fail', async () => {
  const { pool, run, codeOf } = start({ threadsMax: 1, queueMax: 1 });
  await run('double', 1);
  const codes = [run('never'), run('never'), run('double', 1)].map(codeOf);
  assert.match(String(await codes[2]), /queue/i);
  await pool.close();
  await Promise.all(codes);
});

test('a helper without work ends, and the next task has a new one', async () => {
  const { pool, run } = start({ idleMs: 1 });
  const first = await run('where');
  const next = await eventually(
    () => run('where'),
    (thread) => thread !== first,
    20_000,
  );
  assert.is.not(next, first);
  await pool.close();
});

test('a close waits for what helpers run, though nobody waits for its answer any more', async () => {
  const { pool, run, codeOf } = start();
  const flag = new Int32Array(new SharedArrayBuffer(8));
  const code = codeOf(run('slow', flag));
  await eventually(
    async () => Atomics.load(flag, 0),
    (started) => started === 1,
    20_000,
  );
  const closing = pool.close();
  assert.is(await code, 'POOL_CLOSED');
  await closing;
  assert.is(Atomics.load(flag, 1), 1, 'the task came to its end');
});
