import { parseArgs } from 'node:util';
import { errorMessage } from '../base/index.ts';
import { CliError } from './cli-error.ts';

/** One option of a command. */
export interface OptionDefinition {
  /** One letter. */
  readonly short?: string;
  /** Name of the value in the help text; absent: the option takes none. */
  readonly value?: string;
  readonly meaning: string;
}

/** Options by long name. */
export type OptionTable = Readonly<Record<string, OptionDefinition>>;

/** A parsed command line. */
export interface Arguments {
  has(name: string): boolean;
  text(name: string): string | undefined;
  /** @throws {CliError} USAGE when the value is no integer within the limits. */
  integer(name: string, valueMin: number, valueMax: number): number | undefined;
  readonly positionals: readonly string[];
}

const asNumber = (name: string, value: string, valueMin: number, valueMax: number): number => {
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= valueMin && number <= valueMax) return number;
  throw new CliError(
    `--${name} takes a number from ${valueMin} to ${valueMax}, not ${JSON.stringify(value)}`,
  );
};

/**
 * Parses a command line: `-n x`, `-nx`, `--name x`, `--name=x`.
 * @throws {CliError} USAGE
 */
export const parseArguments = (
  table: OptionTable,
  args: readonly string[],
  positionalsMax: number,
): Arguments => {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, { short, value }]) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  const parsed = parseOrFail([...args], options);
  const extra = parsed.positionals[positionalsMax];
  if (extra !== undefined) throw new CliError(`unexpected argument ${JSON.stringify(extra)}`);
  const text = (name: string): string | undefined => {
    const value = parsed.values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    has: (name) => parsed.values[name] !== undefined,
    text,
    integer: (name, valueMin, valueMax) => {
      const value = text(name);
      return value === undefined ? undefined : asNumber(name, value, valueMin, valueMax);
    },
    positionals: parsed.positionals,
  };
};

type ParseOptions = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

const parseOrFail = (
  args: string[],
  options: ParseOptions,
): { values: Readonly<Record<string, unknown>>; positionals: string[] } => {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    return { values, positionals };
  } catch (error) {
    // Node explains a second way to pass such a value; the first sentence is the reason.
    throw new CliError(errorMessage(error).split(/\.\s|\n/)[0] ?? 'unreadable options');
  }
};

const USAGE_COLUMN = 34;

/** The options of a command, one a line. */
export const describeOptions = (table: OptionTable): string[] =>
  Object.entries(table).map(([name, { short, value, meaning }]) => {
    const names = `${short === undefined ? '    ' : `-${short}, `}--${name}`;
    return `  ${`${names}${value === undefined ? '' : ` <${value}>`}`.padEnd(USAGE_COLUMN)} ${meaning}`;
  });
