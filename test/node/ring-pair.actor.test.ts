import * as assert from 'uvu/assert';
import { child, defineActor, Shard } from '../../src/actors/index.ts';
import { ManualClock, ManualScheduler, seededRandom, silentLogger } from '../../src/base/index.ts';
import {
  createRingPairActor,
  detachedWord,
  markDetached,
  type PairHost,
} from '../../src/node/ring-pair.actor.ts';
import { type HeaderType, type RequestView, responseOf } from '../../src/protocol/index.ts';
import { createRingPair, type Peer, type RingPair } from '../../src/transport/index.ts';
import { suite } from '../support/suite.ts';
import { RingWorld } from '../transport/ring/fixture.ts';
import { EchoHandler } from '../transport/world.ts';

const test = suite('ring pair actor');

const create = (
  host: PairHost,
  pair = createRingPair({ bytes: 1024 }),
  clock = new ManualClock(),
  scheduler = new ManualScheduler(clock),
) => {
  const random = seededRandom(1);
  const shard = new Shard({ name: 'broker', clock, scheduler, random, logger: silentLogger });
  const detached = detachedWord();
  const actor = createRingPairActor(host);
  const start = () =>
    shard.spawnRoot(
      child({ id: 'rings-1', actor, config: { pair, detached }, restart: 'transient' }),
    );
  const settle = (): void => {
    for (let turn = 0; turn < 5; turn++) scheduler.runDeferred();
  };
  return { shard, pair, detached, start, settle };
};

const hostOf = (served: Set<RingPair>): PairHost => ({
  add: (pair) => void served.add(pair),
  remove: (pair) => void served.delete(pair),
});

test('a pair is served from the start of its actor until it is told to detach', () => {
  const served = new Set<RingPair>();
  const { shard, pair, start, settle } = create(hostOf(served));
  const ref = start();
  settle();
  assert.equal([...served], [pair]);
  assert.ok(ref.tell({ kind: 'detach' }));
  settle();
  assert.is(served.size, 0);
  assert.equal(shard.inspect().root.children, []);
});

test('a client that is done with its pair while the thread starts, when no message is heard, is let go of', () => {
  const served = new Set<RingPair>();
  const { shard, detached, start, settle } = create(hostOf(served));
  start();
  markDetached(detached);
  settle();
  assert.is(served.size, 0);
  assert.equal(shard.inspect().root.children, []);
});

interface Waiting {
  readonly peer: Peer;
  readonly opaque: number;
  readonly headerType: HeaderType;
}

/** Answers nothing until it is told to. */
class LateHandler extends EchoHandler {
  readonly waiting: Waiting[] = [];

  override onRequest({ opaque, headerType }: RequestView, peer: Peer): void {
    this.waiting.push({ peer, opaque, headerType });
  }

  answerAll(): void {
    for (const { peer, ...to } of this.waiting) peer.reply(responseOf(0), to);
  }
}

test('where the shard stops, the server answers over its pairs and closes their connections', () => {
  const handler = new LateHandler();
  const world = new RingWorld(handler);
  const { shard, start, settle } = create(
    {
      add: () => world.serve(),
      remove: (pair) => world.serverHub.detach(pair),
    },
    world.pair,
    world.clock,
    world.scheduler,
  );
  const server = defineActor<undefined, never>({
    name: 'server',
    start: () => ({
      receive: () => undefined,
      drain(done) {
        handler.answerAll();
        world.server.close(done);
      },
    }),
  });
  shard.spawnRoot(child({ id: 'server', actor: server, config: undefined }));
  start();
  settle();
  const gone: string[] = [];
  const channel = world.channel({ onDisconnect: (address) => gone.push(address) });
  const outcome = world.call(channel);
  settle();
  assert.equal([handler.waiting.length, outcome.times], [1, 0]);
  let isStopped = false;
  shard.stop(() => {
    isStopped = true;
  });
  for (let ms = 0; ms < 20; ms++) world.scheduler.advance(1);
  assert.equal([isStopped, outcome.times, outcome.response?.code], [true, 1, 0]);
  assert.is(gone.length, 1);
});
