// An application with a broker in its process, and a client on the network, both sending and consuming at a steady rate
// for minutes: what grows, and how late the application's event loop is.
// Threads: the application's, those of the node, and a process for the client on the network. Units: MB of anonymous
// memory and their slope a minute, numbers of mappings, threads and descriptors, ms that the event loop is late, percent of
// the time in the application's garbage collector. Ends with a verdict and status 1 where it is bad.
// usage: npm run bench -- soak [--minutes=10 | --seconds=N] [--rate=10000] [--folder=DISK] [--json=FILE] [--tcp]
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { machineFacts } from '../compare/report.ts';
import { openEmbedded } from '../support/embedded-node.ts';
import { type LoadCounts, startLoad } from './load.ts';
import { type Finding, judge } from './verdict.ts';
import { type Moment, readMoment, ThreadWatch } from './watch.ts';

const IDLE_MS = 3_000;
const MOMENTS = 120;
const MOMENT_MS_MIN = 250;
const SPOKEN_EVERY_MS = 30_000;

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    minutes: { type: 'string', default: '10' },
    seconds: { type: 'string' },
    // Messages a second of each of the two clients.
    rate: { type: 'string', default: '10000' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'string' },
    // The application's own clients use TCP as well.
    tcp: { type: 'boolean', default: false },
  },
});
const runMs =
  values.seconds === undefined ? Number(values.minutes) * 60_000 : Number(values.seconds) * 1000;
const rate = Number(values.rate);
if (!(runMs > 0 && rate > 0))
  throw new Error('--minutes, --seconds and --rate take numbers above 0');

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface TcpClient {
  stop(): Promise<LoadCounts>;
  /** Ends the process, whatever it is doing. */
  kill(): void;
}

/** A client in another process; settles once it sends. */
const startTcpClient = async (namesrvAddr: string): Promise<TcpClient> => {
  const path = fileURLToPath(new URL('./tcp-client.js', import.meta.url));
  const child = fork(path, [namesrvAddr, 'soak-tcp', String(rate)], { stdio: 'inherit' });
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the client ended with ${code}`)));
  });
  ended.catch(() => undefined); // At the end it is meant to be gone.
  const message = <T>(): Promise<T> =>
    Promise.race([ended, new Promise<T>((resolve) => void child.once('message', resolve))]);
  await message();
  return {
    stop: () => {
      const counts = message<LoadCounts>();
      child.send('stop');
      return counts;
    },
    kill: () => void child.kill('SIGKILL'),
  };
};

const watchMoments = async (storePath: string): Promise<Moment[]> => {
  const everyMs = Math.max(MOMENT_MS_MIN, runMs / MOMENTS);
  const endMs = performance.now() + runMs;
  const moments: Moment[] = [];
  let spokenMs = performance.now();
  while (performance.now() < endMs) {
    await pause(everyMs);
    const moment = readMoment(storePath);
    moments.push(moment);
    if (moment.atMs - spokenMs < SPOKEN_EVERY_MS) continue;
    spokenMs = moment.atMs;
    const { anonymousMb, mappings, threads, descriptors } = moment;
    const left = Math.round((endMs - moment.atMs) / 1000);
    console.log(
      `${anonymousMb} MB anonymous, ${mappings} mappings, ${threads} threads, ${descriptors} descriptors; ${left} s left`,
    );
  }
  return moments;
};

const verdictWord = ({ holds }: Finding): string => {
  if (holds === undefined) return 'too short to say';
  return holds ? 'ok' : 'BAD';
};

const main = async (): Promise<void> => {
  const folder = mkdtempSync(join(values.folder, 'saturnmq-soak-'));
  const open = await openEmbedded({ folder, listens: true, isTcp: values.tcp });
  const watch = new ThreadWatch();
  let tcp: TcpClient | undefined;
  try {
    await pause(Math.min(IDLE_MS, runMs));
    const idle = watch.delays();
    tcp = await startTcpClient(open.node.namesrvAddr);
    const embedded = await startLoad(open.where, 'soak-embedded', rate);
    watch.reset();
    const moments = await watchMoments(folder);
    const loaded = watch.delays();
    const gcPercent = watch.gcPercent();
    const [own, far] = await Promise.all([embedded.stop(), tcp.stop()]);
    const loads = { embedded: own, tcp: far };
    const findings = judge({ moments, idle, loaded, gcPercent, loads });
    for (const finding of findings)
      console.log(
        `${verdictWord(finding).padEnd(8)} ${finding.name}: ${finding.value} (${finding.limit})`,
      );
    const isGood = findings.every(({ holds }) => holds !== false);
    console.log(isGood ? 'verdict: good' : 'verdict: bad');
    const facts = { bench: 'soak', seconds: runMs / 1000, rate, isGood, findings, idle, loaded };
    const data = { ...facts, gcPercent, loads, moments, machine: machineFacts() };
    if (values.json !== undefined)
      writeFileSync(values.json, `${JSON.stringify(data, undefined, 2)}\n`);
    if (!isGood) process.exitCode = 1;
  } finally {
    tcp?.kill();
    watch.close();
    await open.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

await main();
