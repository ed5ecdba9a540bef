import { errorMessage } from '../../base/index.ts';
import type { Arguments } from '../arguments.ts';
import type { CliContext } from '../cli-context.ts';
import type { BenchResult } from './bench-result.ts';
import { isClean } from './bench-result.ts';
import { describeResult, duration, grouped } from './draw.ts';
import type { Counts, Recorder } from './recorder.ts';
import { checkSaving, saveRun } from './saved-runs.ts';
import { type LoadKind, statLine } from './stat-lines.ts';

const LINE_SECONDS = 10;
const EXIT_FAILED = 1;
const EXIT_TWICE_INTERRUPTED = 130;

/** What is printed while a load runs: RocketMQ's line every ten seconds, and on a terminal one that is rewritten. */
export class LiveReport {
  readonly #kind: LoadKind;
  readonly #recorder: Recorder;
  readonly #context: CliContext;
  readonly #isQuiet: boolean;
  readonly #second: () => string[];
  #begin: Counts;
  #beganAt = 0;
  #last: Counts;
  #lastAt = 0;

  /** @param second lines that follow each line */
  constructor(
    kind: LoadKind,
    recorder: Recorder,
    context: CliContext,
    isQuiet: boolean,
    second: () => string[] = () => [],
  ) {
    this.#second = second;
    this.#kind = kind;
    this.#recorder = recorder;
    this.#context = context;
    this.#isQuiet = isQuiet;
    this.#begin = recorder.snapshot();
    this.#last = this.#begin;
  }

  /** @param seconds measured so far; below 0 in the warm-up */
  tick(seconds: number): void {
    if (this.#isQuiet) return;
    if (seconds < 0) {
      this.#context.progress?.('warming up');
      return;
    }
    if (seconds < this.#beganAt || this.#recorder.requests < this.#begin.requests) this.#restart();
    if (seconds - this.#beganAt >= LINE_SECONDS) this.#line(seconds);
    if (seconds - this.#lastAt >= 0.5) this.#progress(seconds);
  }

  #restart(): void {
    this.#begin = { ...this.#recorder.snapshot(), requests: 0, messages: 0, responseMsSum: 0 };
    this.#last = this.#begin;
    this.#beganAt = 0;
    this.#lastAt = 0;
  }

  #line(seconds: number): void {
    const end = this.#recorder.snapshot();
    const interval = {
      begin: this.#begin,
      end,
      seconds: seconds - this.#beganAt,
      responseMsMax: this.#recorder.takeMax(),
      at: new Date(),
    };
    this.#context.progress?.('');
    this.#context.out(statLine(this.#kind, interval));
    this.#second().forEach(this.#context.out);
    this.#begin = end;
    this.#beganAt = seconds;
  }

  #progress(seconds: number): void {
    const now = this.#recorder.snapshot();
    const rate = (now.messages - this.#last.messages) / (seconds - this.#lastAt);
    const { latency } = this.#recorder;
    const failed = now.sendFailed + now.responseFailed;
    this.#context.progress?.(
      `${seconds.toFixed(0)} s  ${grouped(rate)} messages/s  p50 ${duration(latency.percentile(0.5))}` +
        `  p99 ${duration(latency.percentile(0.99))}  failed ${failed}`,
    );
    this.#last = now;
    this.#lastAt = seconds;
  }
}

/** Keeps a run where it was asked to. @returns false where it could not be kept */
const save = (result: BenchResult, parsed: Arguments, context: CliContext): boolean => {
  const name = parsed.text('save');
  if (name === undefined) return true;
  try {
    const file = saveRun(context.environment, name, result);
    if (!parsed.has('json')) context.out(`saved as ${file}`);
    return true;
  } catch (error) {
    context.err(`saturnmq: the run could not be saved: ${errorMessage(error)}`);
    return false;
  }
};

/** Prints a finished run, then keeps it where it was asked to, and returns the exit code. */
export const finish = (result: BenchResult, parsed: Arguments, context: CliContext): number => {
  context.progress?.('');
  if (parsed.has('json')) context.out(JSON.stringify(result));
  else describeResult(result).forEach(context.out);
  const isSaved = save(result, parsed, context);
  if (isClean(result)) return isSaved ? 0 : EXIT_FAILED;
  if (result.problem !== undefined) context.err(`saturnmq: ${result.problem}`);
  return EXIT_FAILED;
};

/** Checks what would only be found out at the end. @throws {CliError} USAGE */
export const checkReportOptions = (
  parsed: Arguments,
  environment: CliContext['environment'],
): void => {
  const name = parsed.text('save');
  if (name !== undefined) checkSaving(environment, name);
};

/** Runs `body` with a signal that Ctrl-C triggers; the second Ctrl-C ends the process at once. */
export const interruptible = async <T>(
  context: CliContext,
  body: (interrupted: AbortSignal) => Promise<T>,
): Promise<T> => {
  const controller = new AbortController();
  const end = context.onSignal((signal) => {
    if (signal === 'SIGUSR2') return;
    if (controller.signal.aborted) context.exit(EXIT_TWICE_INTERRUPTED);
    else controller.abort();
  });
  try {
    return await body(controller.signal);
  } finally {
    end();
  }
};
