import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the repository; `path` is relative to its root, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const findRoot = (folder: string): string => {
  try {
    const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (name === 'saturnmq') return folder;
  } catch {
    // No package here: look further up.
  }
  if (dirname(folder) === folder) throw new Error('the tests run outside of the repository');
  return findRoot(dirname(folder));
};

/** The repository these tests were built from. */
export const repositoryRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

const SKIPPED = /^(node_modules|dist|dist-.*|coverage|\.git|\.cache)$/;

const walk = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => !SKIPPED.test(name))
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? walk(path) : [path]));

/** The files below `folder` whose name ends in one of `endings`, sorted by path. */
export const readSources = (folder: string, endings: readonly string[]): SourceFile[] =>
  walk(join(repositoryRoot, folder))
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .map((path) => ({
      path: relative(repositoryRoot, path).split(sep).join('/'),
      text: readFileSync(path, 'utf8'),
    }))
    .sort((left, right) => (left.path < right.path ? -1 : 1));

const TOKENS = [
  String.raw`//[^\n]*`,
  String.raw`/\*[\s\S]*?\*/`,
  String.raw`'(?:\\.|[^'\\\n])*'`,
  String.raw`"(?:\\.|[^"\\\n])*"`,
  '`(?:\\\\[\\s\\S]|[^`\\\\])*`',
  // A slash after an operator or an opening bracket begins a regular expression.
  String.raw`(?<=[(,=:[!&|?{};+\n]\s*)/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+/[a-z]*`,
].join('|');

/** The text without comments; lines keep their numbers. */
export const withoutComments = (text: string): string =>
  text.replace(new RegExp(TOKENS, 'g'), (token) =>
    token.startsWith('//') || token.startsWith('/*') ? token.replace(/[^\n]/g, '') : token,
  );

/** The text without comments and without what stands inside quotes. */
export const codeOnly = (text: string): string =>
  text.replace(new RegExp(TOKENS, 'g'), (token) => {
    const isComment = token.startsWith('//') || token.startsWith('/*');
    // Expressions inside a template are code: keep them.
    if (!isComment && token.startsWith('`')) return token.replace(/`|\\./g, '');
    return token.replace(/[^\n]/g, '');
  });

/** One import, re-export or worker entry of a file. */
export interface ImportFact {
  readonly line: number;
  /** As written. */
  readonly specifier: string;
  /** For a relative one: the file it names, relative to the repository's root. */
  readonly target: string | undefined;
}

const IMPORT =
  /(?:\b(?:import|export)\b[^'"`;()]*?\bfrom\s*|\bimport\s*\(\s*|\bimport\s+|\bnew URL\(\s*|\brequire\(\s*)['"]([^'"\n]+)['"]/g;

/** What a file imports, types included. */
export const importsOf = ({ path, text }: SourceFile): ImportFact[] => {
  const source = withoutComments(text);
  return [...source.matchAll(IMPORT)].map((match) => {
    const specifier = match[1] ?? '';
    return {
      line: source.slice(0, match.index).split('\n').length,
      specifier,
      target: specifier.startsWith('.')
        ? posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts')
        : undefined,
    };
  });
};
