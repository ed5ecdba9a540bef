import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { is, ok } from 'uvu/assert';
import {
  seededRandom,
  silentLogger,
  systemClock,
  systemScheduler,
} from '../../../src/base/index.ts';
import { SendMessageV2 } from '../../../src/protocol/index.ts';
import { Doorbell } from '../../../src/ring/index.ts';
import {
  createRingPair,
  markClientGone,
  markServerGone,
  RemotingServer,
  RingChannel,
  type RingChannelOptions,
  RingHub,
  type RingPair,
  tcpNetwork,
} from '../../../src/transport/index.ts';
import { eventually } from '../../support/eventually.ts';
import { suite } from '../../support/suite.ts';
import { EchoHandler } from '../world.ts';
import { BROKER, codeOf, sendHeader } from './fixture.ts';
import type { EchoTask } from './ring-echo.worker.ts';

const test = suite('rings between threads');
const parts = { clock: systemClock, scheduler: systemScheduler, logger: silentLogger };

const startEcho = async (...pairs: RingPair[]): Promise<Worker> => {
  const workerData: EchoTask = { pairs, spinUs: 2 };
  const worker = new Worker(new URL('./ring-echo.worker.js', import.meta.url), { workerData });
  await once(worker, 'message');
  return worker;
};

const hubOf = (doorbell: SharedArrayBuffer): RingHub =>
  new RingHub({ ...parts, doorbell, spinUs: 0 });

const channelOf = (
  hub: RingHub,
  pair: RingPair,
  over: Partial<RingChannelOptions> = {},
): RingChannel => new RingChannel({ ...parts, hub, pairs: new Map([[BROKER, pair]]), ...over });

/** Calls once; a body that comes back changed is a failure. */
const call = (channel: RingChannel, body: Buffer, address = BROKER): Promise<void> =>
  new Promise((resolve, reject) => {
    let times = 0;
    channel.call(SendMessageV2, address, sendHeader, body, 20_000, (error, view) => {
      times += 1;
      if (times > 1) throw new Error('a call was settled twice');
      if (view === undefined) reject(error);
      else if (view.buffer.compare(body, 0, body.length, view.bodyStart, view.bodyEnd) === 0)
        resolve();
      else reject(new Error('another body came back'));
    });
  });

const bodyOf = (bytes: number, fill: number): Buffer => Buffer.alloc(bytes, fill % 251);

for (const ringBytes of [1024, 8192, 1024 * 1024]) {
  test(`rings of ${ringBytes} bytes lose, double and change nothing`, async () => {
    const pair = createRingPair({ bytes: ringBytes });
    const worker = await startEcho(pair);
    const hub = hubOf(pair.clientDoorbell);
    const channel = channelOf(hub, pair);
    const random = seededRandom(ringBytes);
    let left = 20_000;
    const lane = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const isLong = random.below(200) === 0;
        await call(channel, bodyOf(random.below(isLong ? 20_000 : 300), left));
      }
    };
    await Promise.all(Array.from({ length: 300 }, lane));
    is(channel.callsInFlight, 0);
    channel.close();
    hub.close();
    await worker.terminate();
  });
}

test('frames of 4 MiB pass between short ones', async () => {
  const pair = createRingPair({ bytes: 64 * 1024 });
  const worker = await startEcho(pair);
  const hub = hubOf(pair.clientDoorbell);
  const channel = channelOf(hub, pair);
  const sizes = [4 * 1024 * 1024, 10, 4 * 1024 * 1024 - 1, 0, 1_000_003, 7];
  await Promise.all(sizes.map((bytes, index) => call(channel, bodyOf(bytes, index + 1))));
  channel.close();
  hub.close();
  await worker.terminate();
});

test('one call after the other wakes both threads each time', async () => {
  const pair = createRingPair({ bytes: 64 * 1024 });
  const worker = await startEcho(pair);
  const hub = hubOf(pair.clientDoorbell);
  const channel = channelOf(hub, pair);
  for (let index = 0; index < 2000; index++) await call(channel, bodyOf(20, index));
  channel.close();
  hub.close();
  await worker.terminate();
});

test('a server’s thread killed under load: each call settles once, its successor serves the same memory', async () => {
  const pair = createRingPair({ bytes: 16 * 1024 });
  const hub = hubOf(pair.clientDoorbell);
  const channel = channelOf(hub, pair);
  let worker = await startEcho(pair);
  let answered = 0;
  let isOver = false;
  const codes = new Set<string>();
  const lane = async (lane: number): Promise<void> => {
    while (!isOver) {
      try {
        await call(channel, bodyOf(lane * 3, lane));
        answered += 1;
      } catch (error) {
        codes.add(codeOf(error as Error));
      }
    }
  };
  const lanes = Array.from({ length: 200 }, (_, index) => lane(index));
  for (let round = 0; round < 5; round++) {
    const before = answered;
    await eventually(
      async () => answered,
      (now) => now > before + 2000,
      10_000,
    );
    ok(answered > before + 2000, 'serves');
    await worker.terminate();
    if (round !== 3) markServerGone(pair);
    worker = await startEcho(pair);
  }
  isOver = true;
  await Promise.all(lanes);
  is([...codes].sort().join(), 'CONNECTION_CLOSED');
  is(channel.callsInFlight, 0);
  channel.close();
  hub.close();
  await worker.terminate();
});

test('a server that is gone for good fails all calls at once', async () => {
  const pair = createRingPair();
  const hub = hubOf(pair.clientDoorbell);
  const channel = channelOf(hub, pair);
  const worker = await startEcho(pair);
  await call(channel, bodyOf(5, 1));
  await worker.terminate();
  const waiting = call(channel, bodyOf(5, 1)).catch(codeOf);
  markServerGone(pair, true);
  is(await waiting, 'CONNECTION_CLOSED');
  is(await call(channel, bodyOf(5, 1)).catch(codeOf), 'CONNECT_FAILED');
  channel.close();
  hub.close();
});

test('a client’s thread killed under load: its connections are closed, the next client is served', async () => {
  const pair = createRingPair({ bytes: 16 * 1024 });
  const handler = new EchoHandler();
  const hub = new RingHub({ ...parts, doorbell: pair.serverDoorbell });
  const server = new RemotingServer({ ...parts, network: tcpNetwork(), handler });
  hub.serve(pair, (socket) => server.adopt(socket));
  for (let round = 1; round <= 3; round++) {
    const url = new URL('./ring-load.worker.js', import.meta.url);
    const client = new Worker(url, { workerData: pair });
    await once(client, 'message');
    is(server.peers.size, 1);
    await client.terminate();
    markClientGone(pair);
    await eventually(
      async () => handler.closed.length,
      (closed) => closed === round,
      5000,
    );
    is(handler.closed.length, round);
    is(server.peers.size, 0);
  }
  hub.close();
  await new Promise<void>((resolve) => server.close(resolve));
});

test('two pairs on one hub, each with a thread of its own, and two on one server', async () => {
  const clientDoorbell = Doorbell.memory();
  const serverDoorbell = Doorbell.memory();
  const first = createRingPair({ clientDoorbell, bytes: 8192 });
  const second = createRingPair({ clientDoorbell, serverDoorbell, bytes: 8192 });
  const third = createRingPair({ serverDoorbell, bytes: 8192 });
  const workers = [await startEcho(first), await startEcho(second, third)];
  const hub = hubOf(clientDoorbell);
  const other = hubOf(third.clientDoorbell);
  const pairs = new Map([
    ['127.0.0.1:1', first],
    ['127.0.0.1:2', second],
  ]);
  const channel = channelOf(hub, first, { pairs });
  const beside = channelOf(other, third);
  const lane = async (lane: number): Promise<void> => {
    for (let index = 0; index < 100; index++) {
      if (lane % 3 === 0) await call(beside, bodyOf(index, lane));
      else await call(channel, bodyOf(index, lane), `127.0.0.1:${lane % 3}`);
    }
  };
  await Promise.all(Array.from({ length: 60 }, (_, index) => lane(index)));
  channel.close();
  beside.close();
  hub.close();
  other.close();
  for (const worker of workers) await worker.terminate();
});

test('closing under load settles every call once and lets the thread end', async () => {
  const pair = createRingPair({ bytes: 4096 });
  const worker = await startEcho(pair);
  const hub = hubOf(pair.clientDoorbell);
  const channel = channelOf(hub, pair);
  const outcomes = Array.from({ length: 500 }, (_, index) =>
    call(channel, bodyOf(500, index)).then(
      () => 'answered',
      (error: Error) => codeOf(error),
    ),
  );
  await Promise.race(outcomes);
  channel.close();
  hub.close();
  const ends = new Set(await Promise.all(outcomes));
  ok([...ends].every((end) => end === 'answered' || end === 'CLIENT_CLOSED'));
  await worker.terminate();
});
