import { basename, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { errorCode } from '../base/index.ts';
import type { CliContext } from './cli-context.ts';

/** The parts of a context that are not this process itself. */
export type ContextParts = Pick<CliContext, 'startRoot' | 'connect'>;

const signalsOf = (environment: CliContext['environment']): NodeJS.Signals[] =>
  environment['SATURNMQ_FAULTS'] === '1' ? ['SIGINT', 'SIGTERM', 'SIGUSR2'] : ['SIGINT', 'SIGTERM'];

const onSignal =
  (signals: readonly NodeJS.Signals[]): CliContext['onSignal'] =>
  (handler) => {
    for (const signal of signals) process.on(signal, handler);
    return () => {
      for (const signal of signals) process.off(signal, handler);
    };
  };

/** In a clone the launcher's path, from a package its name. */
export const programOf = (script: string | undefined, folder: string): string => {
  const isLauncher = script?.endsWith('.mjs') === true;
  if (!isLauncher) return 'saturnmq';
  return `node ${relative(folder, script.replace(basename(script), 'saturnmq.mjs'))}`;
};

/** A reader that has seen enough (`saturnmq consume T | head`) ends the program without a complaint. */
const endWithReader = (error: Error): void => {
  if (errorCode(error) !== 'EPIPE') throw error;
  process.exit(0);
};

/** Rewrites the terminal's last line; a text that is too long is cut, since a broken line could not be wiped. */
export const progressLine = (stream: NodeJS.WriteStream): CliContext['progress'] =>
  stream.isTTY
    ? (text) => void stream.write(`\r\x1b[2K${text.slice(0, Math.max(0, stream.columns - 1))}`)
    : undefined;

/** Begins to read when it is iterated: lines that come before would be lost. */
async function* standardInput(): AsyncIterable<string> {
  yield* createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
}

/** The context of a program that was started by a person or a script. */
export const createProcessContext = (parts: ContextParts): CliContext => {
  process.stdout.on('error', endWithReader);
  const progress = progressLine(process.stderr);
  return {
    ...parts,
    ...(progress === undefined ? {} : { progress }),
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    program: programOf(process.argv[1], process.cwd()),
    environment: process.env,
    readLines: standardInput,
    onSignal: onSignal(signalsOf(process.env)),
    exit: (code) => process.exit(code),
  };
};
