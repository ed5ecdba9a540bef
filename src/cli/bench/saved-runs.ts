import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { errorMessage } from '../../base/index.ts';
import { CliError } from '../cli-error.ts';
import type { BenchPart, BenchResult, Percentiles } from './bench-result.ts';
import { duration, grouped } from './draw.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const NAME = /^[A-Za-z0-9._-]{1,100}$/;

/** Where saved runs lie: `$SATURNMQ_BENCH`, otherwise `~/.saturnmq/bench`. */
export const runsFolder = (environment: Environment): string =>
  environment['SATURNMQ_BENCH'] || join(environment['HOME'] || homedir(), '.saturnmq', 'bench');

/**
 * Keeps a run under a name; an older one of that name is replaced.
 * @returns the file
 * @throws {CliError} USAGE for a name that is no file name
 */
export const saveRun = (environment: Environment, name: string, result: BenchResult): string => {
  checkRunName(name);
  const folder = runsFolder(environment);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(result)}\n`);
  return file;
};

/**
 * Proves that a run can be kept under a name; makes the folder.
 * @throws {CliError} USAGE
 */
export const checkSaving = (environment: Environment, name: string): void => {
  checkRunName(name);
  const folder = runsFolder(environment);
  const file = join(folder, `${name}.json`);
  try {
    mkdirSync(folder, { recursive: true });
    // Permissions and mounts say less than writing does.
    rmdirSync(mkdtempSync(join(folder, '.probe-')));
    if (existsSync(file)) closeSync(openSync(file, 'r+'));
  } catch (error) {
    throw new CliError(`--save cannot write to ${folder}: ${errorMessage(error)}`);
  }
};

const checkRunName = (name: string): void => {
  if (!NAME.test(name) || name.startsWith('.'))
    throw new CliError(`--save takes a name of letters, digits, "-", "_" and ".", not "${name}"`);
};

/**
 * A saved run, by its name or its file.
 * @throws {CliError} USAGE where there is none
 */
export const loadRun = (environment: Environment, nameOrFile: string): BenchResult => {
  const named = join(runsFolder(environment), `${nameOrFile}.json`);
  const file = NAME.test(nameOrFile) && existsSync(named) ? named : nameOrFile;
  try {
    const result = JSON.parse(readFileSync(file, 'utf8')) as BenchResult;
    if (typeof result.messagesPerSecond === 'number' && typeof result.latencyUs?.p50 === 'number')
      return result;
  } catch (error) {
    throw new CliError(`there is no saved run "${nameOrFile}": ${errorMessage(error)}`);
  }
  throw new CliError(`${file} is no saved run`);
};

const row = (title: string, left: string, right: string, ratio: string): string =>
  `${title.padEnd(22)} ${left.padStart(14)} ${right.padStart(14)} ${ratio.padStart(8)}`;

const ratioOf = (left: number, right: number): string =>
  left > 0 ? `${(right / left).toFixed(2)} ×` : '–';

const PERCENTILES: readonly (readonly [keyof Percentiles, string])[] = [
  ['p50', 'p50'],
  ['p90', 'p90'],
  ['p99', 'p99'],
  ['p999', 'p99.9'],
  ['p9999', 'p99.99'],
  ['max', 'max'],
];

type Pick<From> = (from: From) => number | undefined;

const showCount = (value: number): string => grouped(value);

/** Rows of two things of a kind; what one of them lacks is a dash. */
const rowsOf = <From>(left: From | undefined, right: From | undefined) => {
  const line = (title: string, pick: Pick<From>, show: (value: number) => string): string[] => {
    const [a, b] = [left && pick(left), right && pick(right)];
    if (a === undefined && b === undefined) return [];
    const [first, second] = [a, b].map((value) => (value === undefined ? '–' : show(value)));
    return [row(title, first ?? '–', second ?? '–', ratioOf(a ?? 0, b ?? 0))];
  };
  return {
    line,
    times: (prefix: string, pick: (from: From) => Percentiles | undefined): string[] =>
      PERCENTILES.flatMap(([key, name]) =>
        line(`${prefix} ${name}`, (from) => pick(from)?.[key], duration),
      ),
  };
};

const comparePart = (name: string, left: BenchResult, right: BenchResult): string[] => {
  const find = ({ parts = [] }: BenchResult): BenchPart | undefined =>
    parts.find((part) => part.name === name);
  const { line, times } = rowsOf(find(left), find(right));
  return [
    `${name}:`,
    ...line('  messages/s', ({ messagesPerSecond }) => messagesPerSecond, showCount),
    ...line(
      '  CPU-µs/message',
      ({ cpuUsPerMessage }) => cpuUsPerMessage,
      (value) => value.toFixed(3),
    ),
    ...times('  latency', ({ latencyUs }) => latencyUs),
  ];
};

/** Two runs side by side; the last column is the second over the first. */
export const compareRuns = (
  names: readonly [string, string],
  left: BenchResult,
  right: BenchResult,
): string[] => {
  const { line, times } = rowsOf(left, right);
  const optionNames = new Set([...Object.keys(left.options), ...Object.keys(right.options)]);
  const differing = [...optionNames].filter((name) => left.options[name] !== right.options[name]);
  const partNames = new Set([left, right].flatMap(({ parts = [] }) => parts.map((p) => p.name)));
  return [
    row('', names[0], names[1], ''),
    row('kind', left.kind, right.kind, ''),
    ...differing.map((name) =>
      row(name, String(left.options[name] ?? '–'), String(right.options[name] ?? '–'), ''),
    ),
    ...line('messages/s', ({ messagesPerSecond }) => messagesPerSecond, showCount),
    ...line('requests/s', ({ requestsPerSecond }) => requestsPerSecond, showCount),
    ...times('latency', ({ latencyUs }) => latencyUs),
    ...line('failed', ({ sendFailed, responseFailed }) => sendFailed + responseFailed, showCount),
    ...line(
      'load CPU-µs/message',
      ({ loadCpuUsPerMessage }) => loadCpuUsPerMessage,
      (value) => value.toFixed(3),
    ),
    ...[...partNames].flatMap((name) => comparePart(name, left, right)),
  ];
};
