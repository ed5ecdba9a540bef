// What I/O shards do for one broker: its rate, its latency, and CPU-microseconds a message of its home shard's thread, of its
// I/O shards' and of the whole process, with 0, 1, 2 … of them. Threads: rmqload's one, and the broker's process.
// All brokers of a row run at once and are loaded in turn, so that figures of one round can be compared; ratios are medians
// of the rounds' own ratios to the first count. "carries" is what the busiest of these threads would do on a core of its own:
// messages a second at which it has no time left. It is a model: caches, memory and the kernel's own locks are not in it.
//
// node dist/bench/profile/io-shards.js [--counts=0,1,2] [--only=send-8x32,batch] [--rounds=3] [--seconds=3] [--folder=DISK]
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runLoad } from '../compare/load.ts';
import { buildTool } from '../compare/tools.ts';
import { median } from '../support/measure.ts';
import { type Broker, startBroker } from './broker.ts';
import { kindOf, loadOf, rowsOf, warmUpOf } from './loads.ts';
import {
  allTicks,
  shardThreads,
  TICK_MICROSECONDS,
  threadTicks,
  ticksBetween,
} from './thread-ticks.ts';

const SETTLE_MS = 300;
const DEFAULT_ROWS = 'send-1x1,send-8x32,send-64x1,batch,pull';

interface Counted extends Broker {
  readonly count: number;
  /** Ids of its home shard's thread and of its I/O shards'. */
  threads: readonly number[];
}

/** One run: microseconds of CPU are those of a message. */
interface Sample {
  readonly rate: number;
  readonly home: number;
  /** Each I/O shard's. */
  readonly io: readonly number[];
  readonly whole: number;
  readonly p50: number;
  readonly p99: number;
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, SETTLE_MS));

const measure = async (
  row: string,
  tool: string,
  { child, address, threads }: Counted,
  seconds: number,
): Promise<Sample> => {
  await pause();
  const before = threadTicks(child.pid);
  const result = await runLoad(tool, kindOf(row), address, loadOf(row)(seconds));
  if (result.errors > 0 || result.messages === 0) throw new Error(`${row}: ${result.line}`);
  const spent = ticksBetween(before, threadTicks(child.pid));
  const perMessage = (ticks: number): number => (ticks * TICK_MICROSECONDS) / result.messages;
  const [home = 0, ...io] = threads.map((id) => perMessage(spent.get(id) ?? 0));
  return {
    rate: result.messagesPerSecond,
    home,
    io,
    whole: perMessage(allTicks(spent)),
    p50: result.p50Us,
    p99: result.p99Us,
  };
};

const carries = ({ home, io }: Sample): number => 1e6 / Math.max(home, ...io);

const print = (row: string, counts: readonly number[], samples: Map<number, Sample[]>): void => {
  const first = samples.get(counts[0] ?? 0) ?? [];
  console.log(
    `\n| ${row}: I/O shards | messages/s | ratio | home shard, CPU-µs | I/O shards, CPU-µs | process, CPU-µs | p50 µs | p99 µs | carries |`,
  );
  console.log('|---:|---:|---:|---:|---|---:|---:|---:|---:|');
  for (const count of counts) {
    const all = samples.get(count) ?? [];
    const of = (pick: (sample: Sample) => number): number => median(all.map(pick));
    const ratio = median(all.map(({ rate }, round) => rate / (first[round]?.rate ?? Number.NaN)));
    const io = Array.from({ length: count }, (_, index) => of((sample) => sample.io[index] ?? 0));
    const cells = [
      String(count),
      Math.round(of(({ rate }) => rate)).toLocaleString('en'),
      ratio.toFixed(2),
      of(({ home }) => home).toFixed(2),
      io.map((time) => time.toFixed(2)).join(' + ') || '–',
      of(({ whole }) => whole).toFixed(2),
      of(({ p50 }) => p50).toFixed(0),
      of(({ p99 }) => p99).toFixed(0),
      Math.round(of(carries)).toLocaleString('en'),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
};

const runRow = async (
  row: string,
  tool: string,
  folder: string,
  { counts, rounds, seconds }: { counts: number[]; rounds: number; seconds: number },
): Promise<void> => {
  const brokers: Counted[] = [];
  try {
    for (const count of counts)
      brokers.push({ ...(await startBroker(join(folder, `${count}`), count)), count, threads: [] });
    const samples = new Map<number, Sample[]>(counts.map((count) => [count, []]));
    for (const broker of brokers) {
      const { address, child, count } = broker;
      const evenly = loadOf('send-64x1')(1);
      await runLoad(tool, 'send', address, evenly); // Until here the compiler is as busy as a shard.
      const before = threadTicks(child.pid);
      await runLoad(tool, 'send', address, evenly);
      broker.threads = shardThreads(ticksBetween(before, threadTicks(child.pid)), count);
      await runLoad(tool, 'send', address, warmUpOf(row));
      if (kindOf(row) === 'pull') await runLoad(tool, 'pull', address, loadOf(row)(seconds));
    }
    for (let round = 0; round < rounds; round++) {
      const inTurn = round % 2 === 0 ? brokers : [...brokers].reverse();
      for (const broker of inTurn)
        samples.get(broker.count)?.push(await measure(row, tool, broker, seconds));
    }
    print(row, counts, samples);
  } finally {
    for (const { child } of brokers) await child.stop();
  }
};

const { values } = parseArgs({
  options: {
    counts: { type: 'string', default: '0,1,2' },
    only: { type: 'string', default: DEFAULT_ROWS },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const rows = rowsOf(values.only);
const plan = {
  counts: values.counts.split(',').map(Number),
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
};
console.log(`${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}`);
const tool = buildTool('rmqload');
for (const row of rows) {
  const folder = mkdtempSync(join(values.folder, 'saturnmq-io-'));
  try {
    await runRow(row, tool, folder, plan);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
