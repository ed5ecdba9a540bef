// Writes docs/configuration.md from the option tables.
// usage: node dist/scripts/configuration-page.js
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Property, PropertyTable } from '../src/node/index.ts';
import { CONFIG_OBJECTS, OTHER_KEYS } from '../src/node/index.ts';

const HEAD = `# Configuration

<!-- Written by scripts/configuration-page.ts from src/node/config; change it there. -->

\`mqbroker -c FILE\`, \`mqnamesrv -c FILE\` and \`saturnmq start -c FILE\` read RocketMQ's \`.properties\` files as Java reads
them: \`key=value\`, \`#\` and \`!\` comments, \`\\\` escapes, ISO-8859-1 and \`\\uXXXX\`; the last value of a key counts, and
blanks at the end of a value belong to it. \`mqbroker -c FILE -p\` prints what comes out, and what there is to say about it.

What SaturnMQ does with a key:

- **works**: it acts as in RocketMQ 4.9.2.
- **no effect**: it is known and accepted. Set to something else than its default, it is named once at the start.
- **stops**: values that promise safety this version lacks stop the start, with the reason.
- An unknown key is a warning with the nearest known name. A number that Java cannot read is ignored, as in RocketMQ, but
  said. A misspelt \`flushDiskType\` or \`brokerRole\` stops the start.

Keys marked † are those that \`mqbroker -m\` prints.

Environment: \`NAMESRV_ADDR\` (name servers of \`mqbroker\` and of the client commands; \`saturnmq start\` ignores it),
\`LOG_LEVEL\` (\`trace\`, \`debug\`, \`info\`, \`warn\`, \`error\`, \`fatal\`, \`silent\`), \`ROCKETMQ_HOME\` (not needed).

The order of precedence: defaults, environment, file, command line.

\`saturnmq start\` has other defaults than the two servers: it listens on 127.0.0.1, announces that address, and keeps
everything, the name server's files included, in \`~/.saturnmq/store\` (\`--store\`); \`storePathCommitLog\` follows the store.

How many threads serve is no key of a file: \`saturnmq start --shards=n --io-shards=n\`, \`mqbroker --ioShards=n\`
([Embedding](embedding.md#shards)).
`;

const HEADINGS = ['key', 'type', 'default', 'here', 'meaning'];

/** A choice or a key with a refusal can stop the start: try the values it could have. */
const canStop = (property: Property): boolean => {
  const values =
    property.type === 'boolean'
      ? [true, false]
      : property.type === 'choice'
        ? property.choices
        : property.type === 'string'
          ? ['a,b']
          : [2];
  return values.some((value) => property.refusal(value) !== undefined);
};

const row = ([key, property]: [string, Property]): string[] => {
  const mark = property.isImportant ? ' †' : '';
  const type = property.type === 'choice' ? property.choices.join(', ') : property.type;
  const status = property.status === 'works' ? 'works' : 'no effect';
  return [
    `\`${key}\`${mark}`,
    type,
    property.fallbackText === '' ? '' : `\`${property.fallbackText}\``,
    canStop(property) ? `${status}, stops` : status,
    property.meaning,
  ].map((text) => text.replaceAll('|', '\\|'));
};

/** Columns as wide as their widest cell, the way the formatter lays tables out. */
const drawTable = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => (cells[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  const rule = widths.map((width) => '-'.repeat(width));
  return [head, rule, ...body].map(line).join('\n');
};

const section = (title: string, table: PropertyTable): string => {
  const rows = [HEADINGS, ...Object.entries(table).map(row)];
  return `\n## ${title}\n\n${drawTable(rows)}\n`;
};

/** The page as it should stand in the repository. */
export const configurationPage = (): string => {
  const { BrokerConfig, MessageStoreConfig, NettyServerConfig, NettyClientConfig } =
    CONFIG_OBJECTS.broker;
  return [
    HEAD,
    section('Broker (BrokerConfig)', BrokerConfig),
    section('Store (MessageStoreConfig)', MessageStoreConfig),
    section('Listening, broker and name server (NettyServerConfig)', NettyServerConfig),
    section("Broker's connections to name servers (NettyClientConfig)", NettyClientConfig),
    section('Name server (NamesrvConfig)', CONFIG_OBJECTS.namesrv.NamesrvConfig),
    section('Other keys of the same files', OTHER_KEYS),
  ].join('');
};

const isMain = process.argv[1] === fileURLToPath(import.meta.url);
if (isMain) {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  writeFileSync(join(root, 'docs', 'configuration.md'), configurationPage());
}
