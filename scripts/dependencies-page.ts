// Writes docs/dependencies.md from package.json and package-lock.json.
// usage: node dist/scripts/dependencies-page.js
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a lock file says about a package. */
interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The parts of `package-lock.json` the page is made of. */
export interface LockedPackages {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** Why a package is used: a fact that no lock file holds. */
const PURPOSES: Readonly<Record<string, string>> = {
  comlink: 'calls between the supervising thread and the others, off the message path',
  'dot-properties': "Java's properties files",
  koffi: 'mmap, msync, locks and descriptors of the operating system',
  pino: 'log lines',
  'pino-pretty': 'log lines on a terminal',
  piscina: 'helper threads for stateless work',
  zod: 'nothing yet',
  '@biomejs/biome': 'format and lint',
  '@types/benchmark': 'types',
  '@types/node': 'types',
  benchmark: 'samples and statistics of the micro benches',
  c8: 'test coverage',
  'fast-check': 'property tests',
  'ringbuf.js': 'comparison in the bench of rings',
  rolldown: 'the bundler: few files load faster than many',
  typescript: 'the compiler',
  uvu: 'test runner',
};

const HEAD = `# Dependencies

<!-- Written by scripts/dependencies-page.ts from package-lock.json; change it there. -->

What SaturnMQ is made of, with versions and licences as the lock file has them. Nothing needs an install script: \`npm ci
--ignore-scripts\` and \`npm install --ignore-scripts saturnmq\` work. Native code comes ready built, one package for each
platform (\`*\` in the tables): koffi's, without which the store uses Node's own file functions, and @napi-rs/nice, an
option of piscina that is not used.
`;

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 13);

const drawTable = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => (cells[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [head, widths.map((width) => '-'.repeat(width)), ...body].map(line).join('\n');
};

const directTable = (lock: LockedPackages, names: readonly string[]): string =>
  drawTable([
    ['package', 'version', 'licence', 'used for'],
    ...names.map((name) => {
      const locked = lock.packages[`node_modules/${name}`] ?? {};
      const purpose = PURPOSES[name];
      if (purpose === undefined) throw new Error(`say in PURPOSES what ${name} is used for`);
      return [name, locked.version ?? '', locked.license ?? '', purpose];
    }),
  ]);

/** The builds of one package for all platforms stand in one row. */
const familyOf = (name: string): string =>
  name.replace(
    /-(android|darwin|freebsd|linux|linuxmusl|musl|openbsd|openharmony|win32|wasm32)\b.*$/,
    '-*',
  );

const transitiveTable = (lock: LockedPackages, direct: ReadonlySet<string>): string => {
  const packages = Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true && !direct.has(nameOf(path)))
    .map(([path, locked]) => ({ name: nameOf(path), locked }));
  const requirers = (name: string): string[] =>
    Object.entries(lock.packages)
      .filter(([path, { dev }]) => path !== '' && dev !== true)
      .filter(([, { dependencies, optionalDependencies }]) =>
        Object.hasOwn({ ...dependencies, ...optionalDependencies }, name),
      )
      .map(([path]) => nameOf(path));
  const rows = new Map<string, string[]>();
  for (const { name, locked } of packages) {
    const by = [...new Set(requirers(name))].sort().join(', ');
    const cells = [familyOf(name), locked.version ?? '', locked.license ?? '', by];
    rows.set(cells.slice(0, 3).join(' '), cells);
  }
  const sorted = [...rows.values()].sort(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0));
  return drawTable([['package', 'version', 'licence', 'needed by'], ...sorted]);
};

/** The page as it should stand in the repository. */
export const dependenciesPage = (lock: LockedPackages): string => {
  const root = lock.packages[''] ?? {};
  const runTime = Object.keys(root.dependencies ?? {});
  const development = Object.keys(root.devDependencies ?? {});
  return [
    HEAD,
    `\n## At run time\n\n${directTable(lock, runTime)}\n`,
    `\n## At run time, brought along by those\n\n${transitiveTable(lock, new Set(runTime))}\n`,
    `\n## For development\n\nNot part of the published package.\n\n${directTable(lock, development)}\n`,
  ].join('');
};

const isMain = process.argv[1] === fileURLToPath(import.meta.url);
if (isMain) {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as LockedPackages;
  writeFileSync(join(root, 'docs', 'dependencies.md'), dependenciesPage(lock));
}
