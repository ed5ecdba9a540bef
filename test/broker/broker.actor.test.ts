import * as assert from 'uvu/assert';
import { child, Shard } from '../../src/actors/index.ts';
import { type Logger, silentLogger } from '../../src/base/index.ts';
import { CLIENT_EXPIRY_MS, CLIENT_SCAN_MS } from '../../src/broker/broker-limits.ts';
import { createBrokerActor } from '../../src/broker/index.ts';
import {
  GetMaxOffset,
  QueryConsumerOffset,
  ResponseCode,
  requestCommand,
  UpdateConsumerOffset,
} from '../../src/protocol/index.ts';
import { MemoryDisk } from '../../src/storage/index.ts';
import type { SimClient } from '../sim/sim-client.ts';
import { BROKER, SimWorld } from '../sim/world.ts';
import { suite } from '../support/suite.ts';
import {
  actorOf,
  bodiesOf,
  factsOf,
  GROUP,
  heartbeat,
  pullOf,
  SEED,
  sendOf,
  stored,
  T,
} from './broker-fixture.ts';

const test = suite('broker actor');

/** A logger that fails the actor which logs `text`, as often as `times` says. */
const failingLogger = (text: string, times: number) => {
  const fault = { left: times };
  const warn = (_facts: object, message: string): void => {
    if (!message.includes(text) || fault.left === 0) return;
    fault.left -= 1;
    throw new Error('injected');
  };
  const logger: Logger = { ...silentLogger, warn, child: () => logger };
  return { logger, fault };
};

/** Time in which members send no heartbeat, but enough else to keep their connections open. */
const withoutHeartbeats = (world: SimWorld, members: readonly SimClient[]): void => {
  for (let ms = 0; ms <= CLIENT_EXPIRY_MS + CLIENT_SCAN_MS; ms += CLIENT_SCAN_MS) {
    for (const member of members)
      member.tell(requestCommand(GetMaxOffset, { topic: T, queueId: 0 }));
    world.run(CLIENT_SCAN_MS);
  }
};

const offsetOf = (client: SimClient): string | undefined =>
  client.callAs(QueryConsumerOffset, { consumerGroup: GROUP, topic: T, queueId: 0 }).extFields?.[
    'offset'
  ];

test('a group that fails is started again with its offsets, and takes members again', () => {
  const { logger, fault } = failingLogger('silent for too long', 1);
  const world = new SimWorld(SEED);
  world.logger = logger;
  world.boot();
  const client = world.connect();
  client.call(sendOf());
  client.callAs(UpdateConsumerOffset, {
    consumerGroup: GROUP,
    topic: T,
    queueId: 0,
    commitOffset: 1,
  });
  const consumer = world.connect('10.0.0.31');
  heartbeat(consumer, 'a');
  const group = `group-${GROUP}`;
  withoutHeartbeats(world, [consumer]);
  assert.is(fault.left, 0);
  assert.equal([actorOf(world, group).restarts, actorOf(world, group).state], [1, 'running']);
  assert.is(offsetOf(client), '1');
  assert.is(factsOf(world, group)['members'], 0);
  assert.is(heartbeat(world.connect('10.0.0.32'), 'b').code, 0);
  assert.is(factsOf(world, group)['members'], 1);
  assert.is(client.call(sendOf()).code, 0);
  assert.equal(world.failures, []);
});

test('a group that fails and fails fails the broker: its shard is replaced then', () => {
  const { logger } = failingLogger('silent for too long', 1_000);
  const world = new SimWorld(SEED);
  world.logger = logger;
  world.boot();
  const members = Array.from({ length: 30 }, (_, index) => {
    const member = world.connect(`10.0.1.${index}`);
    heartbeat(member, `c-${index}`, { groupName: `g-${index}` });
    return member;
  });
  withoutHeartbeats(world, members);
  assert.is(world.failures.length, 1);
  assert.match(String(world.failures[0]), /restart|injected/i);
});

test('a broker whose port is taken fails instead of serving nobody', () => {
  const world = new SimWorld(SEED);
  world.boot();
  const { clock, scheduler, random, settings } = world;
  const failures: unknown[] = [];
  const shard = new Shard({
    name: 'second',
    clock,
    scheduler,
    random,
    logger: silentLogger,
    supervision: { strategy: 'oneForOne', restartsMax: 0, periodMs: 60_000 },
    onFailed: (error) => failures.push(error),
  });
  const disk = new MemoryDisk({ clock, scheduler });
  const network = world.network.from('10.0.0.1');
  const actor = createBrokerActor({ disk, network, scheduler });
  const [host = '', port = ''] = BROKER.split(':');
  const store = {
    storePathRootDir: '/second',
    mappedFileSizeCommitLog: 64 * 1024,
    mappedFileSizeConsumeQueue: 1_280,
  };
  const listen = [{ host, port: Number(port) }];
  shard.spawnRoot(
    child({ id: 'broker', actor, config: { settings, store, listen, namesrvAddr: [] } }),
  );
  world.run(100);
  assert.is(failures.length, 1);
  assert.is(world.connect().call(sendOf()).code, 0, 'the first goes on');
});

test('a stop answers what came before it and keeps it', () => {
  const world = new SimWorld(SEED, { flushDiskType: 'SYNC_FLUSH' });
  world.boot();
  const client = world.connect();
  client.call(sendOf({}, 'kept'));
  world.stop();
  assert.equal(world.failures, []);
  world.boot();
  assert.equal(
    stored(world.connect()).map(({ body }) => body),
    ['kept'],
  );
});

/** Bodies of a whole queue. */
const storedIn = (client: SimClient, queueId: number): string[] => {
  const bodies: string[] = [];
  for (let next = -1; next !== bodies.length; ) {
    next = bodies.length;
    bodies.push(...bodiesOf(client.call(pullOf({ queueId, queueOffset: next }))));
  }
  return bodies;
};

/** A broker under SYNC_FLUSH on a disk that takes its time. */
const onSlowDisk = (): SimWorld => {
  const world = new SimWorld(SEED, { flushDiskType: 'SYNC_FLUSH' });
  world.boot();
  world.connect().call(sendOf());
  world.disk.syncDelayMs = () => 20;
  return world;
};

test('a stop answers sends that wait for their flush', () => {
  const world = onSlowDisk();
  const clients = [world.connect('10.0.0.21'), world.connect('10.0.0.22')];
  const asked = clients.map((client) => client.ask(sendOf({}, 'waits')));
  world.run(10);
  assert.is(factsOf(world, 'broker')['sendsWaiting'], 2);
  world.stop();
  world.run(50);
  assert.equal(
    asked.map(({ response }) => response?.code),
    [0, 0],
  );
});

test('a stop answers sends whose flush fails, and ends', () => {
  const world = onSlowDisk();
  const asked = world.connect('10.0.0.21').ask(sendOf({}, 'waits'));
  world.run(10);
  world.disk.failNextSync('commitlog');
  world.stop();
  world.run(50);
  assert.is(asked.response?.code, ResponseCode.SERVICE_NOT_AVAILABLE);
});

test('a stop stores nothing whose sender learns nothing of it, however busily they send', () => {
  const world = onSlowDisk();
  const acknowledged: string[] = [];
  for (let lane = 0; lane < 8; lane++) {
    const client = world.connect(`10.0.0.3${lane}`);
    const next = (index: number): void => {
      const body = `${lane}-${index}`;
      const asked = client.ask(sendOf({ queueId: lane % 4 }, body));
      const look = (): void => {
        if (asked.settled === 0) {
          world.scheduler.setTimer(1, look);
        } else if (asked.response?.code === 0) {
          acknowledged.push(body);
          next(index + 1);
        }
      };
      look();
    };
    next(0);
    world.run(7);
  }
  world.run(100);
  world.stop();
  world.run(50);
  world.boot();
  const reader = world.connect();
  const found = [0, 1, 2, 3].flatMap((queueId) => storedIn(reader, queueId));
  assert.ok(acknowledged.length > 8);
  assert.equal(found.sort(), ['body', ...acknowledged].sort());
});

test('the broker says what it holds', () => {
  const world = new SimWorld(SEED);
  world.boot();
  const client = world.connect();
  client.call(sendOf());
  world.run(2_000);
  const { appended, flushed, isWritable, connections, sendsWaiting } = factsOf(world, 'broker');
  assert.ok(Number(appended) > 0);
  assert.equal([flushed, isWritable, connections, sendsWaiting], [appended, true, 1, 0]);
});
