import { readFileSync } from 'node:fs';
import { startRoot } from '../node/index.ts';
import { createProcessContext } from './process-context.ts';
import type { Program } from './run-cli.ts';
import { runCli } from './run-cli.ts';

const readVersion = (): string => {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(manifest) as { version?: unknown }).version);
};

/** Runs one of the programs in `bin` and ends the process with its exit code. */
export const runProgram = async (program: Program, args: readonly string[]): Promise<void> => {
  const context = createProcessContext({
    startRoot,
    // A server is up sooner without the client library.
    connect: async (namesrvAddr) =>
      (await import('./connect-client.ts')).connectClient(namesrvAddr),
  });
  process.exit(await runCli(program, args, context, readVersion()));
};
