import * as assert from 'uvu/assert';
import { child, Shard } from '../../src/actors/index.ts';
import { ManualClock, ManualScheduler, seededRandom, silentLogger } from '../../src/base/index.ts';
import { createRingPairActor } from '../../src/node/ring-pair.actor.ts';
import { createRingPair, type RingPair } from '../../src/transport/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('ring pair actor');

test('a pair is served from the start of its actor to the end', () => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const shard = new Shard({
    name: 'broker',
    clock,
    scheduler,
    random: seededRandom(1),
    logger: silentLogger,
  });
  const served = new Set<RingPair>();
  const actor = createRingPairActor({
    add: (pair) => served.add(pair),
    remove: (pair) => served.delete(pair),
  });
  const pair = createRingPair({ bytes: 1024 });
  const ref = shard.spawnRoot(
    child({ id: 'rings-1', actor, config: { pair }, restart: 'transient' }),
  );
  assert.equal([...served], [pair]);
  assert.ok(ref.tell({ kind: 'detach' }));
  for (let turn = 0; turn < 5; turn++) scheduler.runDeferred();
  assert.is(served.size, 0);
  assert.equal(shard.inspect().root.children, []);
});
