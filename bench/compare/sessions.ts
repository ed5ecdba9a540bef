import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { PageCache } from '../support/page-cache.ts';
import { type ClientResult, runClient } from './java-clients.ts';
import { type LoadResult, runLoad, runSync } from './load.ts';
import { countStored } from './offsets.ts';
import type { CompareOptions } from './options.ts';
import {
  CONSUMER_THREADS,
  PRODUCER_SHAPES,
  type Sample,
  SEND_SHAPES,
  type SendShape,
} from './plan.ts';
import { cpuMicroseconds, memoryOf } from './process-facts.ts';
import { type Look, withRates } from './rates.ts';
import { VoidError } from './samples.ts';
import type { RunningSystem } from './systems.ts';

/** What measurements are made with. */
export interface Kit {
  readonly options: CompareOptions;
  readonly rmqload: string;
  readonly syncload: string;
  /** Class path of the Java clients; absent where the machine has no Java. */
  readonly clients: string | undefined;
  /** Puts free memory to use, unless the run takes it as it finds it. */
  readonly pageCache: PageCache | undefined;
}

/** A running system and the topics it has been given. */
export interface Bench {
  readonly kit: Kit;
  readonly running: RunningSystem;
  readonly folder: string;
  /** Rows of the load generator that have warmed this server up. */
  readonly warmed: Set<string>;
  /** Topics filled for reading. */
  readonly filled: Map<string, number>;
  readonly attempts: { count: number };
}

const QUEUES = 4;
const SETTLE_MS = 3_000;
const SYNC_SECONDS = 2;
const WINDOW_MS = 10_000;
/** A shorter run need not reach the end of a segment. */
const SUSTAINED_SECONDS = 120;
const QUEUES_LIMIT_MS = 30_000;
/** Messages a second of `--seconds` that the push consumer's backlog holds. */
const BACKLOG_A_SECOND = 350_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const need = (isTrue: boolean, reason: () => string): void => {
  if (!isTrue) throw new VoidError(reason());
};

/** Holds what clients counted against what the broker says it has; a Java broker's queues follow its log with a delay. */
const checkStored = async (bench: Bench, topic: string, acknowledged: number): Promise<void> => {
  const endMs = performance.now() + QUEUES_LIMIT_MS;
  const { address } = bench.running;
  let stored = await countStored(address, topic, QUEUES);
  while (stored < acknowledged && performance.now() < endMs) {
    await pause(100);
    stored = await countStored(address, topic, QUEUES);
  }
  need(stored === acknowledged, () => `${acknowledged} acknowledged, ${stored} stored`);
};

const send = async (
  bench: Bench,
  topic: string,
  shape: SendShape,
  seconds: number,
  requests?: number,
): Promise<LoadResult> => {
  const { connections, inFlight, bodyBytes, batch } = shape;
  const load = [connections, inFlight, bodyBytes, seconds, batch, requests ?? 0];
  const args = [topic, QUEUES, ...load];
  const { address } = bench.running;
  const result = await runLoad(bench.kit.rmqload, 'send', address, args, seconds);
  need(result.errors === 0, () => `${result.errors} sends failed: ${result.line}`);
  need(result.messages > 0, () => 'no message passed');
  await checkStored(bench, topic, result.messages);
  return result;
};

/** Runs `load` and says what processor time the servers used meanwhile. */
const withCpu = async (
  { running }: Bench,
  load: () => Promise<LoadResult>,
): Promise<{ result: LoadResult; sample: Sample }> => {
  const before = cpuMicroseconds(running.pids);
  const result = await load();
  const cpu = (cpuMicroseconds(running.pids) - before) / result.messages;
  const { messagesPerSecond: rate, p50Us: p50, p99Us: p99, p999Us: p999 } = result;
  return { result, sample: { rate, cpu, p50, p99, p999 } };
};

const shapeOf = (id: string): SendShape => {
  const shape = SEND_SHAPES[id];
  if (shape === undefined) throw new Error(`no load is known as ${id}`);
  return shape;
};

/** Sends with rmqload; the first row of a server warms it up for longer. */
export const measureSend = async (bench: Bench, id: string): Promise<Sample> => {
  const { seconds, warmSeconds } = bench.kit.options;
  const shape = shapeOf(id);
  const warm = bench.warmed.size === 0 ? warmSeconds : Math.ceil(warmSeconds / 2);
  bench.warmed.add(id);
  if (id === 'batch') await fillBacklog(bench);
  else await send(bench, `warm-${id}`, shape, warm);
  const { result, sample } = await withCpu(bench, () => send(bench, `load-${id}`, shape, seconds));
  bench.filled.set(`load-${id}`, result.messages);
  return sample;
};

/** Fills the backlog of the push consumer once, which also warms batches up. */
const fillBacklog = async (bench: Bench): Promise<{ topic: string; messages: number }> => {
  const { seconds } = bench.kit.options;
  const shape = shapeOf('batch');
  for (const [topic, messages] of bench.filled)
    if (topic.startsWith('backlog-')) return { topic, messages };
  // A topic of its own for each attempt: one that failed leaves messages behind.
  bench.attempts.count += 1;
  const topic = `backlog-${bench.attempts.count}`;
  const requests = Math.ceil((seconds * BACKLOG_A_SECOND) / shape.batch);
  const { messages } = await send(bench, topic, shape, seconds * 10, requests);
  bench.filled.set(topic, messages);
  return { topic, messages };
};

/** Reads what the row of batches sent, every queue to its end. */
export const measurePull = async (bench: Bench): Promise<Sample> => {
  const backlog = await fillBacklog(bench);
  const filled = bench.filled.get('load-batch');
  const topic = filled === undefined ? backlog.topic : 'load-batch';
  const messages = filled ?? backlog.messages;
  const pull = (from: string): Promise<LoadResult> =>
    runLoad(bench.kit.rmqload, 'pull', bench.running.address, [from, QUEUES, 'bench-readers', 60]);
  await pull(backlog.topic);
  const { result, sample } = await withCpu(bench, () => pull(topic));
  need(result.errors === 0, () => `${result.errors} pulls failed: ${result.line}`);
  need(result.messages === messages, () => `${messages} stored, ${result.messages} read`);
  return sample;
};

/** Runs a Java client and reads the servers' processor time at its marks. */
const client = async (
  bench: Bench,
  mainClass: 'LoadProducer' | 'LoadConsumer',
  args: readonly (string | number)[],
): Promise<{ result: ClientResult; sample: Sample }> => {
  const { kit, running } = bench;
  if (kit.clients === undefined) throw new Error('a row of the Java client needs Java');
  const marks = { begin: Number.NaN, end: Number.NaN };
  const result = await runClient(kit.clients, mainClass, [running.namesrvAddr, ...args], (mark) => {
    marks[mark] = cpuMicroseconds(running.pids);
  });
  const { messages, seconds } = result;
  need(messages > 0, () => 'no message passed');
  return {
    result,
    sample: { rate: messages / seconds, cpu: (marks.end - marks.begin) / messages },
  };
};

/** What the Java producer of a row is given after its name server. It is a fresh JVM, so it always warms up in full. */
export const producerArgs = (
  id: string,
  { seconds, warmSeconds }: Pick<CompareOptions, 'seconds' | 'warmSeconds'>,
): (string | number)[] => {
  const shape = PRODUCER_SHAPES[id];
  if (shape === undefined) throw new Error(`no producer is known as ${id}`);
  return [`load-${id}`, shape.threads, shape.bodyBytes, warmSeconds, seconds];
};

/** Threads of a Java producer, each sending synchronously. */
export const measureJavaProducer = async (bench: Bench, id: string): Promise<Sample> => {
  const args = producerArgs(id, bench.kit.options);
  const { result, sample } = await client(bench, 'LoadProducer', args);
  need(result.errors === 0, () => `${result.errors} sends failed`);
  await checkStored(bench, `load-${id}`, result.acknowledged);
  const { p50Us: p50, p99Us: p99, p999Us: p999 } = result;
  return { ...sample, p50, p99, p999 };
};

/** One thread, whose wait is held against the disk's own. */
export const measureOneSync = async (bench: Bench): Promise<Sample> => {
  const bareSync = await measureDisk(bench);
  const sample = await measureJavaProducer(bench, 'sync-1');
  return { ...sample, bareSync, aboveSync: (sample.p50 ?? Number.NaN) - bareSync };
};

const measureDisk = (bench: Bench): Promise<number> => {
  spawnSync('sync'); // What earlier rows left to be written must not be waited for here.
  const { bodyBytes } = PRODUCER_SHAPES['sync-1'] ?? { bodyBytes: 1024 };
  const seconds = Math.min(SYNC_SECONDS, bench.kit.options.seconds);
  return runSync(bench.kit.syncload, join(bench.folder, 'bare-sync'), bodyBytes, seconds);
};

/** A push consumer over the backlog, which it must receive once and whole. */
export const measureJavaConsumer = async (bench: Bench): Promise<Sample> => {
  const { topic, messages } = await fillBacklog(bench);
  const args = [topic, CONSUMER_THREADS, messages];
  const { result, sample } = await client(bench, 'LoadConsumer', args);
  need(
    result.acknowledged === messages,
    () => `${messages} stored, ${result.acknowledged} consumed`,
  );
  return sample;
};

/** A server that nobody has used yet. */
export const measureIdle = async ({ running, kit }: Bench): Promise<Sample> => {
  await pause(kit.options.isQuick ? 0 : SETTLE_MS);
  const { rssMb, anonymousMb } = memoryOf(running.pids);
  return { rss: rssMb, anonymous: anonymousMb, ready: running.readyMs };
};

/** Minutes of sends, with the rate of the slowest ten seconds and the segments that were begun. */
export const measureSustained = async (bench: Bench, id: string): Promise<Sample> => {
  const { warmSeconds, sustainedSeconds } = bench.kit.options;
  const { address } = bench.running;
  const shape = shapeOf(id);
  await send(bench, `warm-${id}`, shape, warmSeconds);
  const topic = `load-${id}`;
  const look = async (): Promise<Look> => ({
    stored: await countStored(address, topic, QUEUES),
    ms: performance.now(),
  });
  const before = bench.running.segments();
  const { result: measured, rates } = await withRates(
    { look, windowMs: WINDOW_MS, delayMs: WINDOW_MS / 10 },
    () => withCpu(bench, () => send(bench, topic, shape, sustainedSeconds)),
  );
  const { sample } = measured;
  const segments = bench.running.segments() - before;
  need(sustainedSeconds < SUSTAINED_SECONDS || segments > 0, () => 'no segment was rolled');
  const slowest = rates.length === 0 ? sample.rate : Math.min(...rates);
  return { ...sample, segments, ...(slowest === undefined ? {} : { slowest }) };
};
