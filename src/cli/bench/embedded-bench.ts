import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage, systemClock } from '../../base/index.ts';
import { Admin, type ClientOptions } from '../../client/index.ts';
import { type SaturnNode, startNode } from '../../node/index.ts';
import { type Arguments, parseArguments } from '../arguments.ts';
import type { CliContext, RunCommand } from '../cli-context.ts';
import { BENCH_TABLES, type Embedded, embeddedOf } from './bench-options.ts';
import { type BenchResult, resultOf } from './bench-result.ts';
import {
  type MeasuredPart,
  measureParts,
  type PartsRun,
  partOf,
  topicsOf,
} from './embedded-parts.ts';
import { Recorder } from './recorder.ts';
import { checkReportOptions, finish, interruptible, LiveReport } from './run-report.ts';

/** A store, and what becomes of it. */
interface Store {
  readonly path: string;
  release(): void;
}

const openStore = (given: string | undefined): Store => {
  if (given !== undefined) return { path: given, release: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-bench-embedded-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  // The second Ctrl-C ends the process at once; the store is large.
  process.once('exit', remove);
  return {
    path: join(folder, 'store'),
    release: () => {
      process.removeListener('exit', remove);
      remove();
    },
  };
};

/** Runs the measurements against a node, and ends them where it fails. */
export const measureNode = async (
  node: SaturnNode,
  run: Omit<PartsRun, 'where' | 'stop'>,
  interrupted: AbortSignal,
): Promise<{ readonly parts: readonly MeasuredPart[]; readonly problem?: string }> => {
  const ended = new AbortController();
  let problem: string | undefined;
  let part: string | undefined;
  const note = (text: string): void => {
    problem ??= part === undefined ? text : `${part}: ${text}`;
  };
  const end = (text: string): void => {
    note(text);
    ended.abort();
  };
  const onPart: PartsRun['onPart'] = (name, kind) => {
    part = name;
    return run.onPart(name, kind);
  };
  node.on('shardExit', ({ shard, reason }) => end(`the thread of the ${shard} died: ${reason}`));
  node.on('fatal', (error) => end(errorMessage(error)));
  const stop = AbortSignal.any([interrupted, ended.signal]);
  const parts: MeasuredPart[] = [];
  try {
    await measureParts({ ...run, onPart, where: { node }, stop }, parts);
  } catch (error) {
    note(errorMessage(error));
  }
  return problem === undefined ? { parts } : { parts, problem };
};

/** A store that stays should not keep topics that only this run wrote. */
const deleteTopics = async (where: ClientOptions, prefix: string): Promise<void> => {
  const admin = new Admin(where);
  await admin.start();
  try {
    for (const topic of Object.values(topicsOf(prefix))) await admin.deleteTopic(topic);
  } finally {
    await admin.close();
  }
};

/** The figures at the top are those of the first measurement; what failed is that of all. */
const combine = (
  parts: readonly MeasuredPart[],
  options: BenchResult['options'],
  startedAt: Date,
  failure: { readonly problem?: string; readonly isInterrupted: boolean },
): BenchResult => {
  const [first, ...rest] = parts;
  const nothing = { seconds: 0, cpuMicros: 0, isInterrupted: false, unsent: 0 };
  const recorder = first?.recorder ?? new Recorder();
  const end = { ...(first?.end ?? nothing), ...failure };
  const last = parts.at(-1);
  const lastProblem = last?.end.problem ?? last?.recorder.problem;
  const problem = failure.problem ?? (lastProblem && `${last?.name}: ${lastProblem}`);
  const sum = (key: 'sendFailed' | 'responseFailed' | 'messagesFailed'): number =>
    parts.reduce((total, part) => total + part.recorder[key], 0);
  return {
    ...resultOf('embedded', options, startedAt, recorder, end),
    ...{ sendFailed: sum('sendFailed'), responseFailed: sum('responseFailed') },
    messagesFailed: sum('messagesFailed'),
    ...(problem === undefined ? {} : { problem }),
    parts: rest.map(partOf),
  };
};

const optionsOf = ({ spinUs, store, ...rest }: Embedded): BenchResult['options'] => ({
  ...rest,
  ...(spinUs === undefined ? {} : { spinUs }),
  ...(store === undefined ? {} : { store }),
});

const runOn = async (
  node: SaturnNode,
  embedded: Embedded,
  context: CliContext,
  isQuiet: boolean,
  interrupted: AbortSignal,
): Promise<BenchResult> => {
  const prefix = `bench_embedded_${systemClock.now()}`;
  const startedAt = new Date();
  const onPart: PartsRun['onPart'] = (name, kind) => {
    if (!isQuiet) context.out(`${name} …`);
    let report: LiveReport | undefined;
    return (seconds, recorder) => {
      report ??= new LiveReport(kind, recorder, context, isQuiet);
      report.tick(seconds);
    };
  };
  const run = { embedded, prefix, onPart };
  const { parts, problem } = await measureNode(node, run, interrupted);
  const hasStore = embedded.store !== undefined && problem === undefined;
  if (hasStore) await deleteTopics({ node }, prefix);
  const failure = { isInterrupted: interrupted.aborted, ...(problem ? { problem } : {}) };
  return combine(parts, optionsOf(embedded), startedAt, failure);
};

const runInStore = async (
  embedded: Embedded,
  parsed: Arguments,
  context: CliContext,
  interrupted: AbortSignal,
): Promise<number> => {
  const store = openStore(embedded.store);
  const { flush, spinUs } = embedded;
  const facts = { storePath: store.path, listen: false, logger: false, flush } as const;
  try {
    const node = await startNode({ ...facts, ...(spinUs === undefined ? {} : { spinUs }) });
    try {
      const result = await runOn(node, embedded, context, parsed.has('json'), interrupted);
      return finish(result, parsed, context);
    } finally {
      await node.close();
    }
  } finally {
    store.release();
  }
};

/** `saturnmq bench embedded`: a node in this process, spoken to through rings. */
export const runEmbeddedBench: RunCommand = async (args, context) => {
  const parsed = parseArguments(BENCH_TABLES.embedded, args, 0);
  checkReportOptions(parsed, context.environment);
  const embedded = embeddedOf(parsed);
  // From the first file to the last: what a signal does by default would leave the store behind.
  return interruptible(context, (interrupted) =>
    runInStore(embedded, parsed, context, interrupted),
  );
};
