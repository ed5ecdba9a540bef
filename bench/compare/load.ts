import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../test/support/java.ts';

const RUN_LIMIT_MS = 180_000;

/** One run of the load generator. */
export interface LoadResult {
  readonly messagesPerSecond: number;
  readonly messages: number;
  readonly errors: number;
  readonly latencyP50Us: number | undefined;
  readonly latencyP99Us: number | undefined;
  readonly line: string;
}

/** Compiles the load generator where it is missing or older than its source. */
export const buildLoadGenerator = (): string => {
  const source = join(repositoryRoot, 'bench', 'tools', 'rmqload.c');
  const folder = join(repositoryRoot, '.cache', 'bench');
  const binary = join(folder, 'rmqload');
  if (existsSync(binary) && statSync(binary).mtimeMs > statSync(source).mtimeMs) return binary;
  mkdirSync(folder, { recursive: true });
  const work = `${binary}.${process.pid}`;
  const built = spawnSync('cc', ['-O2', '-o', work, source], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`cc failed: ${built.error?.message ?? built.stderr}`);
  renameSync(work, binary);
  return binary;
};

const field = (line: string, name: string): number | undefined => {
  const value = line.match(new RegExp(`\\b${name}=([\\d.]+)`))?.[1];
  return value === undefined ? undefined : Number(value);
};

/** Runs the load generator against `host:port` with the rest of its arguments. */
export const runLoad = (
  binary: string,
  kind: 'send' | 'pull',
  address: string,
  args: readonly (string | number)[],
): Promise<LoadResult> =>
  new Promise((resolve, reject) => {
    const [host = '', port = ''] = address.split(':');
    const argv = [kind, host, port, ...args.map(String)];
    execFile(binary, argv, { timeout: RUN_LIMIT_MS }, (error, stdout, stderr) => {
      const line = stdout.trim();
      const messagesPerSecond = field(line, 'messages/s');
      if (messagesPerSecond === undefined) {
        reject(new Error(`rmqload ${argv.join(' ')}: ${error?.message ?? ''} ${stderr}`));
        return;
      }
      resolve({
        messagesPerSecond,
        messages: field(line, 'messages') ?? 0,
        errors: field(line, 'errors') ?? 0,
        latencyP50Us: field(line, 'p50'),
        latencyP99Us: field(line, 'p99'),
        line,
      });
    });
  });
