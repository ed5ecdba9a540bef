import type { LoadedSettings, PropertyTable } from '../node/index.ts';
import type { CliContext } from './cli-context.ts';

/**
 * Prints `name=value` lines of configuration objects, as `-p` (all) and `-m` (important ones) do, and on standard error
 * what a start would say about them.
 */
export const printSettings = <S extends object>(
  objects: Readonly<Record<string, PropertyTable>>,
  { settings, warnings, refusals }: LoadedSettings<S>,
  isImportantOnly: boolean,
  context: CliContext,
): void => {
  const values = new Map<string, unknown>(Object.entries(settings));
  const keys = Object.values(objects)
    .flatMap((table) => Object.entries(table))
    .filter(([, { isImportant }]) => isImportant || !isImportantOnly)
    .map(([key]) => key);
  for (const key of keys) context.out(`${key}=${values.get(key)}`);
  for (const line of [...warnings, ...refusals]) context.err(line);
};
