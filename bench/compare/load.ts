import { execFile } from 'node:child_process';
import { field } from './fields.ts';

const RUN_LIMIT_MS = 180_000;

/** One run of the load generator. */
export interface LoadResult {
  readonly messagesPerSecond: number;
  /** Acknowledged, or read. */
  readonly messages: number;
  readonly errors: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly line: string;
}

const run = (
  binary: string,
  argv: readonly string[],
  limitMs: number,
): Promise<{ readonly line: string; readonly trouble: string }> =>
  new Promise((resolve) => {
    execFile(binary, argv, { timeout: limitMs }, (error, stdout, stderr) => {
      resolve({ line: stdout.trim(), trouble: `${error?.message ?? ''} ${stderr}` });
    });
  });

/** Runs rmqload against `host:port` with the rest of its arguments. */
export const runLoad = async (
  binary: string,
  kind: 'send' | 'pull',
  address: string,
  args: readonly (string | number)[],
  seconds = 0,
): Promise<LoadResult> => {
  const [host = '', port = ''] = address.split(':');
  const argv = [kind, host, port, ...args.map(String)];
  const { line, trouble } = await run(binary, argv, RUN_LIMIT_MS + seconds * 1000);
  const messagesPerSecond = field(line, 'messages/s');
  if (messagesPerSecond === undefined) throw new Error(`rmqload ${argv.join(' ')}: ${trouble}`);
  return {
    messagesPerSecond,
    messages: field(line, 'messages') ?? 0,
    errors: field(line, 'errors') ?? 0,
    p50Us: field(line, 'p50') ?? Number.NaN,
    p99Us: field(line, 'p99') ?? Number.NaN,
    p999Us: field(line, 'p99.9') ?? Number.NaN,
    line,
  };
};

/** Microseconds, by the median, that a write and fdatasync take in `file`'s folder with nothing around them. */
export const runSync = async (
  binary: string,
  file: string,
  bytes: number,
  seconds: number,
): Promise<number> => {
  const argv = [file, String(bytes), String(seconds)];
  const { line, trouble } = await run(binary, argv, RUN_LIMIT_MS);
  const p50 = field(line, 'p50');
  if (p50 === undefined) throw new Error(`syncload ${argv.join(' ')}: ${trouble}`);
  return p50;
};
