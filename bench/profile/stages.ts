// Where the time of a send and of a pull goes: CPU-microseconds a message of each stage of the broker's thread.
// One process for the broker, one thread of rmqload beside it. Each row runs twice: plain, for the CPU time that each thread
// of the broker's process took (/proc), and with --cpu-prof, for the shares of the stages in the home shard's time.
//
// node dist/bench/profile/stages.js [--only=send-1x64,batch] [--io-shards=0] [--seconds=4] [--folder=DISK]
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runLoad } from '../compare/load.ts';
import { buildTool } from '../compare/tools.ts';
import { type Broker, startBroker } from './broker.ts';
import { kindOf, loadOf, rowsOf, warmUpOf } from './loads.ts';
import { type CpuProfile, isHomeShard, stagesOf } from './stage-of.ts';
import {
  allTicks,
  shardThreads,
  TICK_MICROSECONDS,
  threadTicks,
  ticksBetween,
} from './thread-ticks.ts';

const SETTLE_MS = 1000;
const SAMPLE_MICROSECONDS = 200;
const DEFAULT_ROWS = 'send-1x64,send-8x32,send-1k,batch,pull';

interface Measured {
  readonly messages: number;
  readonly elapsedMs: number;
  /** CPU ticks of the home shard, and of all. */
  readonly shardTicks: number;
  readonly allTicks: number;
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, SETTLE_MS));

const measure = async (
  row: string,
  tool: string,
  { child, address }: Broker,
  seconds: number,
): Promise<Measured> => {
  await runLoad(tool, 'send', address, warmUpOf(row));
  await pause();
  const before = threadTicks(child.pid);
  const { messages, messagesPerSecond, errors } = await runLoad(
    tool,
    kindOf(row),
    address,
    loadOf(row)(seconds),
  );
  if (errors > 0 || messages === 0) throw new Error(`${row}: ${errors} answers were errors`);
  const spent = ticksBetween(before, threadTicks(child.pid));
  const [home = 0] = shardThreads(spent, Number(values['io-shards']));
  const elapsedMs = (1000 * messages) / messagesPerSecond;
  return { messages, elapsedMs, shardTicks: spent.get(home) ?? 0, allTicks: allTicks(spent) };
};

const profileOf = (folder: string): CpuProfile => {
  for (const name of readdirSync(folder)) {
    const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile;
    if (isHomeShard(profile)) return profile;
  }
  throw new Error(`${folder} holds no profile of a home shard`);
};

const print = (row: string, measured: Measured, stages: ReadonlyMap<string, number>): void => {
  const perMessage = (ticks: number): number => (ticks * TICK_MICROSECONDS) / measured.messages;
  const whole = perMessage(measured.allTicks);
  const shard = perMessage(measured.shardTicks);
  const total = [...stages.values()].reduce((sum, value) => sum + value, 0);
  console.log(`\n| ${row} | CPU-µs a message | share |\n|---|---:|---:|`);
  const line = (name: string, time: number): void =>
    console.log(`| ${name} | ${time.toFixed(3)} | ${((100 * time) / whole).toFixed(1)} % |`);
  for (const [stage, time] of stages) line(stage, (shard * time) / total);
  line('*home shard’s thread*', shard);
  line('*other threads: helpers, flush, compiler, collector*', whole - shard);
  line('*whole process*', whole);
};

const runRow = async (
  row: string,
  tool: string,
  folder: string,
  seconds: number,
): Promise<void> => {
  const ioShards = Number(values['io-shards']);
  const plain = await startBroker(join(folder, 'plain'), ioShards);
  const measured = await measure(row, tool, plain, seconds).finally(() => plain.child.stop());
  const profiles = join(folder, 'profiles');
  const flags = ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
  flags.push(`--cpu-prof-interval=${SAMPLE_MICROSECONDS}`);
  const profiled = await startBroker(join(folder, 'profiled'), ioShards, flags);
  const again = await measure(row, tool, profiled, seconds).finally(() => profiled.child.stop());
  print(row, measured, stagesOf(profileOf(profiles), again.elapsedMs));
};

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: DEFAULT_ROWS },
    seconds: { type: 'string', default: '4' },
    'io-shards': { type: 'string', default: '0' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const rows = rowsOf(values.only);
console.log(`${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}`);
const tool = buildTool('rmqload');
for (const row of rows) {
  const folder = mkdtempSync(join(values.folder, 'saturnmq-stages-'));
  try {
    await runRow(row, tool, folder, Number(values.seconds));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
