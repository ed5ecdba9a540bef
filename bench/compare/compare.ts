// Our node and a Java 4.9.2 name server and broker (2 GiB heap, G1), measured side by side on this machine.
// Threads: the load generator has one, Java clients have their own; they and the servers share the machine's cores.
// Loopback only, bounded in time. Unit: messages/s, CPU-µs per message (user and system time of broker and name server),
// µs a request (closed loop, see rmqload.c), MB, ms. A row with a failed send, or whose messages the broker's own
// offsets do not confirm, is void. Any other error ends the run; what was measured until then is still written.
// usage: npm run bench [-- --rounds=3 --seconds=6 --warm=8 --only=ROW,… --systems=saturnmq,java --quick --folder=DISK
//          --memory-as-found --sustained-seconds=120 --json=FILE --markdown=FILE]
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { prepareJava } from '../../test/support/java.ts';
import { PageCache } from '../support/page-cache.ts';
import { embeddedResults } from './embedded-rows.ts';
import { compileClients } from './java-clients.ts';
import { type CompareOptions, readOptions } from './options.ts';
import { PRODUCER_SHAPES, type RowPlan, type Sample } from './plan.ts';
import { machineFacts } from './report.ts';
import { resultOf, writeResult } from './result.ts';
import { RowSamples } from './samples.ts';
import {
  type Bench,
  type Kit,
  measureIdle,
  measureJavaConsumer,
  measureJavaProducer,
  measureOneSync,
  measurePull,
  measureSend,
  measureSustained,
} from './sessions.ts';
import { type Flush, javaSystem, type System, saturnSystem } from './systems.ts';
import { buildTool } from './tools.ts';

const measureRow = (bench: Bench, { id, group }: RowPlan): Promise<Sample> => {
  if (id === 'idle') return measureIdle(bench);
  if (id === 'pull') return measurePull(bench);
  if (id === 'java-consumer') return measureJavaConsumer(bench);
  if (id === 'sync-1') return measureOneSync(bench);
  if (PRODUCER_SHAPES[id] !== undefined) return measureJavaProducer(bench, id);
  return group === 'sustained' ? measureSustained(bench, id) : measureSend(bench, id);
};

/** Rows of an application with our broker in its process: a process of its own, Java has no such thing. */
const runEmbedded = async (
  { options, pageCache }: Kit,
  rows: readonly RowSamples[],
  round: number,
  folder: string,
): Promise<void> => {
  if (rows.length === 0) return;
  pageCache?.fill();
  const results = await embeddedResults(options.seconds, folder);
  for (const row of rows) await row.book('saturnmq', round, async () => results(row.plan.id));
};

/** Starts a system and measures some rows on it, one after the other. */
const runSession = async (
  kit: Kit,
  system: System,
  flush: Flush,
  rows: readonly RowSamples[],
  round: number,
  folder: string,
): Promise<void> => {
  if (rows.length === 0) return;
  kit.pageCache?.fill();
  const running = await system.start(folder, flush);
  const bench: Bench = {
    kit,
    running,
    folder,
    warmed: new Set(),
    filled: new Map(),
    attempts: { count: 0 },
  };
  try {
    for (const row of rows) {
      await row.book(system.name, round, () => measureRow(bench, row.plan));
      kit.pageCache?.fill();
    }
  } finally {
    await running.stop();
  }
};

/** An idle server is one that no other row has touched. */
const idleFirst = (rows: readonly RowSamples[]): RowSamples[] => [
  ...rows.filter(({ plan }) => plan.id === 'idle'),
  ...rows.filter(({ plan }) => plan.id !== 'idle'),
];

interface Prepared {
  readonly kit: Kit;
  readonly systems: readonly System[];
  readonly rows: readonly RowSamples[];
}

const prepare = (options: CompareOptions): Prepared => {
  const java = prepareJava();
  const wantsJava = options.systems.includes('java');
  if (java.kind === 'missing' && wantsJava && !options.isQuick)
    throw new Error(
      `no Java to compare with (${java.reason}); --systems=saturnmq measures ours alone`,
    );
  const clients = java.kind === 'ready' ? compileClients(java) : undefined;
  const kit = {
    options,
    rmqload: buildTool('rmqload'),
    syncload: buildTool('syncload'),
    clients,
    pageCache: options.fillsPageCache ? new PageCache(options.folder) : undefined,
  };
  const systems = options.systems.flatMap((name) => {
    if (name === 'saturnmq') return [saturnSystem()];
    return java.kind === 'ready' ? [javaSystem(java)] : [];
  });
  const isJavas = ({ id }: RowPlan): boolean =>
    id === 'java-consumer' || PRODUCER_SHAPES[id] !== undefined;
  const rows = options.rows
    .filter((plan) => clients !== undefined || !isJavas(plan))
    .map((plan) => new RowSamples(plan));
  return { kit, systems, rows };
};

const run = async ({ kit, systems, rows }: Prepared, root: string): Promise<void> => {
  const { options } = kit;
  const of = (group: RowPlan['group']): RowSamples[] =>
    idleFirst(rows.filter(({ plan }) => plan.group === group));
  const sessions: readonly (readonly [Flush, readonly RowSamples[]])[] = [
    ['ASYNC_FLUSH', of('async')],
    ['SYNC_FLUSH', of('sync')],
    ...of('sustained').map((row): readonly [Flush, readonly RowSamples[]] => [
      'ASYNC_FLUSH',
      [row],
    ]),
  ];
  for (let round = 0; round < options.rounds; round++) {
    // Each round turns the order round, so that neither always runs on the warmer machine.
    const order = round % 2 === 0 ? systems : [...systems].reverse();
    for (const [index, [flush, chosen]] of sessions.entries())
      for (const system of order) {
        const folder = join(root, `${system.name}-${round}-${index}`);
        await runSession(kit, system, flush, chosen, round, folder);
      }
    if (options.systems.includes('saturnmq')) await runEmbedded(kit, of('embedded'), round, root);
  }
};

const main = async (): Promise<void> => {
  const options = readOptions(process.argv.slice(2));
  const machine = {
    ...machineFacts(),
    ...(options.fillsPageCache ? { memory: 'none of it left unused' } : {}),
  };
  const prepared = prepare(options);
  const root = mkdtempSync(join(options.folder, 'saturnmq-compare-'));
  try {
    const measure = (): Promise<void> =>
      run(prepared, root).catch((error: unknown) => {
        console.error(error);
        throw error;
      });
    const result = await resultOf(options, machine, prepared.rows, measure);
    writeResult(result, options);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};

await main();
