import { equal, is, ok } from 'uvu/assert';
import { child, Shard, supervisor } from '../../src/actors/index.ts';
import { ManualClock, ManualScheduler, seededRandom } from '../../src/base/index.ts';
import { nameServerActor } from '../../src/namesrv/index.ts';
import type { RemotingCommand } from '../../src/protocol/index.ts';
import { MemoryNetwork, RemotingClient } from '../../src/transport/index.ts';
import { suite } from '../support/suite.ts';
import { recordingLogger } from '../transport/recording-logger.ts';
import { command } from '../transport/world.ts';
import { memoryDisk } from './memory-disk.ts';
import { brokerFields, registerBody, SETTINGS, slaveFields } from './name-server-fixture.ts';

const test = suite('name-server.actor');
const ADDRESS = '10.0.0.1:9876';

/** A name server in a shard on manual time, on a network that delays and cuts. */
const createWorld = (seed = 1) => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const random = seededRandom(seed);
  const { logger, lines } = recordingLogger();
  const network = new MemoryNetwork({ scheduler, random, latencyMsMax: 3, chunkBytesMax: 50 });
  const listening: object[] = [];
  const failures: unknown[] = [];
  const shard = new Shard({ clock, scheduler, random, logger, onFailed: (e) => failures.push(e) });
  const disk = memoryDisk();
  const onListening = (address: object): void => void listening.push(address);
  const actor = nameServerActor({ network, disk, scheduler, onListening });
  const config = { listen: { host: '10.0.0.1', port: 9876 }, settings: SETTINGS };
  const start = (): void => {
    const children = [child({ id: 'namesrv', actor, config })];
    const tree = supervisor({ strategy: 'oneForOne', restartsMax: 3, periodMs: 10_000, children });
    shard.spawnRoot(tree);
    scheduler.advance(10);
  };
  const client = (host: string): RemotingClient =>
    new RemotingClient({ network: network.from(host), scheduler, clock, logger });
  const ask = (from: RemotingClient, request: RemotingCommand): RemotingCommand => {
    let answer: RemotingCommand | undefined;
    from.request(ADDRESS, request, 3000, (error, response) => {
      ok(error === undefined, String(error));
      answer = response;
    });
    for (let ms = 0; answer === undefined && ms < 3000; ms++) scheduler.advance(1);
    ok(answer);
    return answer;
  };
  const register = (from: RemotingClient, fields = brokerFields()): RemotingCommand =>
    ask(from, command(103, { extFields: fields, body: Buffer.from(registerBody()) }));
  const route = (from: RemotingClient): RemotingCommand =>
    ask(from, command(105, { extFields: { topic: 'TopicTest' } }));
  return {
    clock,
    scheduler,
    network,
    shard,
    lines,
    listening,
    failures,
    start,
    client,
    ask,
    register,
    route,
  };
};

test('brokers register and clients find them over the network', () => {
  const world = createWorld();
  world.start();
  equal(world.listening, [{ host: '10.0.0.1', port: 9876 }]);
  const consumer = world.client('10.0.0.50');
  is(world.route(consumer).code, 17);
  is(world.register(world.client('10.0.0.2')).code, 0);
  const found = world.route(consumer);
  is(found.code, 0);
  ok(found.body?.includes('10.0.0.1:10911'));
  is(world.ask(consumer, command(4242)).code, 3);
});

test('a broker that falls silent is gone after 120 s, and its connection is closed', () => {
  const world = createWorld();
  world.start();
  const broker = world.client('10.0.0.2');
  const consumer = world.client('10.0.0.50');
  world.register(broker);
  for (let seconds = 0; seconds < 110; seconds += 10) {
    is(world.route(consumer).code, 0);
    // It still talks, but does not register: that keeps the connection, not the registration.
    world.ask(broker, command(106));
    world.scheduler.advance(10_000);
  }
  ok(broker.isConnected(ADDRESS));
  world.scheduler.advance(25_000);
  is(world.route(consumer).code, 17);
  is(broker.isConnected(ADDRESS), false);
});

test('a broker that registers every 30 s stays', () => {
  const world = createWorld();
  world.start();
  const broker = world.client('10.0.0.2');
  const consumer = world.client('10.0.0.50');
  for (let round = 0; round < 20; round++) {
    is(world.register(broker).code, 0);
    world.scheduler.advance(30_000);
    is(world.route(consumer).code, 0);
  }
});

test('a broken connection removes the broker at once, and failover leaves the slave', () => {
  const world = createWorld();
  world.start();
  const consumer = world.client('10.0.0.50');
  world.register(world.client('10.0.0.2'));
  world.register(world.client('10.0.0.3'), slaveFields());
  world.network.cut('10.0.0.2');
  world.scheduler.advance(10);
  const found = world.route(consumer);
  ok(found.body?.includes('{1:"10.0.0.2:10911"}'), found.body?.toString());
  world.network.cut('10.0.0.3');
  world.scheduler.advance(10);
  is(world.route(consumer).code, 17);
});

test('a one-way registration counts and gets no answer', () => {
  const world = createWorld();
  world.start();
  const broker = world.client('10.0.0.2');
  const body = Buffer.from(registerBody());
  broker.oneway(ADDRESS, command(103, { extFields: brokerFields(), body }));
  world.scheduler.advance(50);
  is(world.route(world.client('10.0.0.50')).code, 0);
});

test('a taken port fails the shard instead of trying for ever', () => {
  const world = createWorld();
  world.network.listen(
    { host: '10.0.0.1', port: 9876 },
    () => undefined,
    () => undefined,
  );
  world.start();
  world.scheduler.advance(60_000);
  is(world.listening.length, 0);
  is((world.failures[0] as { code?: string } | undefined)?.code !== undefined, true);
});

test('the tree shows counts and the address', () => {
  const world = createWorld();
  world.start();
  world.register(world.client('10.0.0.2'));
  const text = JSON.stringify(world.shard.inspect());
  for (const part of ['"addresses":1', '"topics":1', '"connections":1', '"port":9876']) {
    ok(text.includes(part), `${part} in ${text}`);
  }
});

test('stopping answers what was asked, frees the port and leaves no timer', () => {
  const world = createWorld();
  world.start();
  const broker = world.client('10.0.0.2');
  world.register(broker);
  let isStopped = false;
  world.shard.stop(() => {
    isStopped = true;
  });
  world.scheduler.advance(5000);
  is(isStopped, true);
  is(broker.isConnected(ADDRESS), false);
  broker.close();
  world.scheduler.advance(10_000);
  is(world.scheduler.pendingTimers, 0);
});
