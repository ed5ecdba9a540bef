import { type Network, systemClock } from '../../base/index.ts';
import { PushConsumer } from '../../client/index.ts';
import { parseAddress, tcpNetwork } from '../../transport/index.ts';
import { parseArguments } from '../arguments.ts';
import type { RunCommand } from '../cli-context.ts';
import { Arrivals } from './arrivals.ts';
import { BENCH_TABLES, booleanOption, boundsOf, shareOption } from './bench-options.ts';
import { resultOf } from './bench-result.ts';
import { cpuMicros } from './cpu-micros.ts';
import { locate, namesrvAddrOf } from './locate.ts';
import { checkReportOptions, finish, interruptible } from './run-report.ts';

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
  arrivals.lastMs = fromMs;
  arrivals.startLine(fromMs);
  let probedMs = fromMs;
  for (;;) {
    await new Promise((done) => setTimeout(done, TICK_MS));
    const nowMs = systemClock.monotonicMs();
    if (!isWarm && nowMs - fromMs >= warmSeconds * 1000) {
      isWarm = true;
      fromMs = nowMs;
      arrivals.restart(nowMs);
    }
    if (arrivals.lineMs(nowMs) >= LINE_MS) watched.print(arrivals.line(nowMs, systemClock.now()));
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
    const wallMs = systemClock.now();
    const { bornTimestamp, storeTimestamp, body } = message;
    const nowMs = systemClock.monotonicMs();
    arrivals.note(nowMs, wallMs - bornTimestamp, wallMs - storeTimestamp, body.length);
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
    const cpu = cpuMicros() - cpuBefore;
    return { ...ended, cpuMicros: cpu, isInterrupted: interrupted.aborted, unsent: 0 };
  });
  const options = { topic, consumerGroup, handlersMax, failRate, brokers: brokers.length };
  const result = resultOf('consumer', options, startedAt, arrivals.recorder, end);
  // Without its brokers the consumer cannot say goodbye; that must not keep the result waiting.
  const closing = consumer.close().catch(() => undefined);
  if (end.problem === undefined) await closing;
  return finish(result, parsed, context);
};
