// Measures: calls of 128 bytes answered by a RemotingServer in another thread, through rings and beside it through TCP:
// calls a second with many under way, processor time of both threads for one, and how long one call takes alone.
// Threads: 2 (the client here, the server in a worker). Units: calls/s, microseconds.
import { once } from 'node:events';
import { createHistogram } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { assert, silentLogger, systemClock, systemScheduler } from '../../src/base/index.ts';
import { type HeaderOf, SendMessageV2 } from '../../src/protocol/index.ts';
import {
  createRingPair,
  RemotingClient,
  RingChannel,
  RingHub,
  tcpNetwork,
} from '../../src/transport/index.ts';
import { percentiles, repeat, report, size } from '../support/measure.ts';

const CALLS = size(10_000, 500_000);
const CALLS_ALONE = size(500, 10_000);
const ROUNDS = size(2, 7);
const SPINS_US = [2, 50];
const TIMEOUT_MS = 10_000;
const BODY = Buffer.alloc(128, 'a');
const HEADER: HeaderOf<typeof SendMessageV2.request> = {
  producerGroup: 'bench_group',
  topic: 'TopicTest',
  defaultTopic: 'TBW102',
  defaultTopicQueueNums: 4,
  queueId: 2,
  sysFlag: 0,
  bornTimestamp: 1_700_000_000_000,
  flag: 0,
  properties: 'UNIQ_KEY\u00017F00000100002A9F0000000000000000\u0002WAIT\u0001true',
  reconsumeTimes: 0,
  unitMode: false,
  batch: false,
};

type Caller = Pick<RingChannel, 'call'>;

/** Keeps `depth` calls under way until `CALLS` are answered; returns calls a second. */
const pipelined = (caller: Caller, address: string, depth: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const startMs = performance.now();
    let sent = 0;
    let answered = 0;
    const send = (): void => {
      sent += 1;
      caller.call(SendMessageV2, address, HEADER, BODY, TIMEOUT_MS, done);
    };
    const done = (error: Error | undefined): void => {
      if (error !== undefined) reject(error);
      answered += 1;
      if (sent < CALLS) send();
      else if (answered === CALLS) resolve((CALLS / (performance.now() - startMs)) * 1000);
    };
    for (let index = 0; index < depth; index++) send();
  });

const alone = async (caller: Caller, address: string): Promise<Record<string, number>> => {
  const histogram = createHistogram();
  for (let index = 0; index < CALLS_ALONE; index++) {
    const startMs = performance.now();
    await new Promise<void>((resolve, reject) => {
      caller.call(SendMessageV2, address, HEADER, BODY, TIMEOUT_MS, (error) =>
        error === undefined ? resolve() : reject(error),
      );
    });
    histogram.record(Math.max(1, Math.round((performance.now() - startMs) * 1e6)));
  }
  assert(histogram.count === CALLS_ALONE, 'lost calls');
  return percentiles(histogram);
};

const cpuUsOf = async (work: () => Promise<number>): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return Math.round(((user + system) / CALLS) * 100) / 100;
};

for (const spinUs of SPINS_US) {
  const pair = createRingPair();
  const url = new URL('./ring-echo.worker.js', import.meta.url);
  const worker = new Worker(url, { workerData: { pair, spinUs } });
  const [port] = (await once(worker, 'message')) as [number];
  const address = `127.0.0.1:${port}`;
  const parts = { clock: systemClock, scheduler: systemScheduler, logger: silentLogger };
  const hub = new RingHub({ ...parts, doorbell: pair.clientDoorbell, spinUs: 0 });
  const ring = new RingChannel({ ...parts, hub, pairs: new Map([[address, pair]]) });
  const tcp = new RemotingClient({ ...parts, network: tcpNetwork() });
  for (const [way, caller] of [
    ['ring', ring],
    ['tcp', tcp],
  ] as const) {
    for (const depth of [16, 256, 2048]) {
      const perSecond = await repeat(ROUNDS, () => pipelined(caller, address, depth));
      const cpuUs = await cpuUsOf(() => pipelined(caller, address, depth));
      report('transport/ring', 'calls/s', { way, spinUs, depth, perSecond, cpuUs });
    }
    await alone(caller, address);
    report('transport/ring', 'µs', { way, spinUs, alone: await alone(caller, address) });
  }
  ring.close();
  tcp.close();
  hub.close();
  await worker.terminate();
}
