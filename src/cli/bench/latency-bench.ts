import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../base/index.ts';
import { tcpNetwork } from '../../transport/index.ts';
import { type Arguments, parseArguments } from '../arguments.ts';
import type { CliContext, RunCommand } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { explainStart } from './bench-error.ts';
import {
  BENCH_TABLES,
  type Bounds,
  boundsOf,
  type Messages,
  messagesOf,
  type Wire,
  wireOf,
} from './bench-options.ts';
import { type BenchPart, latencyOf, resultOf } from './bench-result.ts';
import { LatencyRecorder } from './latency-recorder.ts';
import { type BrokerQueues, locate, namesrvAddrOf } from './locate.ts';
import { Pacer } from './pacer.ts';
import { type LoadEnd, runLoad } from './run-load.ts';
import { checkReportOptions, finish, interruptible, LiveReport } from './run-report.ts';
import { STAMP_BYTES, Stamp } from './stamp.ts';
import { Tail } from './tail.ts';
import { sendTargets } from './wire-bench.ts';

const RATE = 1000;
const IN_FLIGHT = 4096;
const SUSPEND_MS = 15_000;
const WAIT_MS = 20;

interface LatencyRun {
  readonly bounds: Bounds;
  readonly wire: Wire;
  readonly messages: Messages;
  readonly consumerGroup: string;
  readonly brokers: readonly BrokerQueues[];
  readonly recorder: LatencyRecorder;
}

/** Queues that may be written and read: a message in another would never arrive. */
const bothWays = (writable: readonly BrokerQueues[], readable: readonly BrokerQueues[]) =>
  writable.flatMap(({ address, queueIds }) => {
    const readIds = readable.find((broker) => broker.address === address)?.queueIds ?? [];
    const both = queueIds.filter((queueId) => readIds.includes(queueId));
    return both.length === 0 ? [] : [{ address, queueIds: both }];
  });

const readRun = async (parsed: Arguments, context: CliContext): Promise<LatencyRun> => {
  const bounds = { ...boundsOf(parsed), rate: boundsOf(parsed).rate || RATE };
  const wire = wireOf(parsed);
  const messages = messagesOf(parsed, false, IN_FLIGHT);
  if (messages.bodyBytes < STAMP_BYTES)
    throw new CliError(`--messageSize takes at least ${STAMP_BYTES}: the time travels in the body`);
  const namesrvAddr = namesrvAddrOf(parsed, context);
  const readable = await locate(bounds.topic, 'pull', wire, namesrvAddr);
  const writable = await locate(bounds.topic, 'send', wire, namesrvAddr);
  const brokers = bothWays(writable, readable);
  if (brokers.length === 0)
    throw new CliError(`no queue of ${bounds.topic} may be both written and read`);
  const consumerGroup = parsed.text('group') ?? 'benchmark_latency';
  const recorder = new LatencyRecorder(systemClock.monotonicMs);
  return { bounds, wire, messages, consumerGroup, brokers, recorder };
};

const optionsOf = ({ bounds, wire, messages, consumerGroup, brokers }: LatencyRun) => ({
  topic: bounds.topic,
  rate: bounds.rate,
  bodyBytes: messages.bodyBytes,
  inFlight: messages.inFlight,
  connections: wire.connections ?? 1,
  consumerGroup,
  headerType: wire.headerType,
  brokers: brokers.length,
});

const tailOf = (run: LatencyRun, stamp: Stamp, onEnd: (problem: string) => void): Tail => {
  const { bounds, wire, consumerGroup, brokers, recorder } = run;
  return new Tail({
    brokers,
    network: tcpNetwork(),
    timeoutMs: wire.timeoutMs,
    shape: {
      topic: bounds.topic,
      consumerGroup,
      headerType: wire.headerType,
      suspendMs: SUSPEND_MS,
    },
    onMessage: (source, bodyAt, bodyBytes, storeTimestamp) => {
      const dueMs = stamp.read(source, bodyAt, bodyBytes);
      if (dueMs >= 0) recorder.arrive(dueMs, systemClock.now() - storeTimestamp, bodyBytes);
    },
    onEnd,
  });
};

/** Waits for messages that are acknowledged and have not come yet, for as long as some still come. */
const untilArrived = async ({ recorder, wire }: LatencyRun, ended: AbortSignal): Promise<void> => {
  const { arrivals } = recorder;
  const fromMs = systemClock.monotonicMs();
  while (recorder.arrived < recorder.acknowledged && !ended.aborted) {
    const quietMs = systemClock.monotonicMs() - Math.max(fromMs, arrivals.lastMs);
    if (quietMs > wire.timeoutMs) return;
    await sleep(WAIT_MS);
  }
};

const sendAll = (run: LatencyRun, stamp: Stamp, stop: AbortSignal, report: LiveReport) => {
  const { bounds, wire, messages, brokers, recorder } = run;
  const { headerType, timeoutMs } = wire;
  const { inFlight, ...shape } = messages;
  const full = { ...shape, topic: bounds.topic, producerGroup: 'benchmark_latency', headerType };
  return runLoad({
    targets: sendTargets(brokers, full, inFlight, wire.connections ?? 1, stamp),
    pacer: new Pacer(bounds.rate, bounds.quantity),
    recorder,
    network: tcpNetwork(),
    seconds: bounds.seconds,
    warmSeconds: bounds.warmSeconds,
    timeoutMs,
    onTick: (seconds) => report.tick(seconds),
    interrupted: stop,
  }).catch((error: unknown) => {
    throw explainStart(error);
  });
};

const measure = async (
  run: LatencyRun,
  report: LiveReport,
  interrupted: AbortSignal,
): Promise<LoadEnd> => {
  const stamp = new Stamp();
  const ended = new AbortController();
  let problem: string | undefined;
  const tail = tailOf(run, stamp, (text) => {
    problem ??= text;
    ended.abort();
  });
  try {
    await tail.open();
    const stop = AbortSignal.any([interrupted, ended.signal]);
    const end = await sendAll(run, stamp, stop, report);
    await untilArrived(run, stop);
    const { acknowledged, arrived } = run.recorder;
    const isMissing = arrived < acknowledged && !stop.aborted;
    problem ??= end.problem;
    if (isMissing) problem ??= `${acknowledged - arrived} acknowledged messages did not arrive`;
    const isInterrupted = interrupted.aborted;
    return { ...end, isInterrupted, ...(problem === undefined ? {} : { problem }) };
  } finally {
    tail.close();
  }
};

const arrivalsOf = ({ arrivals }: LatencyRecorder, seconds: number): BenchPart => {
  const { messages, latency } = arrivals.recorder;
  const messagesPerSecond = seconds > 0 ? Math.round(messages / seconds) : 0;
  return { name: 'send to receipt', messages, messagesPerSecond, ...latencyOf(latency) };
};

/** `saturnmq bench latency`: sends at a fixed rate, and follows the queues with held pulls. */
export const runLatencyBench: RunCommand = async (args, context) => {
  const parsed = parseArguments(BENCH_TABLES.latency, args, 0);
  checkReportOptions(parsed, context.environment);
  const run = await readRun(parsed, context);
  const { recorder } = run;
  const startedAt = new Date();
  const report = new LiveReport('producer', recorder, context, parsed.has('json'), () => [
    recorder.arrivals.line(systemClock.monotonicMs(), systemClock.now()),
  ]);
  const end = await interruptible(context, (interrupted) => measure(run, report, interrupted));
  const result = resultOf('latency', optionsOf(run), startedAt, recorder, end);
  return finish({ ...result, parts: [arrivalsOf(recorder, end.seconds)] }, parsed, context);
};
