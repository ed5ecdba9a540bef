/** What is compared. */
export type SystemName = 'java' | 'saturnmq';

/** One figure of a row. */
export type Metric =
  | 'rate'
  | 'slowest'
  | 'cpu'
  | 'p50'
  | 'p99'
  | 'p999'
  | 'aboveSync'
  | 'bareSync'
  | 'rss'
  | 'anonymous'
  | 'ready'
  | 'segments';

/** Units, and whether more is better. */
export const METRICS: Readonly<
  Record<Metric, { readonly unit: string; readonly zh: string; readonly isMoreBetter: boolean }>
> = {
  rate: { unit: 'messages/s', zh: '条/秒', isMoreBetter: true },
  slowest: { unit: 'messages/s, slowest 10 s', zh: '条/秒，最慢的 10 秒', isMoreBetter: true },
  cpu: { unit: 'CPU-µs/message', zh: 'CPU 微秒/条', isMoreBetter: false },
  p50: { unit: 'p50 µs', zh: 'p50 微秒', isMoreBetter: false },
  p99: { unit: 'p99 µs', zh: 'p99 微秒', isMoreBetter: false },
  p999: { unit: 'p99.9 µs', zh: 'p99.9 微秒', isMoreBetter: false },
  aboveSync: {
    unit: 'p50 above bare fdatasync, µs',
    zh: 'p50 超出裸 fdatasync，微秒',
    isMoreBetter: false,
  },
  bareSync: { unit: 'bare fdatasync, p50 µs', zh: '裸 fdatasync，p50 微秒', isMoreBetter: false },
  rss: {
    unit: 'MB resident, mapped pages included',
    zh: 'MB（RSS，含映射页）',
    isMoreBetter: false,
  },
  anonymous: { unit: 'MB anonymous', zh: 'MB（匿名内存）', isMoreBetter: false },
  ready: { unit: 'ms until ready', zh: '毫秒（就绪）', isMoreBetter: false },
  segments: { unit: 'segments written', zh: '写入的段', isMoreBetter: true },
};

/** What a figure has to be: against Java in the same round, or by itself. */
export interface Target {
  readonly ratioMin?: number;
  readonly ratioMax?: number;
  readonly min?: number;
  readonly max?: number;
}

/** Figures of one measurement. */
export type Sample = Readonly<Partial<Record<Metric, number>>>;

/** One row of the table. */
export interface RowPlan {
  readonly id: string;
  readonly name: string;
  readonly zh: string;
  /** Which servers the row runs on: those with asynchronous flush, with synchronous flush, long ones, or none but ours. */
  readonly group: 'async' | 'sync' | 'sustained' | 'embedded';
  readonly targets: Readonly<Partial<Record<Metric, Target>>>;
  /** Only run when asked for. */
  readonly isExtra?: boolean;
}

/** A load of the load generator. */
export interface SendShape {
  readonly connections: number;
  readonly inFlight: number;
  readonly bodyBytes: number;
  readonly batch: number;
}

/** The rows whose load comes from rmqload. */
export const SEND_SHAPES: Readonly<Record<string, SendShape>> = {
  'send-1x64': { connections: 1, inFlight: 64, bodyBytes: 128, batch: 1 },
  'send-8x32': { connections: 8, inFlight: 32, bodyBytes: 128, batch: 1 },
  'send-1k': { connections: 1, inFlight: 64, bodyBytes: 1024, batch: 1 },
  batch: { connections: 4, inFlight: 4, bodyBytes: 128, batch: 32 },
  sustained: { connections: 1, inFlight: 64, bodyBytes: 128, batch: 1 },
  'sustained-8x32': { connections: 8, inFlight: 32, bodyBytes: 128, batch: 1 },
  'sustained-1k': { connections: 1, inFlight: 64, bodyBytes: 1024, batch: 1 },
};

/** The rows whose load comes from the Java client's producer. */
export const PRODUCER_SHAPES: Readonly<
  Record<string, { readonly threads: number; readonly bodyBytes: number }>
> = {
  'java-producer': { threads: 64, bodyBytes: 128 },
  'java-one': { threads: 1, bodyBytes: 1024 },
  'sync-64': { threads: 64, bodyBytes: 1024 },
  'sync-1': { threads: 1, bodyBytes: 1024 },
};

/** Threads of the Java client's push consumer. */
export const CONSUMER_THREADS = 20;

const SENDS = { rate: { ratioMin: 3 }, cpu: { ratioMax: 1 / 4 } } as const;
const SUSTAINED = { rate: { ratioMin: 2.5 }, slowest: { ratioMin: 2.5 } } as const;

/** The table, in its order. */
export const ROWS: readonly RowPlan[] = [
  {
    id: 'send-1x64',
    name: 'send, 1 connection, 64 in flight, 128 B',
    zh: '发送，1 个连接、64 个在途，128 字节',
    group: 'async',
    targets: { ...SENDS, p99: { ratioMax: 1 / 2 } },
  },
  {
    id: 'send-8x32',
    name: 'send, 8 connections, 32 in flight each, 128 B',
    zh: '发送，8 个连接、各 32 个在途，128 字节',
    group: 'async',
    targets: SENDS,
  },
  {
    id: 'send-1k',
    name: 'send, 1 connection, 64 in flight, 1 KiB',
    zh: '发送，1 个连接、64 个在途，1 KiB',
    group: 'async',
    targets: SENDS,
  },
  {
    id: 'batch',
    name: 'batches of 32, 4 connections, 4 in flight each, 128 B',
    zh: '每批 32 条，4 个连接、各 4 个在途，128 字节',
    group: 'async',
    targets: { rate: { ratioMin: 1.8 }, cpu: { ratioMax: 1 / 3 } },
  },
  {
    id: 'pull',
    name: 'pull of a warm backlog, 4 queues, 128 B',
    zh: '拉取热积压，4 个队列，128 字节',
    group: 'async',
    targets: { rate: { ratioMin: 2.4 }, cpu: { ratioMax: 1 / 4 } },
  },
  {
    id: 'java-producer',
    name: 'Java client, 64 threads sending synchronously, 128 B',
    zh: 'Java 客户端，64 个线程同步发送，128 字节',
    group: 'async',
    targets: { rate: { ratioMin: 1.3 }, cpu: { ratioMax: 1 / 4 } },
  },
  {
    id: 'java-one',
    name: 'Java client, 1 thread sending synchronously, 1 KiB',
    zh: 'Java 客户端，1 个线程同步发送，1 KiB',
    group: 'async',
    targets: {},
  },
  {
    id: 'java-consumer',
    name: 'Java push consumer, 20 threads, backlog, 128 B',
    zh: 'Java Push 消费者，20 个线程，积压，128 字节',
    group: 'async',
    targets: { rate: { ratioMin: 1 }, cpu: { ratioMax: 1 / 2 } },
  },
  {
    id: 'sync-64',
    name: 'SYNC_FLUSH, Java client, 64 threads, 1 KiB',
    zh: 'SYNC_FLUSH，Java 客户端，64 个线程，1 KiB',
    group: 'sync',
    targets: { rate: { ratioMin: 1.5 } },
  },
  {
    id: 'sync-1',
    name: 'SYNC_FLUSH, Java client, 1 thread, 1 KiB',
    zh: 'SYNC_FLUSH，Java 客户端，1 个线程，1 KiB',
    group: 'sync',
    targets: { rate: { ratioMin: 1 }, aboveSync: { max: 150 } },
  },
  {
    id: 'idle',
    name: 'idle, name server and broker',
    zh: '空闲，名字服务器与 broker',
    group: 'async',
    targets: { rss: { max: 130 }, ready: { max: 600 } },
  },
  {
    id: 'embedded-send',
    name: 'embedded, ASYNC_FLUSH, single sends pipelined, 128 B',
    zh: '嵌入式，ASYNC_FLUSH，流水线单条发送，128 字节',
    group: 'embedded',
    targets: { rate: { min: 400_000 } },
  },
  {
    id: 'embedded-batch',
    name: 'embedded, ASYNC_FLUSH, batches of 64, 128 B',
    zh: '嵌入式，ASYNC_FLUSH，每批 64 条，128 字节',
    group: 'embedded',
    targets: { rate: { min: 1_000_000 } },
  },
  {
    id: 'embedded-pull',
    name: 'embedded, consume with a pull consumer, 128 B',
    zh: '嵌入式，PullConsumer 消费，128 字节',
    group: 'embedded',
    targets: { rate: { min: 1_500_000 } },
  },
  {
    id: 'embedded-push',
    name: 'embedded, consume with a push consumer, 128 B',
    zh: '嵌入式，PushConsumer 消费，128 字节',
    group: 'embedded',
    targets: {},
  },
  {
    id: 'embedded-one',
    name: 'embedded, one send at a time',
    zh: '嵌入式，逐条发送并等待确认',
    group: 'embedded',
    targets: { p50: { max: 120 } },
  },
  {
    id: 'embedded-one-spin',
    name: 'embedded, one send at a time, spinUs 50',
    zh: '嵌入式，逐条发送并等待确认，spinUs 50',
    group: 'embedded',
    targets: { p50: { max: 40 } },
  },
  {
    id: 'sustained',
    name: 'send for two minutes, 1 connection, 64 in flight, 128 B',
    zh: '连续发送两分钟，1 个连接、64 个在途，128 字节',
    group: 'sustained',
    targets: SUSTAINED,
    isExtra: true,
  },
  {
    id: 'sustained-8x32',
    name: 'send for two minutes, 8 connections, 32 in flight each, 128 B',
    zh: '连续发送两分钟，8 个连接、各 32 个在途，128 字节',
    group: 'sustained',
    targets: SUSTAINED,
    isExtra: true,
  },
  {
    id: 'sustained-1k',
    name: 'send for two minutes, 1 connection, 64 in flight, 1 KiB',
    zh: '连续发送两分钟，1 个连接、64 个在途，1 KiB',
    group: 'sustained',
    targets: SUSTAINED,
    isExtra: true,
  },
];
