import type { BenchPart, BenchResult, Percentiles } from './bench-result.ts';
import type { Bucket } from './histogram.ts';

const BAR_COLUMNS = 40;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const MICROSECONDS = 1000;

/** Microseconds as a person reads them. */
export const duration = (us: number): string => {
  if (us < MICROSECONDS) return `${Math.round(us)} µs`;
  if (us < MICROSECONDS * 1000) return `${(us / MICROSECONDS).toFixed(us < 10_000 ? 2 : 1)} ms`;
  return `${(us / MICROSECONDS / 1000).toFixed(2)} s`;
};

/** Thousands apart. */
export const grouped = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');

const bar = (share: number): string => {
  const eighths = Math.round(share * BAR_COLUMNS * 8);
  return '█'.repeat(eighths >>> 3) + EIGHTHS[eighths & 7];
};

/** A histogram, a row for each half of a power of two that holds something; a bar shows its share. */
export const drawHistogram = (buckets: readonly Bucket[]): string[] => {
  const rows = new Map<number, number>();
  let total = 0;
  for (const { high, count } of buckets) {
    const row = Math.ceil(Math.log2(high + 1) * 2);
    rows.set(row, (rows.get(row) ?? 0) + count);
    total += count;
  }
  if (total === 0) return [];
  const numbers = [...rows.keys()];
  const most = Math.max(...rows.values());
  const lines: string[] = [];
  for (let row = Math.min(...numbers); row <= Math.max(...numbers); row++) {
    const count = rows.get(row) ?? 0;
    const bound = duration(2 ** (row / 2)).padStart(9);
    const percent = `${((count / total) * 100).toFixed(2)} %`.padStart(8);
    lines.push(`  ≤ ${bound} ${percent} ${bar(count / most)}`.trimEnd());
  }
  return lines;
};

const describeLatency = (name: string, latency: Percentiles): string =>
  `${name}: p50 ${duration(latency.p50)}, p90 ${duration(latency.p90)}, p99 ${duration(latency.p99)}` +
  `, p99.9 ${duration(latency.p999)}, p99.99 ${duration(latency.p9999)}, max ${duration(latency.max)}`;

const describePart = (part: BenchPart): string[] => [
  ...drawHistogram(part.histogram ?? []),
  `${part.name}: ${grouped(part.messages)} messages, ${grouped(part.messagesPerSecond)} messages/s` +
    (part.cpuUsPerMessage === undefined ? '' : `, ${part.cpuUsPerMessage} CPU-µs a message`),
  ...(part.latencyUs === undefined
    ? []
    : [describeLatency(`${part.name}: latency`, part.latencyUs)]),
];

/** What the response times of a kind are, and what its processor time is. */
const LATENCY_NAMES: Readonly<Record<string, string>> = {
  latency: 'send to acknowledgement',
  embedded: 'single sends: latency',
};
const CPU_NAMES: Readonly<Record<string, string>> = { embedded: 'node and clients' };

/** A finished run for a person. */
export const describeResult = (result: BenchResult): string[] => {
  const failed = result.sendFailed + result.responseFailed;
  return [
    ...drawHistogram(result.histogram),
    `${result.kind}: ${grouped(result.messages)} messages in ${result.seconds.toFixed(2)} s` +
      `, ${grouped(result.messagesPerSecond)} messages/s` +
      (result.requests === result.messages
        ? ''
        : `, ${grouped(result.requestsPerSecond)} requests/s`),
    describeLatency(LATENCY_NAMES[result.kind] ?? 'latency', result.latencyUs),
    `${CPU_NAMES[result.kind] ?? 'load generator'}: ${result.loadCpuUsPerMessage} CPU-µs a message`,
    ...(result.parts ?? []).flatMap(describePart),
    ...(failed > 0
      ? [`failed: ${result.sendFailed} without an answer, ${result.responseFailed} refused`]
      : []),
    ...(result.unsent > 0 ? [`not sent: ${result.unsent} requests that were due`] : []),
    ...(result.problem === undefined ? [] : [`problem: ${result.problem}`]),
  ];
};
