import { readFileSync } from 'node:fs';
import { Pair, parseLines } from 'dot-properties';
import { errorCode } from '../../base/index.ts';
import { NodeError } from '../node-error.ts';

/** One `key=value` of a file, unescaped. Blanks at the end of the value are part of it, as in Java. */
export interface PropertyEntry {
  readonly key: string;
  readonly value: string;
  /** Where it stands, for messages: `broker.conf line 3`. */
  readonly place: string;
}

/** Reads `key=value` text in Java's syntax; every entry is kept, in order. */
export const parseProperties = (source: string, name: string): PropertyEntry[] => {
  const entries: PropertyEntry[] = [];
  let line = 1;
  let position = 0;
  for (const node of parseLines(source, true)) {
    const start = node.range[0];
    for (; position < start; position++) if (source[position] === '\n') line += 1;
    if (node instanceof Pair)
      entries.push({ key: node.key, value: node.value, place: `${name} line ${line}` });
  }
  return entries;
};

/**
 * Reads a `.properties` file: ISO-8859-1 with `\uXXXX`, as Java does.
 * @throws {NodeError} CONFIG_UNREADABLE
 */
export const readPropertiesFile = (path: string): PropertyEntry[] => {
  try {
    return parseProperties(readFileSync(path, 'latin1'), path);
  } catch (cause) {
    const reason = errorCode(cause) === 'ENOENT' ? 'there is no such file' : errorCode(cause);
    throw new NodeError(
      'CONFIG_UNREADABLE',
      `cannot read the configuration file ${path}: ${reason}; name a readable file after -c`,
      { path },
      cause,
    );
  }
};
