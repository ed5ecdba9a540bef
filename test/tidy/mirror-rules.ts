import type { SourceFile } from './sources.ts';
import { codeOnly } from './sources.ts';

/** Sources without a test file of their own, and why. */
export const WITHOUT_MIRROR: Readonly<Record<string, string>> = {
  'src/cli/main.ts': 'the entry: wires the process to the commands; test/e2e/smoke.test.ts runs it',
  'src/cli/connect-client.ts':
    'client library to commands, a line each; test/e2e/smoke.test.ts runs it',
  'src/cli/commands.ts': 'a table; test/cli/run-cli.test.ts runs through all of it',
  'src/cli/cli-context.ts': 'types, and the address of this machine',
  'src/cli/bench/load-link.ts':
    'one connection of a load; test/cli/bench/bench-command.test.ts runs it against real brokers',
  'src/cli/bench/run-load.ts':
    'runs a load; test/cli/bench/bench-command.test.ts ends it in every way',
  'src/cli/bench/wire-bench.ts':
    'options to a load; test/cli/bench/bench-command.test.ts runs each kind',
  'src/cli/bench/consumer-bench.ts':
    'a consumer that counts; test/cli/bench/bench-command.test.ts runs it',
  'src/cli/bench/locate.ts':
    'a lookup; test/cli/bench/every-kind.test.ts looks in every wrong place',
  'src/cli/bench/tail.ts':
    'a consumer over real connections; test/cli/bench/latency-bench.test.ts runs it',
  'src/cli/bench/run-report.ts': 'what a run prints; test/cli/bench/bench-command.test.ts reads it',
  'src/node/testing/load-testing.ts':
    'loads on demand; test/cli/test-broker-command.test.ts starts a broker by it',
  'src/broker/queue-messages.ts':
    'messages as classes of plain fields; test/broker/queue.actor.test.ts sends each',
  'src/broker/consumer-group-messages.ts':
    'messages as classes of plain fields; test/broker/consumer-group.actor.test.ts sends each',
  'src/node/core/load-root.ts': 'a line; test/node/core/start-root.test.ts starts nodes by it',
  'src/node/embed/node.worker.ts':
    'entry of a thread; test/node/embed/saturn-node.test.ts runs all of it',
  'src/node/config/broker-config.ts':
    'a table; test/node/config/settings.test.ts checks each entry',
  'src/node/config/message-store-config.ts':
    'a table; test/node/config/settings.test.ts checks each entry',
  'src/node/config/netty-config.ts': 'a table; test/node/config/settings.test.ts checks each entry',
  'src/node/config/namesrv-config.ts':
    'a table; test/node/config/settings.test.ts checks each entry',
  'src/node/config/later-keys.ts': 'a list of names; test/node/config/settings.test.ts reads it',
  'src/node/config/property.ts':
    'builders of table entries; test/node/config/parse-value.test.ts uses each',
  'src/node/config/machine-facts.ts':
    'reads the machine; its parts are tested in test/node/address.test.ts',
};

/** Tables of error codes and of limits; what uses them is tested. */
const TABLE = /(^|[/-])(errors?|limits)\.ts$/;

/** True for a file that leaves nothing behind when types are erased. */
export const isTypesOnly = ({ text }: SourceFile): boolean =>
  codeOnly(text)
    .split(/^(?=\S)/m)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '' && !/^[});\]]/.test(piece))
    .every((piece) =>
      /^(import type|export type|type|export interface|interface|export declare|declare)\b/.test(
        piece,
      ),
    );

/** `src/ring/a.ts` is tested by `test/ring/a.test.ts`. */
export const mirrorOf = (path: string): string =>
  path.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts');

/** Sources that no test mirrors, and entries of the list that are no longer needed. */
export const mirrorProblems = (
  sources: readonly SourceFile[],
  tests: ReadonlySet<string>,
  exempt: Readonly<Record<string, string>> = WITHOUT_MIRROR,
): string[] => {
  const missing = sources
    .filter(({ path }) => !path.endsWith('/index.ts') && !TABLE.test(path))
    .filter(({ path }) => !Object.hasOwn(exempt, path))
    .filter((file) => !tests.has(mirrorOf(file.path)) && !isTypesOnly(file))
    .map(({ path }) => `${path}: ${mirrorOf(path)} is missing`);
  const paths = new Set(sources.map(({ path }) => path));
  const stale = Object.keys(exempt)
    .filter((path) => !paths.has(path) || tests.has(mirrorOf(path)))
    .map((path) => `${path}: needs no place in the list of exceptions`);
  const broken = Object.entries(exempt).flatMap(([path, reason]) =>
    (reason.match(/test\/\S+\.test\.ts/g) ?? [])
      .filter((test) => !tests.has(test))
      .map((test) => `${path}: is excused by ${test}, which does not exist`),
  );
  return [...missing, ...stale, ...broken];
};
