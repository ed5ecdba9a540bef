import { type ChildProcess, spawn } from 'node:child_process';

const OUTPUT_TAIL_BYTES = 16 * 1024;
const STOP_LIMIT_MS = 30_000;

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The child is ready once a line of its standard output matches. */
  readonly ready: RegExp;
  readonly readyLimitMs: number;
}

/** A child process that is ready. It dies with this process, and never by anything but its own id. */
export interface Child {
  readonly pid: number;
  readonly readyMs: number;
  readonly isRunning: boolean;
  /** The end of what it printed. */
  output(): string;
  /** Sends a signal; a child that is gone already is no error. */
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, then waits; a child that does not end in time is killed and reported. */
  stop(): Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** SIGKILL, then waits. */
  kill9(): Promise<void>;
  /** Settles once the child is gone. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** Starts a child process and waits until it says it is ready. */
export const startChild = async (options: ChildOptions): Promise<Child> => {
  const startedMs = performance.now();
  const child = spawn(options.command, options.args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  // Java servers end when this pipe closes, so it stays open and unused; a child may be gone before it notices.
  child.stdin.on('error', () => undefined);
  const tail = { text: '' };
  const ended = endOf(child);
  const killWithParent = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithParent);
  let isRunning = true;
  void ended.then(() => {
    isRunning = false;
    process.removeListener('exit', killWithParent);
  });
  await untilReady(child, options, tail, ended);
  return {
    pid: child.pid ?? -1,
    readyMs: performance.now() - startedMs,
    get isRunning() {
      return isRunning;
    },
    output: () => tail.text,
    signal: (name) => void child.kill(name),
    stop: async () => {
      child.kill('SIGTERM');
      const end = await withLimit(ended, STOP_LIMIT_MS);
      if (end !== undefined) return end;
      child.kill('SIGKILL');
      throw new Error(
        `${options.name} did not end within ${STOP_LIMIT_MS} ms of SIGTERM\n${tail.text}`,
      );
    },
    kill9: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    ended,
  };
};

const endOf = (child: ChildProcess): Child['ended'] =>
  new Promise((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });

const withLimit = async <T>(promise: Promise<T>, limitMs: number): Promise<T | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
};

const untilReady = async (
  child: ChildProcess,
  options: ChildOptions,
  tail: { text: string },
  ended: Child['ended'],
): Promise<void> => {
  const ready = new Promise<boolean>((resolve) => {
    const keep = (chunk: Buffer): void => {
      tail.text = (tail.text + chunk.toString()).slice(-OUTPUT_TAIL_BYTES);
      if (options.ready.test(tail.text)) resolve(true);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    void ended.then(() => resolve(false));
  });
  const isReady = await withLimit(ready, options.readyLimitMs);
  if (isReady === true) return;
  child.kill('SIGKILL');
  const why =
    isReady === undefined ? `was not ready within ${options.readyLimitMs} ms` : 'ended at start';
  throw new Error(`${options.name} ${why}\n${tail.text}`);
};
