import type { SourceFile } from './sources.ts';
import { codeOnly, withoutComments } from './sources.ts';

/** A pattern that must not stand in some files, and what to use instead. */
export interface BannedWord {
  readonly pattern: RegExp;
  /** Files the rule is for. */
  readonly where: RegExp;
  /** Files it is not for. */
  readonly except?: RegExp;
  readonly instead: string;
  /** Comments and quoted text count as well. */
  readonly isEverywhere?: boolean;
}

// Layers that must run on a manual clock, in one thread, from one seed.
const SIMULATED =
  /^src\/(ring|message|protocol|storage|filter|actors|transport|broker|namesrv|client)\//;
// Where the outside is wrapped: threads, sockets, mapped files, and the promises the public client returns.
const OUTSIDE =
  /^src\/(ring\/doorbell|storage\/mmap\/|storage\/.*disk|actors\/(control|pool|shard\.worker|system)|transport\/tcp-network|client\/)/;

/** The words of the style guide that a tool can see. */
export const BANNED_WORDS: readonly BannedWord[] = [
  { pattern: /\bDate\.now\b|\bnew Date\(\)/, where: SIMULATED, instead: 'the Clock passed in' },
  { pattern: /\bperformance\.now\b/, where: SIMULATED, instead: 'the Clock passed in' },
  {
    pattern: /\bMath\.random\b|\brandom(Bytes|UUID|Int)\b/,
    where: SIMULATED,
    instead: 'the Random passed in',
  },
  {
    pattern:
      /(?<![.\w])(setTimeout|setImmediate|setInterval|queueMicrotask)\b|\bprocess\.nextTick\b/,
    where: SIMULATED,
    except: OUTSIDE,
    instead: 'the Scheduler passed in',
  },
  {
    pattern: /\bawait\b|\bnew Promise\b|\bPromise\.\w+|\.then\(/,
    where: SIMULATED,
    except: OUTSIDE,
    instead: 'a callback that the owner runs in its turn',
  },
  {
    // Handing an error on as it is needs its type, not its code.
    pattern: /\binstanceof (?!Error\b)\w*Error\b(?!\) (return|throw) | \? error\b)/,
    where: /^src\//,
    instead: 'errorCode(): an error that crossed a thread lost its class',
  },
  { pattern: /^(export )?(let|var) /m, where: /^src\//, instead: 'a value that is passed in' },
  {
    pattern: /\b(TODO|FIXME|XXX|HACK)\b/,
    where: /^(src|bench|test|scripts|bin|conf|docs|README|CONTRIBUTING)/,
    except: /^test\/tidy\//,
    instead: 'the finished thing, or nothing',
    isEverywhere: true,
  },
  {
    pattern: /\bnot (yet )?implemented\b|\bplaceholder\b/i,
    where: /^(src|bench)\//,
    instead: 'the finished thing, or a clear refusal',
    isEverywhere: true,
  },
];

const lineOf = (text: string, index: number): number => text.slice(0, index).split('\n').length;

/** Banned words in the files, one line each. */
export const bannedWords = (files: readonly SourceFile[]): string[] =>
  files.flatMap(({ path, text }) =>
    BANNED_WORDS.flatMap(({ pattern, where, except, instead, isEverywhere }) => {
      if (!where.test(path) || except?.test(path)) return [];
      const source = isEverywhere ? text : codeOnly(text);
      return [
        ...source.matchAll(new RegExp(pattern.source, `${pattern.flags.replace('g', '')}g`)),
      ].map(
        ({ 0: found, index }) =>
          `${path}:${lineOf(source, index)}: ${found.trim()}; use ${instead}`,
      );
    }),
  );

/** Direct imports of the test runner, which exits 0 when nothing ran. */
export const directRunnerImports = (files: readonly SourceFile[]): string[] =>
  files
    .filter(({ path }) => !path.startsWith('test/support/'))
    .filter(({ text }) => /from ['"]uvu['"]/.test(withoutComments(text)))
    .map(({ path }) => `${path}: imports uvu; use test/support/suite.ts`);

/** The functions that begin with `// hot path`, each up to the line that is indented less. */
const hotFunctions = (text: string): string[] => {
  const lines = text.split('\n');
  return lines.flatMap((line, start) => {
    const indent = line.match(/^( *)\/\/ hot path/)?.[1];
    if (indent === undefined) return [];
    const rest = lines.slice(start);
    const end = rest.findIndex((inner) => inner !== '' && !inner.startsWith(indent));
    return [rest.slice(0, end < 0 ? rest.length : end).join('\n')];
  });
};

const BIG_INT = /\bBigInt\(|\b\d+n\b|\b(read|write)Big(U?)Int64/;

/** BigInt arithmetic in hot functions: it allocates. The typed arrays of it are shared memory and fine. */
export const bigIntsOnHotPath = (files: readonly SourceFile[]): string[] =>
  files.flatMap(({ path, text }) =>
    hotFunctions(text)
      .filter((body) => BIG_INT.test(codeOnly(body)))
      .map((body) => `${path}: BigInt on the hot path: ${body.split('\n')[1]?.trim()}`),
  );

const LINES_MAX = 400;
const TABLES = /^(src\/protocol\/commands\/|test\/golden\/)/;

/** Files that hold more than one idea. */
export const longFiles = (files: readonly SourceFile[]): string[] =>
  files
    .filter(({ path }) => !TABLES.test(path))
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > LINES_MAX)
    .map(({ path, lines }) => `${path}: ${lines} lines, more than ${LINES_MAX}`);

// Written so that this file does not find itself.
const MACHINE_WORDS: readonly (readonly [RegExp, string])[] = [
  [/\/wor[k]\/|\/far[m]\/|\/tmp\/bash_job[s]|\/roo[t]\//, 'a path of somebody’s machine'],
  [
    /registry[.]npm|npmmirror[.]com|repo1?[.]maven|maven[.]org|deb[.]debian|pypi[.]org/,
    'the host of a package registry',
  ],
];

/** Words that belong to one machine and not to the product. */
export const machineWords = (files: readonly SourceFile[]): string[] =>
  files.flatMap(({ path, text }) =>
    MACHINE_WORDS.flatMap(([pattern, what]) => {
      const index = text.search(pattern);
      return index < 0 ? [] : [`${path}:${lineOf(text, index)}: ${what}`];
    }),
  );

const DECLARATION =
  /^export (?:declare |abstract |async )*(?:const|function\*?|class|interface|type|let|namespace) (\w+)/;

/**
 * Exports of a module without a docstring. Constants in one block share the one above it; overloads the first one's.
 * @param names those that count; all where absent.
 */
export const undocumentedExports = (
  { path, text }: SourceFile,
  names?: ReadonlySet<string>,
): string[] => {
  const lines = text.split('\n');
  const documented = new Set<string>();
  const missing: string[] = [];
  lines.forEach((line, index) => {
    const name = line.match(DECLARATION)?.[1];
    if (name === undefined || documented.has(name)) return;
    const above = lines[index - 1]?.trim() ?? '';
    const isShared = line.startsWith('export const') && /^export const .*;$/.test(above);
    if (above.endsWith('*/') || isShared) documented.add(name);
    else if (names?.has(name) ?? true)
      missing.push(`${path}:${index + 1}: ${name} has no docstring`);
  });
  return missing;
};

/** Names that an `index.ts` hands out without a docstring. */
export const undocumentedNames = (index: SourceFile, files: readonly SourceFile[]): string[] => {
  const folder = index.path.replace(/index\.ts$/, '');
  return [...index.text.matchAll(/^export (?:type )?(\*|\{[^}]*\}) from '\.\/([^']+)'/gm)].flatMap(
    ([, list = '', name]) => {
      const file = files.find(({ path }) => path === `${folder}${name}`);
      if (file === undefined) return [`${index.path}: hands out ${name}, which does not exist`];
      const names = new Set(list.match(/\w+/g)?.filter((word) => word !== 'type'));
      return undocumentedExports(file, list === '*' ? undefined : names);
    },
  );
};
