import type { RootOptions, RunningRoot } from '../node/index.ts';
import type { MessagingClient } from './messaging-client.ts';

/** What a command may touch; passed in, so that tests run commands without a process of their own. */
export interface CliContext {
  /** A line on standard output. */
  out(line: string): void;
  /** A line on standard error. */
  err(line: string): void;
  /** Rewrites the last line of a terminal; absent where standard error is none. An empty text wipes it. */
  readonly progress?: (text: string) => void;
  /** How the user calls `saturnmq`, for lines to copy. */
  readonly program: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  startRoot(options: RootOptions): Promise<RunningRoot>;
  connect(namesrvAddr: string): Promise<MessagingClient>;
  /** Lines of standard input, without their ends. */
  readLines(): AsyncIterable<string>;
  /** Calls `handler` for each SIGINT, SIGTERM or SIGUSR2 until the returned function is called. */
  onSignal(handler: (signal: NodeJS.Signals) => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** Runs with its own arguments and returns the exit code. */
export type RunCommand = (args: readonly string[], context: CliContext) => Promise<number>;

/** Where clients look for brokers when nothing is said. */
export const DEFAULT_NAMESRV_ADDRESS = '127.0.0.1:9876';
