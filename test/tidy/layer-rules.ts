import { CONFINED_PACKAGES, LAYERS } from './layers.ts';
import type { ImportFact, SourceFile } from './sources.ts';
import { importsOf } from './sources.ts';

/** The folder of `src` a file belongs to; empty for files directly in it. */
const layerOf = (path: string): string => path.match(/^src\/([^/]+)\//)?.[1] ?? '';

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const relativeProblem = (from: SourceFile, target: string): string | undefined => {
  if (target.startsWith('package.json') || target === '') return undefined;
  if (!target.startsWith('src/')) return `leaves src for ${target}`;
  const own = layerOf(from.path);
  const other = layerOf(target);
  if (own === other) return undefined;
  const allowed = LAYERS[own];
  if (allowed === undefined) return `belongs to no layer of the table: ${own}`;
  if (!allowed.includes(other)) return `${own || 'src'} may not import ${other || 'src'}`;
  if (target !== `src/${other}/index.ts`)
    return `enters ${other} by ${target}, not by its index.ts`;
  return undefined;
};

const packageProblem = (from: SourceFile, specifier: string): string | undefined => {
  const name = packageOf(specifier);
  const homes = Object.hasOwn(CONFINED_PACKAGES, name) ? CONFINED_PACKAGES[name] : undefined;
  if (homes === undefined || homes.some((home) => from.path.startsWith(`src/${home}`)))
    return undefined;
  return `${name} belongs in src/${homes.join(' or src/')}`;
};

const problemOf = (file: SourceFile, fact: ImportFact): string | undefined => {
  // Folders and files that are read, such as the package's own root, are no imports.
  if (fact.target !== undefined && !/\.[cm]?[jt]s$/.test(fact.target)) return undefined;
  return fact.target === undefined
    ? packageProblem(file, fact.specifier)
    : relativeProblem(file, fact.target);
};

/** Imports of `src` that the table does not allow, one line each. */
export const layerViolations = (files: readonly SourceFile[]): string[] =>
  files.flatMap((file) =>
    importsOf(file).flatMap((fact) => {
      const problem = problemOf(file, fact);
      return problem === undefined ? [] : [`${file.path}:${fact.line}: ${problem}`];
    }),
  );

/** A chain of modules that import each other in a ring, or `undefined` where there is none. */
export const importCycle = (files: readonly SourceFile[]): readonly string[] | undefined => {
  const graph = new Map(
    files.map((file) => [file.path, importsOf(file).flatMap(({ target }) => target ?? [])]),
  );
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] | undefined => {
    const start = trail.indexOf(path);
    if (start >= 0) return [...trail.slice(start), path];
    if (finished.has(path)) return undefined;
    for (const target of graph.get(path) ?? []) {
      const cycle = visit(target, [...trail, path]);
      if (cycle !== undefined) return cycle;
    }
    finished.add(path);
    return undefined;
  };
  for (const path of graph.keys()) {
    const cycle = visit(path, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
};
