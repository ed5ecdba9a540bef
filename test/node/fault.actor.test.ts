import * as assert from 'uvu/assert';
import { child, Shard } from '../../src/actors/index.ts';
import { ManualClock, ManualScheduler, seededRandom, silentLogger } from '../../src/base/index.ts';
import { createFaultActor, FAULT_ACTOR } from '../../src/node/fault.actor.ts';
import { suite } from '../support/suite.ts';

const test = suite('fault actor');

test('the fault comes in a later turn, past every supervisor', () => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const failures: unknown[] = [];
  const shard = new Shard({
    name: 'broker',
    clock,
    scheduler,
    random: seededRandom(1),
    logger: silentLogger,
    onFailed: (error) => failures.push(error),
  });
  const actor = createFaultActor(scheduler);
  const fault = shard.spawnRoot(child({ id: FAULT_ACTOR, actor, config: undefined }));
  scheduler.runDeferred();
  assert.ok(fault.tell({ kind: 'throw' }));
  assert.throws(() => scheduler.runDeferred(), /a fault was asked for/);
  assert.equal(failures, []);
});
