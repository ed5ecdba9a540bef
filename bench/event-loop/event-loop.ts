// How late the event loop of an application is while it sends to a broker in its process, at half the rate that it can send
// at most: first that rate, then pairs of the same seconds without and with sends. Both have the same timer, a millisecond's
// worth of promises at each tick, and the same watch, whose own resolution is 1 ms: what counts is the difference of a pair.
// Then once more with a worker that computes as long as all other threads did, and no broker: what any busy thread adds here.
// Threads: the application's (this one) and those of the node; 128-byte bodies, 4 queues, ASYNC_FLUSH. Units: ms of delay
// (perf_hooks), messages/s. A pair whose sends fail, are not stored, or do not hold the rate makes the run void: status 1.
// Free memory is kept in use, as for all rows of the table; not so with --memory-as-found.
// usage: npm run bench -- event-loop [--seconds=5] [--pairs=5] [--share=0.5] [--folder=DISK] [--json=FILE]
//          [--memory-as-found]
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { countStored } from '../../src/cli/bench/count-stored.ts';
import { measureSends } from '../../src/cli/bench/embedded-sends.ts';
import { machineFacts } from '../compare/report.ts';
import { allTicks, TICK_MICROSECONDS, threadTicks, ticksBetween } from '../profile/thread-ticks.ts';
import { type Delays, ThreadWatch } from '../soak/watch.ts';
import { type EmbeddedNode, openEmbedded } from '../support/embedded-node.ts';
import { PageCache } from '../support/page-cache.ts';
import { addedDelay, type Pair, voidReason } from './added-delay.ts';
import { computeInstead, type Shares } from './computing.ts';
import { type PacedCounts, pacedSends } from './paced-sends.ts';

const LANES = 256;
const BODY_BYTES = 128;
const WAKER = new URL('./waker.worker.js', import.meta.url);

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    seconds: { type: 'string', default: '5' },
    pairs: { type: 'string', default: '5' },
    // Of the peak rate.
    share: { type: 'string', default: '0.5' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'string' },
    'memory-as-found': { type: 'boolean', default: false },
  },
});
const [seconds, pairs, share] = [values.seconds, values.pairs, values.share].map(Number) as [
  number,
  number,
  number,
];
if (!(seconds > 0 && pairs >= 1 && share > 0))
  throw new Error('--seconds, --pairs and --share take numbers above 0');

const peakRate = async ({ where }: EmbeddedNode): Promise<number> => {
  const { recorder, end } = await measureSends({
    where,
    topic: 'peak',
    bodyBytes: BODY_BYTES,
    lanes: LANES,
    batch: 1,
    seconds,
    warmSeconds: Math.min(1, seconds),
    quantity: 0,
    stop: new AbortController().signal,
    onTick: () => undefined,
  });
  if (end.problem !== undefined || recorder.failed > 0)
    throw new Error(end.problem ?? `${recorder.failed} sends failed`);
  return recorder.messages / end.seconds;
};

/** One half of a pair, in its own time. */
const half = async (
  open: EmbeddedNode,
  topic: string,
  rate: number,
  isSending: boolean,
): Promise<{ readonly delays: Delays; readonly counts: PacedCounts; readonly shares: Shares }> => {
  const waker = isSending ? undefined : new Worker(WAKER).on('message', () => undefined);
  const watch = new ThreadWatch();
  let delays = watch.delays();
  let ticks = threadTicks(process.pid);
  const counts = await pacedSends({
    where: open.where,
    topic,
    rate,
    seconds,
    isSending,
    onStart: () => {
      ticks = threadTicks(process.pid);
      watch.reset();
    },
    onEnd: () => {
      delays = watch.delays();
      ticks = ticksBetween(ticks, threadTicks(process.pid));
    },
  });
  watch.close();
  await waker?.terminate();
  const shareOf = (spent: number): number => (spent * TICK_MICROSECONDS) / (seconds * 1e6);
  const application = ticks.get(process.pid) ?? 0;
  const others = allTicks(ticks) - application;
  return { delays, counts, shares: { application: shareOf(application), others: shareOf(others) } };
};

/** As long, with a thread in the broker's place that computes as much as all others did. */
const computingHalf = async (shares: Shares): Promise<Delays> => {
  const watch = new ThreadWatch();
  let delays = watch.delays();
  await computeInstead(
    shares,
    seconds,
    () => watch.reset(),
    () => {
      delays = watch.delays();
    },
  );
  watch.close();
  return delays;
};

const main = async (): Promise<void> => {
  const pageCache = values['memory-as-found'] ? undefined : new PageCache(values.folder);
  pageCache?.fill();
  const open = await openEmbedded({ folder: values.folder });
  try {
    const peak = await peakRate(open);
    const rate = peak * share;
    console.log(`peak ${Math.round(peak)} messages/s; pairs at ${Math.round(rate)}`);
    const done: Pair[] = [];
    for (let index = 0; index < pairs; index++) {
      const topic = `pair-${index}`;
      pageCache?.fill();
      const idle = await half(open, topic, rate, false);
      const loaded = await half(open, topic, rate, true);
      const stored = await countStored(open.where, topic);
      const computing = await computingHalf(loaded.shares);
      const { delays, counts } = loaded;
      done.push({ idle: idle.delays, loaded: delays, computing, counts, stored });
      console.log(
        `p99 ${idle.delays.p99Ms} ms without sends, ${delays.p99Ms} ms with, ${computing.p99Ms} ms computing; max ${idle.delays.maxMs}, ${delays.maxMs} and ${computing.maxMs} ms`,
      );
    }
    const added = addedDelay(done);
    const reasons = done.map(voidReason).filter((reason) => reason !== undefined);
    const { median, min, max } = added.p99Ms;
    console.log(`added to the p99: ${median} ms (${min} to ${max}, ${pairs} pairs)`);
    const other = added.computingP99Ms;
    console.log(
      `added by a thread that computes instead: ${other.median} ms (${other.min} to ${other.max})`,
    );
    for (const reason of reasons) console.log(`void: ${reason}`);
    const data = { bench: 'event-loop', peak, rate, seconds, added, pairs: done, reasons };
    if (values.json !== undefined) {
      const text = JSON.stringify({ ...data, machine: machineFacts() }, undefined, 2);
      writeFileSync(values.json, `${text}\n`);
    }
    if (reasons.length > 0) process.exitCode = 1;
  } finally {
    await open.close();
    pageCache?.close();
  }
};

await main();
