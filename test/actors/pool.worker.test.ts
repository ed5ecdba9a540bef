import * as assert from 'uvu/assert';
import { runTask } from '../../src/actors/pool.worker.ts';
import { suite } from '../support/suite.ts';

const test = suite('actors/pool.worker');

const tasksUrl = new URL('./fixture-tasks.js', import.meta.url).href;

test('a task is an exported function of the module', async () => {
  assert.equal(await runTask({ tasksUrl, task: 'double', argument: 4 }), { ok: true, result: 8 });
  assert.equal(await runTask({ tasksUrl, task: 'later', argument: 4 }), { ok: true, result: 5 });
});

test('every failure is an outcome: of the task, of its name, of the module', async () => {
  const failed = async (url: string, task: string): Promise<string> => {
    const outcome = await runTask({ tasksUrl: url, task, argument: 0 });
    return outcome.ok ? 'ok' : `${outcome.error.code} ${outcome.error.message}`;
  };
  assert.is(await failed(tasksUrl, 'fail'), 'TASK task failed');
  assert.match(await failed(tasksUrl, 'nobody'), 'has no task "nobody"');
  assert.match(await failed(`${tasksUrl}.none`, 'double'), 'ERR_MODULE_NOT_FOUND');
});
