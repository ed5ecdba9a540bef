// Our node and a Java 4.9.2 name server and broker (2 GiB heap, G1), measured side by side on this machine.
// Threads: the load generator has one; it and the servers share the machine's cores. Loopback only, bounded in time.
// Rows: messages/s and CPU-µs per message of single sends, batches and a warm backlog read; memory; time to ready.
// usage: node dist/bench/compare/compare.js [--rounds=3] [--seconds=10] [--warm=10] [--only=java|saturnmq] [--json=FILE] [--markdown=FILE]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareJava } from '../../test/support/java.ts';
import { buildLoadGenerator, type LoadResult, runLoad } from './load.ts';
import { cpuMicroseconds, memoryOf } from './process-facts.ts';
import { asData, machineFacts, markdown, type Row } from './report.ts';
import { javaSystem, type RunningSystem, type System, saturnSystem } from './systems.ts';

const QUEUES = 4;
const BODY_BYTES = 128;
const SETTLE_MS = 3_000;
const ROUNDS_MAX = 50;
const SECONDS_MAX = 60;

/** What is sent: connections, requests in flight on each, messages per request. */
const SENDS = [
  { name: 'send, 1 connection, 64 in flight', connections: 1, inFlight: 64, batch: 1 },
  { name: 'send, 4 connections, batches of 32', connections: 4, inFlight: 4, batch: 32 },
] as const;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    // A JVM reaches its full rate only after some ten seconds of the same load.
    warm: { type: 'string', default: '10' },
    only: { type: 'string' },
    json: { type: 'string' },
    markdown: { type: 'string' },
  },
});
const within = (value: string, max: number): number =>
  Math.min(max, Math.max(1, Math.trunc(Number(value)) || 1));
const rounds = within(options.rounds, ROUNDS_MAX);
const seconds = within(options.seconds, SECONDS_MAX);
const warmSeconds = within(options.warm, SECONDS_MAX);

const rows: Row[] = [];
const note = (
  system: System,
  name: string,
  unit: string,
  isMoreBetter: boolean,
  value: number,
): void => {
  let row = rows.find((one) => one.name === name && one.unit === unit);
  if (row === undefined) {
    row = { name, unit, isMoreBetter, samples: { java: [], saturnmq: [] } };
    rows.push(row);
  }
  row.samples[system.name].push(value);
};

const measure = async (
  system: System,
  running: RunningSystem,
  name: string,
  run: () => Promise<LoadResult>,
): Promise<void> => {
  const before = cpuMicroseconds(running.pids);
  const result = await run();
  const cpu = cpuMicroseconds(running.pids) - before;
  console.log(`${system.name}: ${result.line}`);
  if (result.errors > 0) throw new Error(`${name}: ${result.errors} requests failed`);
  if (result.messages === 0) throw new Error(`${name}: no message passed`);
  note(system, name, 'messages/s', true, result.messagesPerSecond);
  note(system, name, 'CPU-µs/message', false, cpu / result.messages);
  if (result.latencyP99Us !== undefined)
    note(system, name, 'p99 µs/request', false, result.latencyP99Us);
};

const runSystem = async (system: System, folder: string, binary: string): Promise<void> => {
  const running = await system.start(folder);
  try {
    note(system, 'time to ready, name server and broker', 'ms', false, running.readyMs);
    note(system, 'time to ready, broker', 'ms', false, running.brokerReadyMs);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const idle = memoryOf(running.pids);
    note(system, 'memory when ready (RSS)', 'MB', false, idle.rssMb);
    note(system, 'memory when ready (anonymous)', 'MB', false, idle.anonymousMb);
    for (const [index, { name, connections, inFlight, batch }] of SENDS.entries()) {
      const send = (topic: string, forSeconds: number): Promise<LoadResult> => {
        const load = [connections, inFlight, BODY_BYTES, forSeconds, ...(batch > 1 ? [batch] : [])];
        return runLoad(binary, 'send', running.address, [topic, QUEUES, ...load]);
      };
      await send(`warm-${index}`, warmSeconds);
      await measure(system, running, name, () => send(`load-${index}`, seconds));
    }
    const pull = (topic: string): Promise<LoadResult> =>
      runLoad(binary, 'pull', running.address, [topic, QUEUES, 'load-readers', seconds]);
    await pull('warm-1');
    await measure(system, running, 'pull of the warm backlog', () => pull('load-1'));
    const loaded = memoryOf(running.pids);
    note(system, 'memory after load (anonymous)', 'MB', false, loaded.anonymousMb);
  } finally {
    await running.stop();
  }
};

const main = async (): Promise<void> => {
  const binary = buildLoadGenerator();
  const systems: System[] = [];
  if (options.only !== 'java') systems.push(saturnSystem());
  if (options.only !== 'saturnmq') {
    const java = prepareJava();
    if (java.kind === 'missing') throw new Error(`no Java to compare with: ${java.reason}`);
    systems.push(javaSystem(java));
  }
  const machine = machineFacts();
  const root = mkdtempSync(join(tmpdir(), 'saturnmq-compare-'));
  try {
    for (let round = 0; round < rounds; round++) {
      // Each round turns the order round, so that neither always runs on the warmer machine.
      const order = round % 2 === 0 ? systems : [...systems].reverse();
      for (const system of order)
        await runSystem(system, join(root, `${system.name}-${round}`), binary);
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  const table = markdown(rows, machine);
  const data = {
    bench: 'compare',
    rounds,
    seconds,
    warmSeconds,
    bodyBytes: BODY_BYTES,
    rows: asData(rows),
  };
  const json = `${JSON.stringify({ ...data, machine }, undefined, 2)}\n`;
  if (options.json !== undefined) writeFileSync(options.json, json);
  if (options.markdown !== undefined) writeFileSync(options.markdown, table);
  console.log(`\n${table}`);
  if (options.json === undefined) console.log(json);
};

await main();
