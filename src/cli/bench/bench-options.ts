import { HEADER_TYPE } from '../../protocol/index.ts';
import type { Arguments, OptionTable } from '../arguments.ts';
import { CliError } from '../cli-error.ts';
import { CLIENT_OPTIONS } from '../client-options.ts';

const COMMON = {
  topic: { short: 't', value: 'topic', meaning: 'Topic name (default BenchmarkTest)' },
  seconds: { value: 'n', meaning: 'Measure for n seconds (default: until Ctrl-C)' },
  warm: { value: 'n', meaning: 'Seconds before that, which do not count (default 0)' },
  json: { meaning: 'Print the result as one line of JSON, and nothing else' },
  save: { value: 'name', meaning: 'Keep the result for "bench compare" in ~/.saturnmq/bench' },
} satisfies OptionTable;

const WIRE: OptionTable = {
  broker: { value: 'address', meaning: 'Speak to this broker alone, without a name server' },
  queues: { value: 'n', meaning: 'Queues of the topic there (default 4, only with --broker)' },
  connections: { value: 'n', meaning: 'Connections for each broker (default 1)' },
  timeout: { value: 'ms', meaning: 'Time for an answer (default 3000)' },
  serialize: { value: 'kind', meaning: 'Headers: JSON (default) or ROCKETMQ' },
};

const MESSAGE: OptionTable = {
  threadCount: { short: 'w', value: 'n', meaning: 'Requests in flight, over all (default 64)' },
  messageSize: { short: 's', value: 'bytes', meaning: 'Message size (default 128)' },
  keyEnable: { short: 'k', value: 'bool', meaning: 'Give messages a key (default false)' },
  propertySize: { short: 'p', value: 'bytes', meaning: 'Bytes of user properties (default 0)' },
  tagCount: { short: 'l', value: 'n', meaning: 'Different tags (default 0, none)' },
  messageQuantity: {
    short: 'q',
    value: 'n',
    meaning: 'End n requests after the warm-up (default 0, never)',
  },
  rate: { value: 'n', meaning: 'Requests a second; response times count from when one was due' },
};

const DELAYED: OptionTable = {
  delayEnable: { short: 'd', value: 'bool', meaning: 'Send delayed messages (default false)' },
  delayLevel: { short: 'e', value: 'level', meaning: 'Their delay level (default 1)' },
  uniqueKeys: {
    value: 'bool',
    meaning: 'Give messages a unique key, as clients do (default false)',
  },
};

/** Options by sub-command. */
export const BENCH_TABLES = {
  producer: { ...COMMON, ...MESSAGE, ...DELAYED, ...WIRE, ...CLIENT_OPTIONS },
  batch: {
    ...COMMON,
    ...MESSAGE,
    batchSize: { short: 'b', value: 'n', meaning: 'Messages of a batch (default 16)' },
    ...WIRE,
    ...CLIENT_OPTIONS,
  },
  pull: {
    ...COMMON,
    group: { short: 'g', value: 'group', meaning: 'Consumer group (default benchmark_pull)' },
    maxMessages: { value: 'n', meaning: 'Messages a request asks for (default 32)' },
    repeat: { meaning: 'Read every queue again from its first message until the time is over' },
    ...WIRE,
    ...CLIENT_OPTIONS,
  },
  latency: {
    ...COMMON,
    rate: { value: 'n', meaning: 'Messages a second, come what may (default 1000)' },
    messageSize: { short: 's', value: 'bytes', meaning: 'Message size (default 128, least 16)' },
    messageQuantity: {
      short: 'q',
      value: 'n',
      meaning: 'End n messages after the warm-up (default 0, never)',
    },
    threadCount: { short: 'w', value: 'n', meaning: 'Most sends in flight (default 4096)' },
    group: { short: 'g', value: 'group', meaning: 'Consumer group (default benchmark_latency)' },
    ...WIRE,
    ...CLIENT_OPTIONS,
  },
  embedded: {
    seconds: { value: 'n', meaning: 'Send for n seconds in each measurement (default 5)' },
    warm: { value: 'n', meaning: 'Seconds before that, which do not count (default 1)' },
    messageQuantity: {
      short: 'q',
      value: 'n',
      meaning: 'End each n calls after its warm-up (default: by time)',
    },
    messageSize: { short: 's', value: 'bytes', meaning: 'Message size (default 128)' },
    threadCount: { short: 'w', value: 'n', meaning: 'Single sends in flight (default 256)' },
    batchSize: { short: 'b', value: 'n', meaning: 'Messages of a batch (default 64)' },
    batches: { value: 'n', meaning: 'Batches in flight (default 8)' },
    flush: { value: 'kind', meaning: 'ASYNC_FLUSH (default) or SYNC_FLUSH' },
    spinUs: { value: 'µs', meaning: "How long the broker's thread looks for work (default 2)" },
    store: { value: 'folder', meaning: 'Store to use, and to leave (default: a temporary one)' },
    json: COMMON.json,
    save: COMMON.save,
    help: { short: 'h', meaning: 'Print help' },
  },
  consumer: {
    ...COMMON,
    threadCount: { short: 'w', value: 'n', meaning: 'Handlers at once (default 20)' },
    group: { short: 'g', value: 'group', meaning: 'Group (default benchmark_consumer)' },
    suffix: { short: 'p', value: 'bool', meaning: 'Append a number to the group (default true)' },
    expression: { value: 'tags', meaning: 'Tags to receive, joined by "||" (default all)' },
    failRate: { short: 'r', value: 'share', meaning: 'Share of messages that fail (default 0)' },
    messageQuantity: {
      short: 'q',
      value: 'n',
      meaning: 'End n messages after the warm-up (default 0, never)',
    },
    ...CLIENT_OPTIONS,
  },
} satisfies Readonly<Record<string, OptionTable>>;

/** RocketMQ's default topic. */
export const DEFAULT_TOPIC = 'BenchmarkTest';
const COUNT_MAX = 1_000_000_000;
const SECONDS_MAX = 1_000_000;
const MESSAGE_BYTES_MAX = 128 * 1024 * 1024;

/** `true` or `false`, as RocketMQ's tools take it. */
export const booleanOption = (parsed: Arguments, name: string): boolean | undefined => {
  const value = parsed.text(name);
  if (value === undefined) return undefined;
  if (value !== 'true' && value !== 'false')
    throw new CliError(`--${name} takes true or false, not ${JSON.stringify(value)}`);
  return value === 'true';
};

/** A share between 0 and 1. */
export const shareOption = (parsed: Arguments, name: string): number => {
  const value = parsed.text(name) ?? '0';
  const share = Number(value);
  if (value.trim() === '' || !(share >= 0 && share <= 1))
    throw new CliError(`--${name} takes a number from 0 to 1, not ${JSON.stringify(value)}`);
  return share;
};

/** Bounds of a run. */
export interface Bounds {
  readonly topic: string;
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly quantity: number;
  readonly rate: number;
}

/** @throws {CliError} USAGE */
export const boundsOf = (parsed: Arguments): Bounds => ({
  topic: parsed.text('topic')?.trim() || DEFAULT_TOPIC,
  seconds: parsed.integer('seconds', 1, SECONDS_MAX) ?? 0,
  warmSeconds: parsed.integer('warm', 0, SECONDS_MAX) ?? 0,
  quantity: parsed.integer('messageQuantity', 0, COUNT_MAX * 1000) ?? 0,
  rate: parsed.integer('rate', 1, COUNT_MAX) ?? 0,
});

/** How requests travel. */
export interface Wire {
  readonly broker: string | undefined;
  readonly queues: number;
  readonly connections: number | undefined;
  readonly timeoutMs: number;
  readonly headerType: 0 | 1;
}

const SERIALIZE = { JSON: HEADER_TYPE.JSON, ROCKETMQ: HEADER_TYPE.ROCKETMQ } as const;
const CONNECTIONS_MAX = 10_000;
const QUEUES_MAX = 65_536;

/** @throws {CliError} USAGE */
export const wireOf = (parsed: Arguments): Wire => {
  const serialize = (parsed.text('serialize') ?? 'JSON').toUpperCase();
  if (serialize !== 'JSON' && serialize !== 'ROCKETMQ')
    throw new CliError(`--serialize takes JSON or ROCKETMQ, not "${serialize}"`);
  return {
    broker: parsed.text('broker'),
    queues: parsed.integer('queues', 1, QUEUES_MAX) ?? 4,
    connections: parsed.integer('connections', 1, CONNECTIONS_MAX),
    timeoutMs: parsed.integer('timeout', 1, SECONDS_MAX * 1000) ?? 3000,
    headerType: SERIALIZE[serialize],
  };
};

/** Messages as the command line shapes them. */
export interface Messages {
  readonly inFlight: number;
  readonly bodyBytes: number;
  readonly batchSize: number;
  readonly hasKeys: boolean;
  readonly hasUniqueKeys: boolean;
  readonly propertyBytes: number;
  readonly tagCount: number;
  readonly delayLevel: number;
}

const IN_FLIGHT_MAX = 1_000_000;
const IN_FLIGHT_DEFAULT = 64;
const BATCH_MAX = 100_000;
const BATCH_DEFAULT = 16;
const PROPERTY_BYTES_MAX = 30_000;
const TAGS_MAX = 1000;
const DELAY_LEVEL_MAX = 1000;

/** @throws {CliError} USAGE */
export const messagesOf = (
  parsed: Arguments,
  isBatch: boolean,
  inFlightDefault = IN_FLIGHT_DEFAULT,
): Messages => {
  const isDelayed = booleanOption(parsed, 'delayEnable') ?? false;
  const delayLevel = parsed.integer('delayLevel', 1, DELAY_LEVEL_MAX) ?? 1;
  return {
    inFlight: parsed.integer('threadCount', 1, IN_FLIGHT_MAX) ?? inFlightDefault,
    bodyBytes: parsed.integer('messageSize', 0, MESSAGE_BYTES_MAX) ?? 128,
    batchSize: isBatch ? (parsed.integer('batchSize', 2, BATCH_MAX) ?? BATCH_DEFAULT) : 1,
    hasKeys: booleanOption(parsed, 'keyEnable') ?? false,
    hasUniqueKeys: booleanOption(parsed, 'uniqueKeys') ?? false,
    propertyBytes: parsed.integer('propertySize', 0, PROPERTY_BYTES_MAX) ?? 0,
    tagCount: parsed.integer('tagCount', 0, TAGS_MAX) ?? 0,
    delayLevel: isDelayed ? delayLevel : 0,
  };
};

/** What an embedded node is put through. */
export interface Embedded {
  /** 0: no limit. */
  readonly seconds: number;
  readonly warmSeconds: number;
  /** Calls of each measurement; 0: by time. */
  readonly quantity: number;
  readonly bodyBytes: number;
  readonly inFlight: number;
  readonly batchSize: number;
  readonly batches: number;
  readonly flush: 'ASYNC_FLUSH' | 'SYNC_FLUSH';
  readonly spinUs: number | undefined;
  readonly store: string | undefined;
}

const EMBEDDED_IN_FLIGHT_MAX = 100_000;
const SPIN_US_MAX = 1_000_000;

/** @throws {CliError} USAGE */
export const embeddedOf = (parsed: Arguments): Embedded => {
  const flush = (parsed.text('flush') ?? 'ASYNC_FLUSH').toUpperCase();
  if (flush !== 'ASYNC_FLUSH' && flush !== 'SYNC_FLUSH')
    throw new CliError(`--flush takes ASYNC_FLUSH or SYNC_FLUSH, not "${flush}"`);
  const quantity = parsed.integer('messageQuantity', 0, COUNT_MAX * 1000) ?? 0;
  const store = parsed.text('store');
  if (store === '') throw new CliError('--store takes a folder');
  return {
    seconds: parsed.integer('seconds', 1, SECONDS_MAX) ?? (quantity > 0 ? 0 : 5),
    warmSeconds: parsed.integer('warm', 0, SECONDS_MAX) ?? (quantity > 0 ? 0 : 1),
    quantity,
    bodyBytes: parsed.integer('messageSize', 0, MESSAGE_BYTES_MAX) ?? 128,
    inFlight: parsed.integer('threadCount', 1, EMBEDDED_IN_FLIGHT_MAX) ?? 256,
    batchSize: parsed.integer('batchSize', 2, BATCH_MAX) ?? 64,
    batches: parsed.integer('batches', 1, EMBEDDED_IN_FLIGHT_MAX) ?? 8,
    flush,
    spinUs: parsed.integer('spinUs', 0, SPIN_US_MAX),
    store,
  };
};
