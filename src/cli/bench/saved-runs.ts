import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { errorMessage } from '../../base/index.ts';
import { CliError } from '../cli-error.ts';
import type { BenchResult } from './bench-result.ts';
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

/** @throws {CliError} USAGE */
export const checkRunName = (name: string): void => {
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

/** Two runs side by side; the last column is the second over the first. */
export const compareRuns = (
  names: readonly [string, string],
  left: BenchResult,
  right: BenchResult,
): string[] => {
  const count = (title: string, pick: (result: BenchResult) => number, digits = 0): string => {
    const [a, b] = [pick(left), pick(right)];
    const show = (value: number): string => (digits === 0 ? grouped(value) : value.toFixed(digits));
    return row(title, show(a), show(b), ratioOf(a, b));
  };
  const time = (title: string, key: keyof BenchResult['latencyUs']): string => {
    const [a, b] = [left.latencyUs[key], right.latencyUs[key]];
    return row(title, duration(a), duration(b), ratioOf(a, b));
  };
  const optionNames = new Set([...Object.keys(left.options), ...Object.keys(right.options)]);
  const differing = [...optionNames].filter((name) => left.options[name] !== right.options[name]);
  return [
    row('', names[0], names[1], ''),
    row('kind', left.kind, right.kind, ''),
    ...differing.map((name) =>
      row(name, String(left.options[name] ?? '–'), String(right.options[name] ?? '–'), ''),
    ),
    count('messages/s', ({ messagesPerSecond }) => messagesPerSecond),
    count('requests/s', ({ requestsPerSecond }) => requestsPerSecond),
    time('latency p50', 'p50'),
    time('latency p90', 'p90'),
    time('latency p99', 'p99'),
    time('latency p99.9', 'p999'),
    time('latency max', 'max'),
    count('failed', ({ sendFailed, responseFailed }) => sendFailed + responseFailed),
    count('load CPU-µs/message', ({ loadCpuUsPerMessage }) => loadCpuUsPerMessage, 3),
  ];
};
