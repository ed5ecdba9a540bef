import { errorCode, errorMessage } from '../base/index.ts';
import { nearestName } from '../node/index.ts';
import { describeOptions } from './arguments.ts';
import type { CliContext } from './cli-context.ts';
import { CliError } from './cli-error.ts';
import type { Command } from './commands.ts';
import { COMMANDS, SERVER_PROGRAMS } from './commands.ts';

/** The programs in `bin`. */
export type Program = 'saturnmq' | 'mqnamesrv' | 'mqbroker';

/** As a shell sees RocketMQ's −1 and −3. */
const EXIT_SERVER_FAILED = 255;
const EXIT_NAMESRV_ADDRESS = 253;

const NAME_COLUMN = 12;

const commandHelp = async (command: Command): Promise<string[]> => [
  `usage: ${command.usage} [options]`,
  command.summary,
  '',
  ...describeOptions(command.options),
  ...Object.entries((await command.sections?.()) ?? {}).flatMap(([kind, options]) => [
    `${kind}:`,
    ...describeOptions(options),
    '',
  ]),
];

const overview = (): string[] => [
  'usage: saturnmq COMMAND [options]',
  '',
  ...Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(NAME_COLUMN)} ${summary}`,
  ),
  `  ${'version'.padEnd(NAME_COLUMN)} Print the version.`,
  `  ${'help'.padEnd(NAME_COLUMN)} Print this, or the options of a command: saturnmq help COMMAND`,
];

const find = (name: string): Command => {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command;
  const nearest = nearestName(name, Object.keys(COMMANDS));
  const hint = nearest === undefined ? 'see "saturnmq help"' : `did you mean "${nearest}"?`;
  throw new CliError(`there is no command ${JSON.stringify(name)}; ${hint}`);
};

const asksForHelp = (args: readonly string[]): boolean =>
  args.some((argument) => argument === '-h' || argument === '--help');

const runSaturnmq = async (
  args: readonly string[],
  context: CliContext,
  version: string,
): Promise<number> => {
  const [name, ...rest] = args;
  if (name === undefined || name === '-h' || name === '--help') {
    overview().forEach(context.out);
    return 0;
  }
  if (name === 'version' || name === '--version' || name === '-v') {
    context.out(`SaturnMQ ${version}`);
    return 0;
  }
  if (name === 'help') {
    (rest[0] === undefined ? overview() : await commandHelp(find(rest[0]))).forEach(context.out);
    return 0;
  }
  const command = find(name);
  if (!asksForHelp(rest)) return command.run(rest, context);
  (await commandHelp(command)).forEach(context.out);
  return 0;
};

/** Lines for what was foreseen; a bug shows where it happened. */
const explain = (error: unknown): string[] => {
  const code = errorCode(error);
  const isForeseen = code !== undefined && code !== 'ASSERTION';
  if (isForeseen) return errorMessage(error).split('\n');
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
};

const exitCode = (program: Program, error: unknown): number => {
  const code = errorCode(error);
  if (program === 'saturnmq' || code === 'USAGE') return 1;
  return code === 'NAMESRV_ADDRESS_INVALID' ? EXIT_NAMESRV_ADDRESS : EXIT_SERVER_FAILED;
};

/** Runs a program and returns its exit code; whatever it throws becomes a line on standard error. */
export const runCli = async (
  program: Program,
  args: readonly string[],
  context: CliContext,
  version: string,
): Promise<number> => {
  try {
    if (program === 'saturnmq') return await runSaturnmq(args, context, version);
    const command = SERVER_PROGRAMS[program];
    if (!asksForHelp(args)) return await command.run(args, context);
    (await commandHelp(command)).forEach(context.out);
    return 0;
  } catch (error) {
    for (const line of explain(error)) context.err(`${program}: ${line}`);
    return exitCode(program, error);
  }
};
