import { type Network, systemClock } from '../../base/index.ts';
import { PushConsumer, type ReceivedMessage } from '../../client/index.ts';
import { parseAddress, tcpNetwork } from '../../transport/index.ts';
import { parseArguments } from '../arguments.ts';
import type { RunCommand } from '../cli-context.ts';
import { BENCH_TABLES, booleanOption, boundsOf, shareOption } from './bench-options.ts';
import { resultOf } from './bench-result.ts';
import { locate, namesrvAddrOf } from './locate.ts';
import { Recorder } from './recorder.ts';
import { checkReportOptions, finish, interruptible } from './run-report.ts';
import { consumerLine } from './stat-lines.ts';

const TICK_MS = 100;
const LINE_MS = 10_000;
const HANDLERS_MAX = 10_000;
const SUFFIXES = 100;
/** With nothing new for so long, the brokers are asked whether they are still there. */
const QUIET_MS = 2000;
const PROBE_MS = 3000;
const WIRE = {
  broker: undefined,
  queues: 1,
  connections: 1,
  timeoutMs: 3000,
  headerType: 0,
} as const;

/** Counts received messages; their response time runs from birth (B2C) or from the store (S2C) to here. */
class Arrivals {
  readonly recorder = new Recorder();
  storeMsSum = 0;
  storeMsMax = 0;
  failed = 0;
  lastMs = systemClock.monotonicMs();

  note(message: ReceivedMessage): void {
    const nowMs = systemClock.now();
    this.lastMs = systemClock.monotonicMs();
    const storeMs = nowMs - message.storeTimestamp;
    this.storeMsSum += storeMs;
    this.storeMsMax = Math.max(this.storeMsMax, storeMs);
    this.recorder.success(Math.max(0, nowMs - message.bornTimestamp), 1, message.body.length);
  }

  /** The line for what arrived since `before`. */
  line(before: { messages: number; bornMs: number; storeMs: number; failed: number }, ms: number) {
    const { recorder } = this;
    const text = consumerLine({
      nowMs: systemClock.now(),
      seconds: ms / 1000,
      messages: recorder.messages - before.messages,
      failed: this.failed - before.failed,
      bornMsSum: recorder.responseMsSum - before.bornMs,
      storeMsSum: this.storeMsSum - before.storeMs,
      bornMsMax: recorder.takeMax(),
      storeMsMax: this.storeMsMax,
    });
    this.storeMsMax = 0;
    return text;
  }

  snapshot() {
    const { messages, responseMsSum: bornMs } = this.recorder;
    return { messages, bornMs, storeMs: this.storeMsSum, failed: this.failed };
  }
}

const unreachable = (network: Network, address: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    network.connect({ ...parseAddress(address), timeoutMs: PROBE_MS }, (error, socket) => {
      socket?.start({
        onData: () => undefined,
        onDrain: () => undefined,
        onClose: () => undefined,
      });
      socket?.destroy();
      resolve(error === undefined ? undefined : `${address} is gone: ${error.message}`);
    });
  });

interface Watch {
  readonly arrivals: Arrivals;
  readonly addresses: readonly string[];
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly quantity: number;
  readonly interrupted: AbortSignal;
  readonly print: (line: string) => void;
}

/** Waits for the end: time, number, an interruption, or a broker that is gone. */
const watch = async (watched: Watch): Promise<{ seconds: number; problem?: string }> => {
  const { arrivals, seconds, warmSeconds, quantity } = watched;
  const network = tcpNetwork();
  let fromMs = systemClock.monotonicMs();
  let isWarm = warmSeconds === 0;
  let line = { atMs: fromMs, before: arrivals.snapshot() };
  let probedMs = fromMs;
  for (;;) {
    await new Promise((done) => setTimeout(done, TICK_MS));
    const nowMs = systemClock.monotonicMs();
    if (!isWarm && nowMs - fromMs >= warmSeconds * 1000) {
      isWarm = true;
      fromMs = nowMs;
      arrivals.recorder.restart();
      line = { atMs: nowMs, before: arrivals.snapshot() };
    }
    if (nowMs - line.atMs >= LINE_MS) {
      watched.print(arrivals.line(line.before, nowMs - line.atMs));
      line = { atMs: nowMs, before: arrivals.snapshot() };
    }
    const elapsed = (nowMs - fromMs) / 1000;
    const isFull = quantity > 0 && arrivals.recorder.messages >= quantity;
    if (watched.interrupted.aborted || isFull || (seconds > 0 && isWarm && elapsed >= seconds))
      return { seconds: isFull ? Math.max(0, arrivals.lastMs - fromMs) / 1000 : elapsed };
    if (nowMs - Math.max(arrivals.lastMs, probedMs) < QUIET_MS) continue;
    probedMs = nowMs;
    const probes = watched.addresses.map((address) => unreachable(network, address));
    const problem = (await Promise.all(probes)).find((text) => text !== undefined);
    if (problem !== undefined) return { seconds: elapsed, problem };
  }
};

const cpuMicros = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** `saturnmq bench consumer`: a push consumer that counts. */
export const runConsumerBench: RunCommand = async (args, context) => {
  const parsed = parseArguments(BENCH_TABLES.consumer, args, 0);
  checkReportOptions(parsed);
  const { topic, seconds, warmSeconds, quantity } = boundsOf(parsed);
  const handlersMax = parsed.integer('threadCount', 1, HANDLERS_MAX) ?? 20;
  const failRate = shareOption(parsed, 'failRate');
  const hasSuffix = booleanOption(parsed, 'suffix') ?? true;
  const prefix = parsed.text('group') ?? 'benchmark_consumer';
  const consumerGroup = hasSuffix ? `${prefix}_${systemClock.now() % SUFFIXES}` : prefix;
  const namesrvAddr = namesrvAddrOf(parsed, context);
  const brokers = await locate(topic, 'pull', WIRE, namesrvAddr);
  const arrivals = new Arrivals();
  const consumer = new PushConsumer({
    namesrvAddr,
    consumerGroup,
    handlersMax,
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  });
  consumer.subscribe(topic, parsed.text('expression') ?? '*', async (message) => {
    arrivals.note(message);
    if (failRate === 0 || Math.random() >= failRate) return;
    arrivals.failed += 1;
    throw new Error('fails on purpose');
  });
  const startedAt = new Date();
  const cpuBefore = cpuMicros();
  const print = (line: string): void => {
    if (!parsed.has('json')) context.out(line);
  };
  const end = await interruptible(context, async (interrupted) => {
    await consumer.start();
    const addresses = brokers.map(({ address }) => address);
    const watched = { arrivals, addresses, seconds, warmSeconds, quantity, interrupted, print };
    const ended = await watch(watched);
    return { ...ended, cpuMicros: cpuMicros() - cpuBefore, isInterrupted: interrupted.aborted };
  });
  const options = { topic, consumerGroup, handlersMax, failRate, brokers: brokers.length };
  const result = resultOf('consumer', options, startedAt, arrivals.recorder, end);
  // Without its brokers the consumer cannot say goodbye; that must not keep the result waiting.
  const closing = consumer.close().catch(() => undefined);
  if (end.problem === undefined) await closing;
  return finish(result, parsed, context);
};
