import { createServer as createWeb } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import * as assert from 'uvu/assert';
import { PullConsumer } from '../../../src/client/index.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-ports.ts';
import { suite } from '../../support/suite.ts';
import { type Servers, spawnCommand } from './bench-child.ts';
import { bench, createTopic, untilLoaded, withServers } from './bench-servers.ts';

// Each kind of load over the network, given what it cannot work with. `embedded` has no network: embedded-bench.test.ts.

const test = suite('every kind of bench');
const LIMIT_MS = 90_000;
const WIRE_KINDS = ['producer', 'batch', 'pull', 'latency'];
const KINDS = [...WIRE_KINDS, 'consumer'];
/** So much has come through before the broker dies. */
const RELAYED_BYTES = 100_000;

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** Each kind with the same arguments, all at once; each has to fail, and to say why. */
const expectAll = async (
  kinds: readonly string[],
  args: readonly string[],
  reason: RegExp,
): Promise<void> => {
  const ends = kinds.map(async (kind) => {
    const { code, err } = await bench(kind, ...args);
    assert.is(code, 1, `${kind} ${args.join(' ')}`);
    assert.match(err, reason, `${kind} ${args.join(' ')}: ${err}`);
    assert.not.match(err, /^ +at /m, `${kind} shows where in the code, not what to do`);
  });
  await Promise.all(ends);
};

test(
  'an address where nobody listens is named, with what to look at',
  async () => {
    const dead = `127.0.0.1:${await freePort()}`;
    await expectAll(KINDS, ['-n', dead], /no name server answers .*choose it with -n/);
    await expectAll(WIRE_KINDS, ['--broker', dead], /cannot connect to .*is a broker listening/);
  },
  LIMIT_MS,
);

test(
  'an address that is none is named',
  async () => {
    await expectAll(KINDS, ['-n', 'nowhere'], /nowhere/);
    await expectAll(WIRE_KINDS, ['--broker', '127.0.0.1:port'], /127\.0\.0\.1:port/);
  },
  LIMIT_MS,
);

test(
  'servers of another kind are told from those that are wanted',
  () =>
    withServers(async ({ brokerAddr, namesrvAddr }) => {
      const web = createWeb((_request, response) => response.end('hello'));
      const address = await listen(web);
      const quick = ['--timeout', '1000'];
      try {
        await expectAll(KINDS, ['-n', address], /name server/);
        await expectAll(
          KINDS,
          ['-n', brokerAddr],
          /-n takes its address, --broker that of a broker/,
        );
        const notMq = /sent (an HTTP|a frame longer)|closed the connection/;
        await expectAll(WIRE_KINDS, ['--broker', address, ...quick], notMq);
        const refused = /answered REQUEST_CODE_NOT_SUPPORTED \(3\)/;
        await expectAll(WIRE_KINDS, ['--broker', namesrvAddr, ...quick], refused);
      } finally {
        web.close();
      }
    }),
  LIMIT_MS,
);

test(
  'a topic that does not exist, and that nobody creates, is named with the remedy',
  () =>
    withServers(
      async ({ namesrvAddr, brokerAddr }) => {
        const remedy = /Nowhere.*create it with "saturnmq topic create"/;
        await expectAll(KINDS, ['-t', 'Nowhere', '-n', namesrvAddr], remedy);
        const direct = ['-t', 'Nowhere', '--broker', brokerAddr];
        await expectAll(WIRE_KINDS, direct, /answered TOPIC_NOT_EXIST \(17\)/);
      },
      { autoCreateTopicEnable: 'false' },
    ),
  LIMIT_MS,
);

/** Passes bytes on, and counts those that come back: a pull leaves no trace at the broker. */
const relay = (target: string): { readonly server: Server; bytes: () => number } => {
  const [host = '', port = ''] = target.split(':');
  let bytes = 0;
  const server = createServer((near) => {
    const far = connect(Number(port), host);
    far.on('data', (chunk) => {
      bytes += chunk.length;
    });
    near.pipe(far).pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  return { server, bytes: () => bytes };
};

const untilCommitted = async ({ namesrvAddr }: Servers, consumerGroup: string, topic: string) => {
  const consumer = new PullConsumer({ namesrvAddr, consumerGroup });
  await consumer.start();
  const queues = await consumer.fetchMessageQueues(topic);
  const committed = await eventually(
    async () =>
      Math.max(
        ...(await Promise.all(queues.map(async (q) => (await consumer.committedOffset(q)) ?? -1))),
      ),
    (queueOffset) => queueOffset > 0,
    20_000,
  );
  await consumer.close();
  assert.ok(committed > 0);
};

test(
  'a broker that dies in the middle ends every kind with what it measured',
  () =>
    withServers(async (servers) => {
      for (const topic of ['Backlog', 'producer', 'batch', 'latency'])
        await createTopic(servers, topic);
      const names = ['-n', servers.namesrvAddr];
      const filled = await bench('batch', '-t', 'Backlog', '-q', '200', ...names);
      assert.is(filled.code, 0, filled.err);
      const through = relay(servers.brokerAddr);
      const broker = ['--broker', await listen(through.server), '--queues', '2'];
      const group = ['-g', 'readers', '-p', 'false'];
      // Slow enough for five loads and a broker to share a small machine.
      const slow = ['--rate', '200'];
      const loads = {
        consumer: ['-t', 'Backlog', ...group, ...names],
        pull: ['-t', 'Backlog', '--repeat', ...broker],
        producer: ['-t', 'producer', ...names],
        batch: ['-t', 'batch', ...slow, ...names],
        latency: ['-t', 'latency', ...slow, ...names],
      };
      const running = Object.entries(loads).map(([kind, args]) => {
        const { ended } = spawnCommand(['bench', kind, ...args]);
        return { kind, ended };
      });
      for (const topic of ['producer', 'batch', 'latency']) await untilLoaded(servers, topic);
      await untilCommitted(servers, 'readers', 'Backlog');
      const relayed = await eventually(
        async () => through.bytes(),
        (bytes) => bytes > RELAYED_BYTES,
        20_000,
      );
      assert.ok(relayed > RELAYED_BYTES);
      await servers.child.kill9();
      for (const { kind, ended } of running) {
        const { code, out, err } = await ended;
        assert.is(code, 1, `${kind}: ${err}`);
        assert.match(out, new RegExp(`^${kind}: [1-9][\\d,]* messages in `, 'm'), kind);
        if (kind === 'producer') assert.match(out, /failed: [1-9]\d* without an answer/);
        assert.match(err, /^saturnmq: 127\.0\.0\.1:\d+ (closed the connection|is gone)/m, kind);
      }
      through.server.close();
    }),
  LIMIT_MS,
);
