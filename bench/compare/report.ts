import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { type Spread, spread } from '../support/measure.ts';

/** The samples of one row of the table, by system. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  /** Whether a larger figure is the better one. */
  readonly isMoreBetter: boolean;
  readonly samples: { readonly java: number[]; readonly saturnmq: number[] };
}

/** What the figures were taken on. */
export const machineFacts = (): Record<string, string | number> => {
  const version = spawnSync('java', ['-version'], { encoding: 'utf8' });
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    transparentHugePages: transparentHugePages(),
    node: process.versions.node,
    java: version.stderr?.split('\n')[0]?.trim() || 'none',
    loadAverage: (loadavg()[0] ?? 0).toFixed(2),
  };
};

const transparentHugePages = (): string => {
  try {
    const text = readFileSync('/sys/kernel/mm/transparent_hugepage/enabled', 'latin1');
    return text.match(/\[(\w+)\]/)?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
};

const text = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value < 10 ? 2 : 1);

const cell = (samples: readonly number[]): string => {
  if (samples.length === 0) return '–';
  const { median, min, max } = spread(samples);
  return `${text(median)} (${text(min)}–${text(max)})`;
};

/** Ours over Java's, the median of the ratios of the pairs of one round. */
export const ratio = ({ samples }: Row): Spread | undefined => {
  const pairs = samples.java
    .map((java, round) => (samples.saturnmq[round] ?? Number.NaN) / java)
    .filter(Number.isFinite);
  return pairs.length === 0 ? undefined : spread(pairs);
};

const ratioText = (row: Row): string => {
  const found = ratio(row);
  if (found === undefined) return '–';
  return `${found.median.toFixed(2)} (${found.min.toFixed(2)}–${found.max.toFixed(2)})`;
};

/** The rows as a Markdown table: median (min–max), and the ratio of the pairs. */
export const markdown = (
  rows: readonly Row[],
  machine: Readonly<Record<string, string | number>>,
): string => {
  const facts = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  const lines = rows.map((row) => {
    const better = row.isMoreBetter ? 'more' : 'less';
    const { java, saturnmq } = row.samples;
    return `| ${row.name} | ${row.unit} | ${better} | ${cell(saturnmq)} | ${cell(java)} | ${ratioText(row)} |`;
  });
  return [
    '| what | unit | better | SaturnMQ | Java 4.9.2 | SaturnMQ / Java |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
    `Median (min–max); the ratio is the median of each round's pair. ${facts.join(', ')}.`,
    '',
  ].join('\n');
};

/** The rows as plain data. */
export const asData = (rows: readonly Row[]): object[] =>
  rows.map((row) => ({
    name: row.name,
    unit: row.unit,
    better: row.isMoreBetter ? 'more' : 'less',
    saturnmq: summary(row.samples.saturnmq),
    java: summary(row.samples.java),
    ratio: ratio(row),
  }));

const summary = (samples: readonly number[]): object | undefined =>
  samples.length === 0 ? undefined : { ...spread(samples), values: samples };
