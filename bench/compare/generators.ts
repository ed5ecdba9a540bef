// The load generator of `saturnmq bench` beside bench/tools/rmqload.c: what each gets out of the same broker, in turn.
// One process for the broker, one for the generator, which has one thread; 128-byte bodies, 4 queues, ASYNC_FLUSH. Each pair
// of sends has a broker of its own, warmed up for a second; pulls read one backlog again and again. Every other pair turns
// the order round. Units: messages/s, CPU-µs a message of the generator. A run with a failure ends the bench.
// usage: npm run bench -- generators [--pairs=5 --seconds=4 --messages=2000000 --only=ROW,… --folder=DISK --json=FILE]
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { BenchResult } from '../../src/cli/bench/bench-result.ts';
import { type Child, startChild } from '../../test/support/child.ts';
import { freePort } from '../../test/support/free-ports.ts';
import { spread } from '../support/measure.ts';
import { field } from './fields.ts';
import { runLoad } from './load.ts';
import { machineFacts } from './report.ts';
import { buildTool } from './tools.ts';

const TOPIC = 'GeneratorTopic';
const QUEUES = 4;
const BODY_BYTES = 128;
const FILL_BATCH = 32;
const RUN_LIMIT_MS = 180_000;
const READY_MS = 60_000;
const PROGRAM = fileURLToPath(new URL('../support/program.js', import.meta.url));

interface SendRow {
  readonly kind: 'send';
  readonly connections: number;
  /** On each connection. */
  readonly inFlight: number;
  readonly batch: number;
}
interface PullRow {
  readonly kind: 'pull';
  readonly connections: number;
}

/** `pull-1`: ours reads all queues on one connection; rmqload has one for each queue in both. */
const ROWS: Readonly<Record<string, SendRow | PullRow>> = {
  'send-1x64': { kind: 'send', connections: 1, inFlight: 64, batch: 1 },
  'send-8x32': { kind: 'send', connections: 8, inFlight: 32, batch: 1 },
  batch: { kind: 'send', connections: 4, inFlight: 4, batch: 32 },
  'pull-1': { kind: 'pull', connections: 1 },
  'pull-4': { kind: 'pull', connections: QUEUES },
};

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    pairs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    messages: { type: 'string', default: '2000000' },
    only: { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'string' },
  },
});

const wholeNumber = (name: 'pairs' | 'seconds' | 'messages'): number => {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`--${name} takes a whole number above 0, not ${values[name]}`);
};

const pairs = wholeNumber('pairs');
const seconds = wholeNumber('seconds');
const backlog = wholeNumber('messages');
const tool = buildTool('rmqload');

interface Run {
  readonly rate: number;
  readonly cpu: number;
  readonly messages: number;
}

const rmqload = async (
  kind: 'send' | 'pull',
  address: string,
  args: readonly (string | number)[],
): Promise<Run> => {
  const result = await runLoad(tool, kind, address, args, seconds);
  if (result.errors > 0) throw new Error(`rmqload: ${result.line}`);
  const { messagesPerSecond: rate, messages } = result;
  return { rate, cpu: field(result.line, 'load_cpu_us') ?? Number.NaN, messages };
};

const bench = async (address: string, args: readonly string[]): Promise<Run> => {
  const to = ['--broker', address, '--queues', String(QUEUES), '-t', TOPIC, '--json'];
  const output = await new Promise<string>((resolve, reject) => {
    const argv = [PROGRAM, 'bench', ...args, ...to];
    execFile(process.execPath, argv, { timeout: RUN_LIMIT_MS }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`saturnmq bench ${args.join(' ')}: ${stderr || error.message}`));
    });
  });
  const { messagesPerSecond, loadCpuUsPerMessage, messages } = JSON.parse(output) as BenchResult;
  return { rate: messagesPerSecond, cpu: loadCpuUsPerMessage, messages };
};

const withBroker = async <T>(root: string, body: (address: string) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(root, 'broker-'));
  const port = await freePort([0, -2, 1]);
  const ports = ['--broker-port', String(port), '--namesrv-port', String(await freePort())];
  const child: Child = await startChild({
    name: 'saturnmq start',
    command: process.execPath,
    args: [PROGRAM, 'start', '--store', join(folder, 'store'), ...ports],
    ready: /The broker\[.*boot success/,
    readyLimitMs: READY_MS,
  });
  try {
    return await body(`127.0.0.1:${port}`);
  } finally {
    await child.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

interface Pair {
  readonly ours: Run;
  readonly theirs: Run;
}

/** Both in turn; which of them begins changes from pair to pair. */
const inTurn = async (
  index: number,
  ours: () => Promise<Run>,
  theirs: () => Promise<Run>,
): Promise<Pair> => {
  if (index % 2 === 0) {
    const first = await ours();
    return { ours: first, theirs: await theirs() };
  }
  const first = await theirs();
  return { theirs: first, ours: await ours() };
};

const sendArgs = ({ connections, inFlight, batch }: SendRow, forSeconds: number) => [
  ...[TOPIC, QUEUES, connections, inFlight, BODY_BYTES, forSeconds, batch],
];

const sendPair = (root: string, row: SendRow, index: number): Promise<Pair> =>
  withBroker(root, async (address) => {
    const { connections, inFlight, batch } = row;
    await rmqload('send', address, sendArgs(row, 1));
    const shape = ['--connections', String(connections), '-w', String(connections * inFlight)];
    const time = ['-s', String(BODY_BYTES), '--warm', '1', '--seconds', String(seconds)];
    const args =
      batch > 1
        ? ['batch', '-b', String(batch), ...shape, ...time]
        : ['producer', ...shape, ...time];
    return inTurn(
      index,
      () => bench(address, args),
      () => rmqload('send', address, sendArgs(row, seconds)),
    );
  });

const pullPairs = (root: string, { connections }: PullRow, onPair: (pair: Pair) => void) =>
  withBroker(root, async (address) => {
    const requests = Math.ceil(backlog / FILL_BATCH);
    const fill = [TOPIC, QUEUES, 4, 4, BODY_BYTES, RUN_LIMIT_MS / 1000, FILL_BATCH, requests];
    const { messages } = await rmqload('send', address, fill);
    const all = async (run: Promise<Run>): Promise<Run> => {
      const { messages: read } = await run;
      if (read !== messages) throw new Error(`${messages} stored, ${read} pulled`);
      return run;
    };
    for (let index = 0; index < pairs; index++)
      onPair(
        await inTurn(
          index,
          () => all(bench(address, ['pull', '--connections', String(connections)])),
          () => all(rmqload('pull', address, [TOPIC, QUEUES, 'generators', RUN_LIMIT_MS / 1000])),
        ),
      );
  });

const measureRow = async (root: string, name: string): Promise<object> => {
  const row = ROWS[name] as SendRow | PullRow;
  const measured: Pair[] = [];
  const onPair = (pair: Pair): void => {
    measured.push(pair);
    const { ours, theirs } = pair;
    const ratio = (ours.rate / theirs.rate).toFixed(2);
    console.log(
      `${name}: saturnmq bench ${Math.round(ours.rate)}/s, rmqload ${Math.round(theirs.rate)}/s: ${ratio} ×` +
        `; generator ${ours.cpu.toFixed(2)} and ${theirs.cpu.toFixed(2)} CPU-µs a message`,
    );
  };
  if (row.kind === 'pull') await pullPairs(root, row, onPair);
  else for (let index = 0; index < pairs; index++) onPair(await sendPair(root, row, index));
  const of = (pick: (pair: Pair) => number) => spread(measured.map(pick));
  const ratio = of(({ ours, theirs }) => ours.rate / theirs.rate);
  console.log(`${name}: ${ratio.median} × (${ratio.min}–${ratio.max}) what rmqload gets`);
  return {
    ...{ row: name, ratio },
    ...{ rate: of(({ ours }) => ours.rate), rmqloadRate: of(({ theirs }) => theirs.rate) },
    ...{ cpuUs: of(({ ours }) => ours.cpu), rmqloadCpuUs: of(({ theirs }) => theirs.cpu) },
  };
};

const main = async (): Promise<void> => {
  const names = values.only?.split(',') ?? Object.keys(ROWS);
  const unknown = names.find((name) => !Object.hasOwn(ROWS, name));
  if (unknown !== undefined)
    throw new Error(`--only takes ${Object.keys(ROWS).join(', ')}; not ${unknown}`);
  const root = mkdtempSync(join(values.folder, 'saturnmq-generators-'));
  const rows: object[] = [];
  try {
    for (const name of names) rows.push(await measureRow(root, name));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  const data = { bench: 'generators', pairs, seconds, rows, machine: machineFacts() };
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify(data, undefined, 2)}\n`);
};

await main();
