import { nearestName } from '../../node/index.ts';
import type { OptionTable } from '../arguments.ts';
import type { RunCommand } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { BENCH_TABLES } from './bench-options.ts';
import { runConsumerBench } from './consumer-bench.ts';
import { runEmbeddedBench } from './embedded-bench.ts';
import { runLatencyBench } from './latency-bench.ts';
import { compareRuns, loadRun } from './saved-runs.ts';
import { runBatchBench, runProducerBench, runPullBench } from './wire-bench.ts';

const runCompare: RunCommand = async (args, context) => {
  const [left, right, ...rest] = args;
  if (left === undefined || right === undefined || rest.length > 0)
    throw new CliError('bench compare takes two saved runs: saturnmq bench compare A B');
  const runs = [loadRun(context.environment, left), loadRun(context.environment, right)] as const;
  compareRuns([left, right], ...runs).forEach(context.out);
  return 0;
};

/** Options of each kind of bench, for the help text. */
export const BENCH_SECTIONS: Readonly<Record<string, OptionTable>> = {
  producer: BENCH_TABLES.producer,
  consumer: BENCH_TABLES.consumer,
  batch: BENCH_TABLES.batch,
  pull: BENCH_TABLES.pull,
  latency: BENCH_TABLES.latency,
  embedded: BENCH_TABLES.embedded,
};

const KINDS: Readonly<Record<string, RunCommand>> = {
  producer: runProducerBench,
  consumer: runConsumerBench,
  batch: runBatchBench,
  pull: runPullBench,
  latency: runLatencyBench,
  embedded: runEmbeddedBench,
  compare: runCompare,
};

/** `saturnmq bench producer|consumer|batch|pull|latency|embedded|compare`. */
export const runBench: RunCommand = async (args, context) => {
  const [name = '', ...rest] = args;
  const run = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  if (run !== undefined) return run(rest, context);
  const kinds = Object.keys(KINDS);
  const nearest = nearestName(name, kinds);
  const hint =
    nearest === undefined ? `there are ${kinds.join(', ')}` : `did you mean "${nearest}"?`;
  throw new CliError(
    name === '' ? `the kind is missing; ${hint}` : `unknown kind "${name}"; ${hint}`,
  );
};
