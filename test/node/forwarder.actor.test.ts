import * as assert from 'uvu/assert';
import { child, Shard } from '../../src/actors/index.ts';
import { ManualClock, ManualScheduler, seededRandom, silentLogger } from '../../src/base/index.ts';
import { createForwarderActor } from '../../src/node/forwarder.actor.ts';
import {
  createRingPair,
  MemoryNetwork,
  RemotingServer,
  RingHub,
  scheduledBells,
} from '../../src/transport/index.ts';
import { suite } from '../support/suite.ts';
import { EchoHandler } from '../transport/world.ts';

const test = suite('forwarder actor');
const AT = { host: '10.0.0.1', port: 10_911 };

const create = () => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const random = seededRandom(1);
  const logger = silentLogger;
  const failures: unknown[] = [];
  const shard = new Shard({
    name: 'broker-io-1',
    clock,
    scheduler,
    random,
    logger,
    supervision: { strategy: 'oneForOne', restartsMax: 0, periodMs: 1000 },
    onFailed: (error) => failures.push(error),
  });
  const network = new MemoryNetwork({ scheduler, random });
  const pair = createRingPair();
  const parts = { clock, scheduler, logger, openBell: scheduledBells(scheduler) };
  const hub = new RingHub({ ...parts, doorbell: pair.clientDoorbell });
  const serverHub = new RingHub({ ...parts, doorbell: pair.serverDoorbell });
  const server = new RemotingServer({ ...parts, network, handler: new EchoHandler() });
  serverHub.serve(pair, (socket) => server.adopt(socket));
  const actor = createForwarderActor({ network, scheduler, hub });
  const start = (): void => {
    shard.spawnRoot(child({ id: 'forwarder', actor, config: { pair, listen: [AT] } }));
    scheduler.advance(0);
  };
  let closes = 0;
  const dial = (): void => {
    network.connect({ ...AT, timeoutMs: 100 }, (error, socket) => {
      if (error !== undefined) closes += 1;
      socket?.start({
        onData: () => undefined,
        onDrain: () => undefined,
        onClose: () => {
          closes += 1;
        },
      });
    });
    for (let ms = 0; ms < 5; ms++) scheduler.advance(1);
  };
  return { shard, scheduler, server, network, failures, start, dial, closes: () => closes };
};

test('connections are accepted from its start on, and shown', () => {
  const { shard, server, start, dial } = create();
  start();
  dial();
  assert.is(server.peers.size, 1);
  const [actor] = shard.inspect().root.children;
  assert.equal({ ...actor?.facts }, { connections: 1 });
});

test('it stops in order: nobody is accepted, and all who are there are let go', () => {
  const { shard, scheduler, server, start, dial, closes } = create();
  start();
  dial();
  let isStopped = false;
  shard.stop(() => {
    isStopped = true;
  });
  for (let ms = 0; ms < 20; ms++) scheduler.advance(1);
  assert.ok(isStopped);
  assert.equal([server.peers.size, closes()], [0, 1]);
  dial();
  assert.is(closes(), 2);
});

test('an address it cannot listen on fails it', () => {
  const { network, failures, start, scheduler } = create();
  network.listen(
    AT,
    () => undefined,
    () => undefined,
  );
  start();
  for (let ms = 0; ms < 5; ms++) scheduler.advance(1);
  assert.is(failures.length, 1);
});
