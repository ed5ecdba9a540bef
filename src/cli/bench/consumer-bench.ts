import { systemClock } from '../../base/index.ts';
import { PushConsumer } from '../../client/index.ts';
import { parseArguments } from '../arguments.ts';
import type { RunCommand } from '../cli-context.ts';
import { Arrivals } from './arrivals.ts';
import { BENCH_TABLES, booleanOption, boundsOf, shareOption } from './bench-options.ts';
import { resultOf } from './bench-result.ts';
import { watchConsumer } from './consumer-watch.ts';
import { cpuMicros } from './cpu-micros.ts';
import { locate, namesrvAddrOf } from './locate.ts';
import { checkReportOptions, finish, interruptible } from './run-report.ts';

const HANDLERS_MAX = 10_000;
const SUFFIXES = 100;
const WIRE = {
  broker: undefined,
  queues: 1,
  connections: 1,
  timeoutMs: 3000,
  headerType: 0,
} as const;

/** `saturnmq bench consumer`: a push consumer that counts. */
export const runConsumerBench: RunCommand = async (args, context) => {
  const parsed = parseArguments(BENCH_TABLES.consumer, args, 0);
  checkReportOptions(parsed, context.environment);
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
  const print = (line: string): void => {
    if (!parsed.has('json')) context.out(line);
  };
  const end = await interruptible(context, async (interrupted) => {
    await consumer.start();
    const addresses = brokers.map(({ address }) => address);
    const bounds = { seconds, warmSeconds, quantity, interrupted };
    const ended = await watchConsumer({ arrivals, addresses, ...bounds, print, cpuMicros });
    return { ...ended, isInterrupted: interrupted.aborted, unsent: 0 };
  });
  const options = { topic, consumerGroup, handlersMax, failRate, brokers: brokers.length };
  const result = resultOf('consumer', options, startedAt, arrivals.recorder, end);
  // Without its brokers the consumer cannot say goodbye; that must not keep the result waiting.
  const closing = consumer.close().catch(() => undefined);
  if (end.problem === undefined) await closing;
  return finish(result, parsed, context);
};
