import { systemClock } from '../../base/index.ts';
import { tcpNetwork } from '../../transport/index.ts';
import type { Arguments, OptionTable } from '../arguments.ts';
import { parseArguments } from '../arguments.ts';
import type { CliContext, RunCommand } from '../cli-context.ts';
import { explainStart } from './bench-error.ts';
import { BENCH_TABLES, type Bounds, boundsOf, messagesOf, wireOf } from './bench-options.ts';
import { type BenchResult, resultOf } from './bench-result.ts';
import { type BrokerQueues, locate, namesrvAddrOf } from './locate.ts';
import { Pacer } from './pacer.ts';
import { PullWork } from './pull-work.ts';
import { Recorder } from './recorder.ts';
import { type LoadTarget, runLoad } from './run-load.ts';
import { checkReportOptions, finish, interruptible, LiveReport } from './run-report.ts';
import { type MessageShape, SendWork } from './send-work.ts';
import type { Stamp } from './stamp.ts';
import type { LoadKind } from './stat-lines.ts';

interface WireRun {
  readonly kind: LoadKind;
  readonly parsed: Arguments;
  readonly context: CliContext;
  readonly bounds: Bounds;
  readonly timeoutMs: number;
  readonly options: BenchResult['options'];
  readonly targets: readonly LoadTarget[];
}

/** Puts targets under load and prints what came of it. */
const runWire = async (run: WireRun): Promise<number> => {
  const { kind, parsed, context, bounds } = run;
  const recorder = new Recorder();
  const startedAt = new Date();
  const report = new LiveReport(kind, recorder, context, parsed.has('json'));
  const end = await interruptible(context, (interrupted) =>
    runLoad({
      targets: run.targets,
      pacer: new Pacer(bounds.rate, bounds.quantity),
      recorder,
      network: tcpNetwork(),
      seconds: bounds.seconds,
      warmSeconds: bounds.warmSeconds,
      timeoutMs: run.timeoutMs,
      onTick: (seconds) => report.tick(seconds),
      interrupted,
    }).catch((error: unknown) => {
      throw explainStart(error);
    }),
  );
  return finish(resultOf(kind, run.options, startedAt, recorder, end), parsed, context);
};

/** Shares `total` among `parts` so that each gets at least one. */
export const shareOut = (total: number, parts: number): number[] =>
  Array.from({ length: parts }, (_, index) =>
    Math.max(1, Math.floor((total + parts - 1 - index) / parts)),
  );

/** Connections that send, with the requests in flight shared among them. */
export const sendTargets = (
  brokers: readonly BrokerQueues[],
  shape: MessageShape,
  inFlight: number,
  connections: number,
  stamp?: Stamp,
): LoadTarget[] => {
  const perLink = shareOut(inFlight, brokers.length * connections);
  return Array.from({ length: connections }, () => brokers)
    .flat()
    .map(({ address, queueIds }, index) => ({
      address,
      slots: perLink[index] ?? 1,
      work: new SendWork(shape, queueIds, systemClock.now, stamp),
    }));
};

const runSending = async (
  kind: 'producer' | 'batch',
  args: readonly string[],
  context: CliContext,
): Promise<number> => {
  const table: OptionTable = BENCH_TABLES[kind];
  const parsed = parseArguments(table, args, 0);
  checkReportOptions(parsed, context.environment);
  const bounds = boundsOf(parsed);
  const wire = wireOf(parsed);
  const { inFlight, ...messages } = messagesOf(parsed, kind === 'batch');
  const producerGroup = kind === 'batch' ? 'benchmark_batch_producer' : 'benchmark_producer';
  const { headerType, timeoutMs } = wire;
  const shape = { ...messages, topic: bounds.topic, producerGroup, headerType };
  const connections = wire.connections ?? 1;
  const brokers = await locate(bounds.topic, 'send', wire, namesrvAddrOf(parsed, context));
  return runWire({
    kind,
    parsed,
    context,
    bounds,
    timeoutMs,
    options: { ...shape, inFlight, connections, rate: bounds.rate, brokers: brokers.length },
    targets: sendTargets(brokers, shape, inFlight, connections),
  });
};

/** `saturnmq bench producer`. */
export const runProducerBench: RunCommand = (args, context) =>
  runSending('producer', args, context);

/** `saturnmq bench batch`. */
export const runBatchBench: RunCommand = (args, context) => runSending('batch', args, context);

const PULL_MESSAGES_MAX = 100_000;

/** Deals queues out to connections in turn. */
export const dealOut = (queueIds: readonly number[], hands: number): number[][] =>
  Array.from({ length: Math.min(hands, queueIds.length) }, (_, hand) =>
    queueIds.filter((_id, index) => index % hands === hand),
  );

/** `saturnmq bench pull`. */
export const runPullBench: RunCommand = async (args, context) => {
  const parsed = parseArguments(BENCH_TABLES.pull, args, 0);
  checkReportOptions(parsed, context.environment);
  const bounds = boundsOf(parsed);
  const wire = wireOf(parsed);
  const shape = {
    topic: bounds.topic,
    consumerGroup: parsed.text('group') ?? 'benchmark_pull',
    maxMessages: parsed.integer('maxMessages', 1, PULL_MESSAGES_MAX) ?? 32,
    headerType: wire.headerType,
    isRepeated: parsed.has('repeat'),
  };
  const brokers = await locate(bounds.topic, 'pull', wire, namesrvAddrOf(parsed, context));
  const connections = wire.connections ?? 1;
  const targets = brokers.flatMap(({ address, queueIds }) =>
    dealOut(queueIds, connections).map((hand) => ({
      address,
      slots: hand.length,
      work: new PullWork(shape, hand),
    })),
  );
  return runWire({
    kind: 'pull',
    parsed,
    context,
    bounds,
    timeoutMs: wire.timeoutMs,
    options: { ...shape, connections: targets.length, brokers: brokers.length },
    targets,
  });
};
