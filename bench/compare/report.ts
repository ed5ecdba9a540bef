import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { repositoryRoot } from '../../test/support/java.ts';
import { type Spread, spread } from '../support/measure.ts';
import { METRICS, type Metric, type Target } from './plan.ts';
import type { RowSamples } from './samples.ts';

/** What the figures were taken on, and of which commit; a `+` behind it: with changes that were not committed. */
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
    commit: commitOf(),
  };
};

const commitOf = (): string => {
  const git = (...args: string[]) =>
    spawnSync('git', args, { cwd: repositoryRoot, encoding: 'utf8' });
  const { status, stdout } = git('rev-parse', '--short', 'HEAD');
  if (status !== 0) return 'unknown';
  const isChanged = git('status', '--porcelain', '--untracked-files=no').stdout !== '';
  return stdout.trim() + (isChanged ? '+' : '');
};

const transparentHugePages = (): string => {
  try {
    const text = readFileSync('/sys/kernel/mm/transparent_hugepage/enabled', 'latin1');
    return text.match(/\[(\w+)\]/)?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
};

/** One line of the table, as plain data. */
export interface Line {
  readonly row: string;
  readonly name: string;
  readonly zh: string;
  readonly metric: Metric;
  readonly saturnmq: Summary | undefined;
  readonly java: Summary | undefined;
  /** Ours over Java's, of the pairs of one round. */
  readonly ratio: Spread | undefined;
  readonly target: Target | undefined;
  /** Absent where there is no target, or nothing to hold against it. */
  readonly holds: boolean | undefined;
}

interface Summary extends Spread {
  readonly values: readonly number[];
}

const isNumber = (value: number | undefined): value is number =>
  value !== undefined && Number.isFinite(value);

const summary = (values: readonly (number | undefined)[]): Summary | undefined => {
  const found = values.filter(isNumber);
  return found.length === 0 ? undefined : { ...spread(found), values: found };
};

const holds = (
  target: Target | undefined,
  ratio: Spread | undefined,
  own: Spread | undefined,
): boolean | undefined => {
  if (target === undefined) return undefined;
  const { ratioMin, ratioMax, min, max } = target;
  const checks: boolean[] = [];
  if (ratio !== undefined && ratioMin !== undefined) checks.push(ratio.median >= ratioMin);
  if (ratio !== undefined && ratioMax !== undefined) checks.push(ratio.median <= ratioMax);
  if (own !== undefined && min !== undefined) checks.push(own.median >= min);
  if (own !== undefined && max !== undefined) checks.push(own.median <= max);
  return checks.length === 0 ? undefined : checks.every(Boolean);
};

const lineOf = (row: RowSamples, metric: Metric): Line | undefined => {
  const ours = row.values('saturnmq', metric);
  const theirs = row.values('java', metric);
  const pairs = ours.map((own, round) => {
    const other = theirs[round];
    return isNumber(own) && isNumber(other) && other !== 0 ? own / other : undefined;
  });
  const saturnmq = summary(ours);
  const java = summary(theirs);
  const found = pairs.filter(isNumber);
  const ratio = found.length === 0 ? undefined : spread(found);
  const target = row.plan.targets[metric];
  const isMissing = saturnmq === undefined && java === undefined;
  // A row with nothing but void measurements stays in the table by its targets.
  if (isMissing && (target === undefined || row.voids().length === 0)) return undefined;
  // A row of which one of our measurements is void does not hold, however good the others are.
  const isVoid = row.outcomes.saturnmq.some((outcome) => outcome?.kind === 'void');
  const verdict = isVoid && target !== undefined ? false : holds(target, ratio, saturnmq);
  return {
    row: row.plan.id,
    name: row.plan.name,
    zh: row.plan.zh,
    metric,
    saturnmq,
    java,
    ratio,
    target,
    holds: verdict,
  };
};

/** The table as data: a line for each figure of each row. */
export const linesOf = (rows: readonly RowSamples[]): Line[] =>
  rows.flatMap((row) =>
    (Object.keys(METRICS) as Metric[]).flatMap((metric) => lineOf(row, metric) ?? []),
  );

const number = (value: number): string => {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  if (Number.isInteger(value)) return `${value}`;
  return value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0);
};

const cell = (found: Spread | undefined): string => {
  if (found === undefined) return '–';
  const { median, min, max, samples } = found;
  return samples === 1 ? number(median) : `${number(median)} (${number(min)}–${number(max)})`;
};

const share = (value: number): string => (value < 1 ? value.toFixed(2) : `${value}`);

const targetText = (target: Target | undefined): string => {
  if (target === undefined) return '';
  const { ratioMin, ratioMax, min, max } = target;
  return [
    ratioMin === undefined ? [] : [`≥ ${share(ratioMin)} ×`],
    ratioMax === undefined ? [] : [`≤ ${share(ratioMax)} ×`],
    min === undefined ? [] : [`≥ ${min.toLocaleString('en-US')}`],
    max === undefined ? [] : [`≤ ${max.toLocaleString('en-US')}`],
  ]
    .flat()
    .join(', ');
};

const WORDS = {
  en: { head: ['work', 'unit', 'ratio', 'target', 'holds'], yes: 'yes', no: 'no', isVoid: 'void' },
  zh: { head: ['负载', '单位', '比值', '目标', '达到'], yes: '是', no: '否', isVoid: '无效' },
} as const;

const draw = (rows: readonly (readonly string[])[]): string => {
  const [head = [], ...body] = rows;
  // Full-width characters take two columns of a terminal and of an editor.
  const width = (text: string): number =>
    [...text].reduce((sum, char) => sum + (/[\u2e80-\uffef]/.test(char) ? 2 : 1), 0);
  const widths = head.map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ''))));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, at) => text + ' '.repeat((widths[at] ?? 0) - width(text))).join(' | ')} |`;
  return [
    line(head),
    `| ${widths.map((size) => '-'.repeat(size)).join(' | ')} |`,
    ...body.map(line),
  ].join('\n');
};

/** The lines as a Markdown table; `language` is that of the page. Only lines with a target where `isShort`. */
export const markdownTable = (
  lines: readonly Line[],
  language: 'en' | 'zh' = 'en',
  isShort = false,
): string => {
  const words = WORDS[language];
  const [work, unit, ratio, target, verdict] = words.head;
  const shown = isShort ? lines.filter((line) => line.target !== undefined) : lines;
  const body = shown.map((line, index) => {
    const isFirst = shown[index - 1]?.row !== line.row;
    const { unit: unitText, zh } = METRICS[line.metric];
    return [
      isFirst ? (language === 'en' ? line.name : line.zh) : '',
      language === 'en' ? unitText : zh,
      line.saturnmq === undefined && line.holds === false ? words.isVoid : cell(line.saturnmq),
      cell(line.java),
      cell(line.ratio),
      targetText(line.target),
      line.holds === undefined ? '' : line.holds ? words.yes : words.no,
    ];
  });
  return draw([[work, unit, 'SaturnMQ', 'RocketMQ 4.9.2', ratio, target, verdict], ...body]);
};

/** The facts of some runs on one machine, the first one's, as one sentence that names the commits of all of them. */
export const factsText = (
  machine: Readonly<Record<string, string | number>>,
  ...more: readonly Readonly<Record<string, string | number>>[]
): string => {
  const { cpu, cores, memoryGb, memory, kernel, node, java } = machine;
  const commits = new Set([machine, ...more].map(({ commit }) => commit ?? 'unknown'));
  const size = `${memoryGb} GB${memory === undefined ? '' : ` (${memory})`}`;
  return `${cpu}, ${cores} cores, ${size}; Linux ${kernel}; Node.js ${node}; ${java}; SaturnMQ at commit ${[...commits].join(' and ')}.`;
};
