import type { Arguments, OptionTable } from './arguments.ts';
import type { CliContext } from './cli-context.ts';
import { DEFAULT_NAMESRV_ADDRESS } from './cli-context.ts';
import { CliError } from './cli-error.ts';
import type { MessagingClient } from './messaging-client.ts';

/** Options that every command with a client has. */
export const CLIENT_OPTIONS: OptionTable = {
  namesrvAddr: {
    short: 'n',
    value: 'list',
    meaning: `Name servers (default $NAMESRV_ADDR, then ${DEFAULT_NAMESRV_ADDRESS})`,
  },
  help: { short: 'h', meaning: 'Print help' },
};

/** Connects, hands the client to `body` and closes it whatever happens. */
export const withClient = async (
  parsed: Arguments,
  context: CliContext,
  body: (client: MessagingClient) => Promise<number>,
): Promise<number> => {
  const address =
    parsed.text('namesrvAddr') || context.environment['NAMESRV_ADDR'] || DEFAULT_NAMESRV_ADDRESS;
  const client = await context.connect(address);
  try {
    return await body(client);
  } finally {
    await client.close();
  }
};

/** @throws {CliError} USAGE when it is missing. */
export const requirePositional = (parsed: Arguments, index: number, name: string): string => {
  const value = parsed.positionals[index];
  if (value !== undefined && value !== '') return value;
  throw new CliError(`the ${name} is missing`);
};
