import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { QUEUES, SimWorld } from './world.ts';

const test = suite('a broker in one thread, from one seed');

const SEED = Number(process.env['SEED'] ?? 20_261_124);
const WORLDS = Number(process.env['WORLDS'] ?? 12);

/** Sends bodies in random bursts; what was acknowledged is put on record per queue. */
const burst = (world: SimWorld, acknowledged: string[][], count: number, tag: string): void => {
  for (let index = 0; index < count; index++) {
    const queueId = world.random.below(QUEUES);
    const body = `${tag}-${index}-${'x'.repeat(world.random.below(300))}`;
    world.send(queueId, body, (code) => {
      if (code === 0) acknowledged[queueId]?.push(body);
    });
    if (world.random.below(4) === 0) world.run(world.random.below(3));
  }
};

const emptyRecord = (): string[][] => Array.from({ length: QUEUES }, () => []);

const checkNothingMissing = (world: SimWorld, acknowledged: string[][], seed: number): void => {
  for (const [queueId, expected] of acknowledged.entries()) {
    const stored = new Set(world.readAll(queueId));
    const missing = expected.filter((body) => !stored.has(body));
    assert.equal(missing, [], `seed ${seed}: acknowledged and missing in queue ${queueId}`);
  }
};

for (let offset = 0; offset < WORLDS; offset++) {
  const seed = SEED + offset;

  test(`SYNC_FLUSH: what was acknowledged survives power cuts (seed ${seed})`, () => {
    const world = new SimWorld(seed, { flushDiskType: 'SYNC_FLUSH' });
    world.disk.syncDelayMs = () => world.random.below(8);
    const acknowledged = emptyRecord();
    for (let life = 0; life < 4; life++) {
      world.boot();
      burst(world, acknowledged, 60, `${seed}-${life}`);
      world.run(world.random.below(20));
      world.crash(world.random.next());
    }
    world.boot();
    checkNothingMissing(world, acknowledged, seed);
    assert.ok(acknowledged.flat().length > 20, 'something was acknowledged');
  });

  test(`ASYNC_FLUSH: what was acknowledged survives the death of the process (seed ${seed})`, () => {
    const world = new SimWorld(seed);
    const acknowledged = emptyRecord();
    for (let life = 0; life < 4; life++) {
      world.boot();
      burst(world, acknowledged, 60, `${seed}-${life}`);
      world.run(world.random.below(600));
      world.crash('all');
    }
    world.boot();
    checkNothingMissing(world, acknowledged, seed);
  });
}

test('messages of a queue are read in the order they were acknowledged, once each', () => {
  const world = new SimWorld(SEED);
  world.boot();
  const acknowledged = emptyRecord();
  burst(world, acknowledged, 400, 'order');
  world.run(2_000);
  for (let queueId = 0; queueId < QUEUES; queueId++) {
    assert.equal(world.readAll(queueId), acknowledged[queueId]);
  }
  world.stop();
  world.boot();
  for (let queueId = 0; queueId < QUEUES; queueId++) {
    assert.equal(world.readAll(queueId), acknowledged[queueId]);
  }
  assert.equal(world.failures, []);
});

test('a waiting pull is answered by the first message its tag matches, and by no other', () => {
  const world = new SimWorld(SEED);
  world.boot();
  const seen: (readonly string[] | undefined)[] = [];
  world.send(0, 'first', () => undefined, { TAGS: 'A' });
  world.run(50);
  world.pull(0, 1, (pulled) => seen.push(pulled?.bodies), { waitMs: 15_000, subscription: 'B' });
  world.run(3_000);
  world.send(0, 'not for you', () => undefined, { TAGS: 'A' });
  world.run(3_000);
  assert.equal(seen, []);
  world.send(0, 'for you', () => undefined, { TAGS: 'B' });
  world.run(50);
  assert.equal(seen, [['for you']]);
});

test('a waiting pull that nothing answers ends with PULL_NOT_FOUND at its deadline', () => {
  const world = new SimWorld(SEED);
  world.boot();
  world.send(0, 'first', () => undefined);
  world.run(50);
  let code = -1;
  world.pull(
    0,
    1,
    (pulled) => {
      code = pulled?.response.code ?? -2;
    },
    { waitMs: 10_000 },
  );
  world.run(9_000);
  assert.is(code, -1);
  world.run(3_000);
  assert.is(code, 19);
});

test('a failed flush is the end of all OKs until the store is opened again', () => {
  const world = new SimWorld(SEED, { flushDiskType: 'SYNC_FLUSH' });
  world.boot();
  const codes: number[] = [];
  const send = (body: string): void => world.send(0, body, (code) => codes.push(code));
  send('good');
  world.run(100);
  world.disk.failNextSync('commitlog');
  send('unlucky');
  world.run(100);
  send('too late');
  world.run(100);
  assert.equal(codes, [0, 14, 14]);
});

test('a full disk refuses messages with SERVICE_NOT_AVAILABLE and goes on serving reads', () => {
  const world = new SimWorld(SEED);
  world.boot();
  const codes: number[] = [];
  for (let index = 0; index < 3; index++)
    world.send(0, `kept-${index}`, (code) => codes.push(code));
  world.run(1_000);
  world.disk.setCapacity(0);
  for (let index = 0; index < 400; index++) {
    world.send(0, `later-${index}-${'x'.repeat(1_000)}`, (code) => codes.push(code));
  }
  world.run(3_000);
  assert.is(codes.length, 403);
  assert.ok(codes.includes(14) || codes.includes(1), `no refusal among ${[...new Set(codes)]}`);
  assert.equal(world.readAll(0).slice(0, 3), ['kept-0', 'kept-1', 'kept-2']);
});

test('the same seed gives the same run', () => {
  const trace = (): string => {
    const world = new SimWorld(SEED + 7);
    world.boot();
    const acknowledged = emptyRecord();
    burst(world, acknowledged, 100, 'trace');
    world.run(1_000);
    return JSON.stringify([acknowledged, world.clock.now(), world.random.next()]);
  };
  assert.is(trace(), trace());
});

test('consumers of messages that left main memory are answered in order, and no read stalls the broker', () => {
  const world = new SimWorld(SEED);
  world.boot();
  const acknowledged = emptyRecord();
  burst(world, acknowledged, 400, 'cold');
  world.run(2_000);
  world.disk.fetchDelayMs = () => world.random.below(30);
  world.disk.stalls = 0;
  for (let queueId = 0; queueId < QUEUES; queueId++) {
    world.disk.evict('commitlog');
    world.run(20_000); // What the store believes to be in memory is looked at again.
    assert.equal(world.readAll(queueId), acknowledged[queueId]);
  }
  assert.is(world.disk.stalls, 0);
  assert.equal(world.failures, []);
});
