import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { Producer, PullConsumer, PushConsumer } from '../../../src/client/index.ts';
import { createTestBroker, type TestBroker } from '../../../src/node/testing/index.ts';
import { eventually } from '../../support/eventually.ts';
import { suite } from '../../support/suite.ts';
import { failureOf, withFolder } from '../node-fixture.ts';

const test = suite('test broker');
const READY_MS_MAX = 150;
const SOON_MS = 10_000;

const heldCount = (kind: 'TCPServerWrap' | 'Timeout'): number =>
  process.getActiveResourcesInfo().filter((other) => other === kind).length;

/** Runs `body` with temporary files below `folder`. */
const withTemporary = async (folder: string, body: () => Promise<void>): Promise<void> => {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  try {
    await body();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
};

/** Checks that `body` leaves no port, timer or temporary file behind. */
const leavesNothing = (body: (folder: string) => Promise<void>): Promise<void> =>
  withFolder(async (folder) => {
    const temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    const timers = heldCount('Timeout');
    await withTemporary(temporary, () => body(folder));
    // Every test here closes its brokers, so that nothing listens between two tests.
    const ports = await eventually(
      async () => heldCount('TCPServerWrap'),
      (count) => count === 0,
      SOON_MS,
    );
    assert.is(ports, 0);
    assert.ok(heldCount('Timeout') <= timers, process.getActiveResourcesInfo().join());
    assert.equal(readdirSync(temporary), []);
  });

const produce = async ({ namesrvAddr }: TestBroker, body: string): Promise<void> => {
  const producer = new Producer({ namesrvAddr, producerGroup: 'test' });
  await producer.start();
  const sent = await producer.send({ topic: 'Orders', body: Buffer.from(body) });
  assert.is(sent.sendStatus, 'SEND_OK');
  await producer.close();
};

const stored = async ({ namesrvAddr }: TestBroker): Promise<number> => {
  const consumer = new PullConsumer({ namesrvAddr, consumerGroup: 'look' });
  await consumer.start();
  const queues = await consumer.fetchMessageQueues('Orders');
  const offsets = await Promise.all(queues.map((queue) => consumer.maxOffset(queue)));
  await consumer.close();
  return offsets.reduce((sum, queueOffset) => sum + queueOffset, 0);
};

test('it is ready soon, passes messages on, and leaves nothing behind', async () => {
  const broker = await createTestBroker();
  const received = new Promise<string>((done, fail) => {
    const consumer = new PushConsumer({
      namesrvAddr: broker.namesrvAddr,
      consumerGroup: 'test',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    });
    consumer.subscribe('Orders', '*', async (message) => {
      done(message.body.toString());
      setImmediate(() => void consumer.close());
    });
    produce(broker, 'hello')
      .then(() => consumer.start())
      .catch(fail);
  });
  assert.is(await received, 'hello');
  assert.ok(existsSync(broker.storePath));
  await broker.close();
  await broker.close();
  assert.not(existsSync(broker.storePath));
  assert.is(broker.failure, undefined);
});

test('several run at once, and the fastest of five is ready within the time that is promised', async () => {
  const times: number[] = [];
  const brokers: TestBroker[] = [];
  for (let count = 0; count < 5; count++) {
    const startedMs = performance.now();
    brokers.push(await createTestBroker());
    times.push(performance.now() - startedMs);
  }
  assert.is(new Set(brokers.map(({ namesrvAddr }) => namesrvAddr)).size, 5);
  assert.ok(Math.min(...times) < READY_MS_MAX, times.join());
  await Promise.all(brokers.map((broker) => broker.close()));
});

test('a manual clock decides when a waiting pull ends, and when a message was stored', async () => {
  const broker = await createTestBroker({ clock: 'manual', startMs: 1_700_000_000_000 });
  const consumer = new PullConsumer({ namesrvAddr: broker.namesrvAddr, consumerGroup: 'wait' });
  try {
    assert.is(broker.clock.now(), 1_700_000_000_000);
    await broker.clock.advance(3_600_000);
    await produce(broker, 'an hour later');
    await consumer.start();
    const queues = await consumer.fetchMessageQueues('Orders');
    const results = await Promise.all(queues.map((queue) => consumer.pull(queue, 0)));
    const messages = results.flatMap((result) => result.messages);
    assert.equal(
      messages.map(({ storeTimestamp }) => storeTimestamp),
      [1_700_003_600_000],
    );
    const queue = queues[results.findIndex((result) => result.messages.length === 0)];
    assert.ok(queue);
    let isOver = false;
    const waiting = consumer.pull(queue, 0, { suspendMs: 30_000 }).then((result) => {
      isOver = true;
      return result;
    });
    // Requests of one connection are served in order: after this answer the broker holds the pull.
    await consumer.maxOffset(queue);
    await broker.clock.advance(20_000);
    await consumer.maxOffset(queue);
    assert.not(isOver);
    await broker.clock.advance(11_000);
    assert.is((await waiting).status, 'NO_NEW_MSG');
  } finally {
    await consumer.close();
    await broker.close();
  }
});

test('a store of the test’s own stays, and another broker finds its messages there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-'));
  try {
    const storePath = join(folder, 'store');
    const first = await createTestBroker({ storePath });
    await produce(first, 'kept');
    let code: unknown;
    await createTestBroker({ storePath }).catch((error) => {
      code = error.code;
    });
    assert.is(code, 'STORE_IN_USE');
    await first.close();
    const second = await createTestBroker({ storePath });
    assert.is(await stored(second), 1);
    await second.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('settings have the names of broker.conf; those a broker must not start with are refused', async () => {
  const broker = await createTestBroker({ broker: { autoCreateTopicEnable: false } });
  let code: unknown;
  await produce(broker, 'no').catch((error) => {
    code = error.code;
  });
  assert.is(code, 'TOPIC_NOT_FOUND');
  await broker.close();
  let refused: unknown;
  await createTestBroker({ broker: { brokerName: '' } }).catch((error) => {
    refused = error.code;
  });
  assert.is(refused, 'CONFIG_REFUSED');
});

test('a broker that is refused gives back its store, its folder, its ports and its timers', () =>
  leavesNothing(async (folder) => {
    const storePath = join(folder, 'store');
    const refused = { broker: { brokerName: '' } };
    assert.is((await failureOf(createTestBroker(refused))).code, 'CONFIG_REFUSED');
    assert.is(
      (await failureOf(createTestBroker({ ...refused, storePath }))).code,
      'CONFIG_REFUSED',
    );
    await (await createTestBroker({ storePath })).close();
  }));

test('a broker that cannot open its store gives back the same', () =>
  leavesNothing(async (folder) => {
    const storePath = join(folder, 'store');
    const commitLog = join(storePath, 'commitlog');
    mkdirSync(storePath);
    writeFileSync(commitLog, 'a file in the way');
    const { code } = await failureOf(createTestBroker({ storePath }));
    assert.ok(code === 'START_FAILED' || code === 'BAD_FOLDER', String(code));
    rmSync(commitLog);
    await (await createTestBroker({ storePath })).close();
  }));

test('a folder that cannot be made keeps no port', () =>
  leavesNothing(async (folder) => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    assert.is(
      (await failureOf(createTestBroker({ storePath: join(file, 'store') }))).code,
      'ENOTDIR',
    );
    await withTemporary(join(folder, 'missing'), async () => {
      assert.is((await failureOf(createTestBroker())).code, 'ENOENT');
    });
  }));
