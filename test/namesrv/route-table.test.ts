import fc from 'fast-check';
import { equal, is } from 'uvu/assert';
import type { RegisteredTopic, Registration } from '../../src/namesrv/route-model.ts';
import { BROKER_EXPIRE_MS, RouteTable } from '../../src/namesrv/route-table.ts';
import { suite } from '../support/suite.ts';

const test = suite('route-table');

const topic = (topicName: string, perm = 6, queues = 4): RegisteredTopic => ({
  topicName,
  perm,
  readQueueNums: queues,
  writeQueueNums: queues,
  topicSysFlag: 0,
});

const registration = (over: Partial<Registration> = {}): Registration => ({
  clusterName: 'C',
  brokerName: 'a',
  brokerAddr: '10.0.0.1:10911',
  brokerId: 0,
  haServerAddr: '10.0.0.1:10912',
  version: { counter: 1, timestamp: 1 },
  topics: [topic('T')],
  filterServers: [],
  channel: {},
  ...over,
});

const slave = (over: Partial<Registration> = {}): Registration =>
  registration({ brokerId: 1, brokerAddr: '10.0.0.2:10911', haServerAddr: 'none', ...over });

/** The whole table as plain data, for comparison. */
const dump = (table: RouteTable): object => ({
  topics: [...table.topics].map(([name, queues]) => [name, [...queues.values()]]),
  brokers: [...table.brokers].map(([name, b]) => [name, b.cluster, [...b.addresses]]),
  clusters: [...table.clusters].map(([name, members]) => [name, [...members]]),
  live: [...table.live.keys()],
});

test('a master brings its topics, a slave does not', () => {
  const table = new RouteTable();
  table.register(slave({ topics: [topic('FromSlave')] }), 0);
  is(table.route('FromSlave'), undefined);
  table.register(registration(), 0);
  const route = table.route('T');
  equal(route?.queues, [
    { brokerName: 'a', perm: 6, readQueueNums: 4, topicSysFlag: 0, writeQueueNums: 4 },
  ]);
  equal([...(route?.brokers[0]?.addresses ?? [])].sort(), [
    [0, '10.0.0.1:10911'],
    [1, '10.0.0.2:10911'],
  ]);
});

test('a slave is told where its master is, once that lives', () => {
  const table = new RouteTable();
  const none = { masterAddr: undefined, haServerAddr: undefined };
  equal(table.register(slave(), 0), none);
  equal(table.register(registration(), 0), none);
  equal(table.register(slave(), 0), {
    masterAddr: '10.0.0.1:10911',
    haServerAddr: '10.0.0.1:10912',
  });
  table.removeAddress('10.0.0.1:10911');
  equal(table.register(slave(), 0), none);
});

test('topics are taken when the version changed; those no longer named stay', () => {
  const table = new RouteTable();
  table.register(registration(), 0);
  table.register(registration({ topics: [topic('T', 4), topic('New')] }), 0);
  is(table.route('T')?.queues[0]?.perm, 6);
  is(table.route('New'), undefined);
  table.register(
    registration({ version: { counter: 2, timestamp: 1 }, topics: [topic('New', 6, 8)] }),
    0,
  );
  is(table.route('New')?.queues[0]?.readQueueNums, 8);
  is(table.route('T')?.queues[0]?.perm, 6);
  table.register(
    registration({ version: { counter: 2, timestamp: 9 }, topics: [topic('T', 2)] }),
    0,
  );
  is(table.route('T')?.queues[0]?.perm, 2);
});

test('an address that comes back under another id leaves the old one: a slave became master', () => {
  const table = new RouteTable();
  table.register(slave(), 0);
  table.register(registration({ brokerAddr: '10.0.0.2:10911' }), 0);
  equal([...(table.brokers.get('a')?.addresses ?? [])], [[0, '10.0.0.2:10911']]);
});

test('an address that comes back under another name leaves the old one', () => {
  const table = new RouteTable();
  table.register(registration(), 0);
  table.register(registration({ brokerName: 'b', topics: [topic('U')] }), 0);
  equal([...table.brokers.keys()], ['b']);
  is(table.route('T'), undefined);
  equal([...(table.clusters.get('C') ?? [])], ['b']);
});

test('a broker restarted on a new address replaces the old one at once', () => {
  const table = new RouteTable();
  const first = registration();
  table.register(first, 0);
  table.register(registration({ brokerAddr: '10.0.0.7:10911' }), 0);
  equal([...table.live.keys()], ['10.0.0.7:10911']);
  equal(table.removeChannel(first.channel), []);
  is(table.route('T')?.brokers[0]?.addresses.get(0), '10.0.0.7:10911');
});

test('a broker that changes its cluster is in one cluster only', () => {
  const table = new RouteTable();
  table.register(registration(), 0);
  table.register(registration({ clusterName: 'D' }), 0);
  equal(
    [...table.clusters].map(([name, members]) => [name, [...members]]),
    [['D', ['a']]],
  );
  is(table.brokers.get('a')?.cluster, 'D');
});

test('unregistering the last address takes topics and cluster along, one of two does not', () => {
  const table = new RouteTable();
  table.register(registration(), 0);
  table.register(slave(), 0);
  table.unregister('a', '10.0.0.1:10911', 0);
  is(table.route('T')?.brokers[0]?.addresses.size, 1);
  table.unregister('a', '10.0.0.2:10911', 1);
  equal(dump(table), { topics: [], brokers: [], clusters: [], live: [] });
  table.unregister('a', '10.0.0.2:10911', 1);
  table.unregister('nobody', 'x:1', 0);
});

test('a late goodbye of an address that was replaced does not remove its successor', () => {
  const table = new RouteTable();
  table.register(registration(), 0);
  table.register(registration({ brokerAddr: '10.0.0.7:10911' }), 0);
  table.unregister('a', '10.0.0.1:10911', 0);
  is(table.route('T')?.brokers[0]?.addresses.get(0), '10.0.0.7:10911');
});

test('a closed connection takes exactly what was registered on it', () => {
  const table = new RouteTable();
  const one = registration();
  table.register(one, 0);
  table.register(registration({ brokerName: 'b', brokerAddr: '10.0.0.3:10911' }), 0);
  equal(table.removeChannel({}), []);
  equal(table.removeChannel(one.channel), ['10.0.0.1:10911']);
  equal([...table.brokers.keys()], ['b']);
  equal(
    table.route('T')?.queues.map(({ brokerName }) => brokerName),
    ['b'],
  );
});

test('a broker expires 120 s after its last sign of life, not before', () => {
  const table = new RouteTable();
  table.register(registration(), 1000);
  table.touch('10.0.0.1:10911', 5000);
  table.touch('unknown:1', 5000);
  equal(table.expired(5000 + BROKER_EXPIRE_MS), []);
  equal(
    table.expired(5001 + BROKER_EXPIRE_MS).map((live) => live.address),
    ['10.0.0.1:10911'],
  );
});

test('filter servers belong to an address, an empty list removes them, none leaves them', () => {
  const table = new RouteTable();
  const servers = (): object => Object.fromEntries(table.route('T')?.filterServers ?? []);
  table.register(registration({ filterServers: ['f:1'] }), 0);
  equal(servers(), { '10.0.0.1:10911': ['f:1'] });
  table.register(registration({ filterServers: undefined }), 0);
  equal(servers(), { '10.0.0.1:10911': ['f:1'] });
  table.register(registration({ filterServers: [] }), 0);
  equal(servers(), {});
});

test('permissions change for all topics of one broker until it registers a changed table', () => {
  const table = new RouteTable();
  table.register(registration({ topics: [topic('T'), topic('U', 4)] }), 0);
  table.register(registration({ brokerName: 'b', brokerAddr: 'b:1', topics: [topic('T')] }), 0);
  is(
    table.changePermission('a', (perm) => perm & ~2),
    2,
  );
  is(
    table.changePermission('nobody', () => 0),
    0,
  );
  equal(
    table.route('T')?.queues.map(({ perm }) => perm),
    [4, 6],
  );
  table.register(registration({ version: { counter: 2, timestamp: 2 } }), 0);
  equal(
    table.route('T')?.queues.map(({ perm }) => perm),
    [6, 6],
  );
});

test('a deleted topic comes back with the next changed registration only', () => {
  const table = new RouteTable();
  table.register(registration(), 0);
  table.deleteTopic('T');
  table.register(registration(), 0);
  is(table.route('T'), undefined);
  table.register(registration({ version: { counter: 2, timestamp: 1 } }), 0);
  is(table.route('T')?.queues.length, 1);
});

// A model that keeps only registrations and derives everything else from them.
const small = (max: number) => fc.integer({ min: 0, max });
const plain = { noNullPrototype: true };
const steps = fc.array(
  fc.oneof(
    fc.record(
      {
        kind: fc.constant('register' as const),
        broker: small(2),
        id: small(2),
        address: small(5),
        version: small(2),
        topic: small(3),
      },
      plain,
    ),
    fc.record(
      {
        kind: fc.constant('unregister' as const),
        broker: small(2),
        id: small(2),
        address: small(5),
      },
      plain,
    ),
    fc.record({ kind: fc.constant('close' as const), channel: small(5) }, plain),
    fc.record(
      { kind: fc.constant('wait' as const), ms: fc.constantFrom(30_000, 90_000, 121_000) },
      plain,
    ),
  ),
  { maxLength: 60 },
);

interface Known {
  broker: string;
  id: number;
  address: string;
  atMs: number;
}

/** What is alive, as a flat list. */
class Model {
  known: Known[] = [];

  remove(isGone: (known: Known) => boolean): void {
    this.known = this.known.filter((known) => !isGone(known));
  }

  register(next: Known): void {
    this.remove(
      (k) => k.address === next.address || (k.broker === next.broker && k.id === next.id),
    );
    this.known.push(next);
  }
}

const checkInvariants = (table: RouteTable): void => {
  const addresses = [...table.brokers.values()].flatMap((b) => [...b.addresses.values()]);
  is(new Set(addresses).size, addresses.length, 'T1: an address belongs to one broker');
  equal(
    [...addresses].sort(),
    [...table.live.keys()].sort(),
    'T1: live addresses are broker addresses',
  );
  const members = [...table.clusters.values()].flatMap((names) => [...names]);
  equal([...members].sort(), [...table.brokers.keys()].sort(), 'T2: one cluster each');
  for (const broker of table.brokers.values()) is(broker.addresses.size > 0, true, 'T2');
  for (const [name, queues] of table.topics) {
    is(queues.size > 0, true, name);
    for (const brokerName of queues.keys()) is(table.brokers.has(brokerName), true, 'T3');
  }
};

test('any sequence of registrations and endings leaves what a plain list of the living says', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const table = new RouteTable();
      const model = new Model();
      const channels = Array.from({ length: 6 }, () => ({}));
      let nowMs = 0;
      for (const step of sequence) {
        if (step.kind === 'register') {
          const brokerName = `b${step.broker}`;
          const brokerAddr = `h${step.address}:1`;
          table.register(
            registration({
              brokerName,
              brokerAddr,
              clusterName: `C${step.broker % 2}`,
              brokerId: step.id,
              version: { counter: step.version, timestamp: 0 },
              topics: [topic(`T${step.topic}`)],
              channel: channels[step.address] ?? {},
            }),
            nowMs,
          );
          model.register({ broker: brokerName, id: step.id, address: brokerAddr, atMs: nowMs });
        } else if (step.kind === 'unregister') {
          const brokerName = `b${step.broker}`;
          const address = `h${step.address}:1`;
          table.unregister(brokerName, address, step.id);
          model.remove((k) => k.broker === brokerName && k.id === step.id && k.address === address);
        } else if (step.kind === 'close') {
          table.removeChannel(channels[step.channel] ?? {});
          model.remove((k) => k.address === `h${step.channel}:1`);
        } else {
          nowMs += step.ms;
          for (const live of table.expired(nowMs)) table.removeAddress(live.address);
          const now = nowMs;
          model.remove((k) => now - k.atMs > BROKER_EXPIRE_MS);
        }
        const living = [...table.brokers.values()].flatMap(({ brokerName, addresses }) =>
          [...addresses].map(([id, address]) => `${brokerName}/${id}/${address}`),
        );
        equal(living.sort(), model.known.map((k) => `${k.broker}/${k.id}/${k.address}`).sort());
        checkInvariants(table);
      }
    }),
    { numRuns: 500 },
  );
});
