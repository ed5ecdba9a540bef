import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  compileJava,
  type JavaKit,
  JVM_OPENINGS,
  repositoryRoot,
} from '../../test/support/java.ts';
import { field } from './fields.ts';

const RUN_LIMIT_MS = 300_000;
const STDERR_TAIL = 4096;
const CLIENT_FLAGS = ['-Xms1g', '-Xmx1g', '-XX:+UseG1GC'] as const;

/** What one Java client measured between its `begin` and its `end`. */
export interface ClientResult {
  readonly messages: number;
  readonly seconds: number;
  /** Over the whole run: acknowledged by the broker, or received from it. */
  readonly acknowledged: number;
  readonly errors: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
}

/** Compiles the drivers of `bench/compare/java` where that was not done before; gives the class path to run them with. */
export const compileClients = ({ jarsClassPath }: JavaKit & { readonly kind: 'ready' }): string =>
  compileJava(join(repositoryRoot, 'bench', 'compare', 'java', 'saturnmq', 'bench'), jarsClassPath);

/** Runs one of the drivers; `onMark` is called at the begin and at the end of the measured time. */
export const runClient = async (
  classPath: string,
  mainClass: 'LoadProducer' | 'LoadConsumer',
  args: readonly (string | number)[],
  onMark: (mark: 'begin' | 'end') => void,
): Promise<ClientResult> => {
  const home = mkdtempSync(join(tmpdir(), 'saturnmq-bench-client-'));
  const child = spawn(
    'java',
    [...flags(classPath, home), `saturnmq.bench.${mainClass}`, ...args.map(String)],
    {
      cwd: home,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const limit = setTimeout(() => child.kill('SIGKILL'), RUN_LIMIT_MS);
  let trouble = '';
  child.stderr.on('data', (chunk: Buffer) => {
    trouble = (trouble + chunk.toString()).slice(-STDERR_TAIL);
  });
  let result = '';
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    if (line === 'begin' || line === 'end') onMark(line);
    else if (line.startsWith('result ')) result = line;
  });
  const status = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  clearTimeout(limit);
  rmSync(home, { recursive: true, force: true });
  if (status !== 0 || result === '')
    throw new Error(`${mainClass} ended with ${status}: ${trouble}`);
  return {
    messages: field(result, 'messages') ?? 0,
    seconds: field(result, 'seconds') ?? Number.NaN,
    acknowledged: field(result, 'acknowledged') ?? 0,
    errors: field(result, 'errors') ?? 0,
    p50Us: field(result, 'p50') ?? Number.NaN,
    p99Us: field(result, 'p99') ?? Number.NaN,
    p999Us: field(result, 'p99.9') ?? Number.NaN,
  };
};

const flags = (classPath: string, home: string): string[] => [
  ...CLIENT_FLAGS,
  ...JVM_OPENINGS,
  `-Duser.home=${home}`,
  `-Drocketmq.client.localOffsetStoreDir=${join(home, 'offsets')}`,
  `-Drocketmq.client.logRoot=${join(home, 'logs')}`,
  '-Drocketmq.client.logLevel=WARN',
  '-cp',
  classPath,
];
