/** The parts of `package-lock.json` that are checked. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly resolved?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly engines?: { readonly node?: string };
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Licences that may be shipped beside Apache-2.0. */
const LICENSES_SHIPPED =
  /^(MIT|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|BlueOak-1\.0\.0)( OR .*)?$/;
/** koffi's script builds it where none of its binaries fits; with `--ignore-scripts` it is not needed. */
const SCRIPTS_KNOWN = new Set(['node_modules/koffi']);

const packageProblems = (path: string, locked: LockedPackage): string[] => {
  const problems: string[] = [];
  if (/^https?:/.test(locked.resolved ?? '')) problems.push('names the host of a registry');
  if (locked.hasInstallScript && !SCRIPTS_KNOWN.has(path)) problems.push('has an install script');
  if (!locked.dev && !LICENSES_SHIPPED.test(locked.license ?? ''))
    problems.push(`is shipped under ${locked.license}`);
  return problems.map((problem) => `${path || 'the package'} ${problem}`);
};

/** Packages whose binary of each platform is a package of its own; npm leaves out those of other platforms from some lock files. */
const NATIVE = ['koffi', 'rolldown'];

const binaryProblems = ({ packages }: LockFile, name: string): string[] => {
  const wanted = Object.keys(packages[`node_modules/${name}`]?.optionalDependencies ?? {});
  if (wanted.length === 0) return [`${name} is not locked with its binaries`];
  return wanted
    .filter((binary) => packages[`node_modules/${binary}`] === undefined)
    .map((binary) => `${binary} is missing`);
};

/** What keeps a lock file from working on every platform, for everybody, for years. */
export const lockProblems = (lock: LockFile): string[] => [
  ...Object.entries(lock.packages).flatMap(([path, locked]) => packageProblems(path, locked)),
  ...NATIVE.flatMap((name) => binaryProblems(lock, name)),
];

/** The dependencies that package.json and its lock file do not agree on. */
export const driftProblems = (manifest: LockedPackage, lock: LockFile): string[] => {
  const root = lock.packages[''] ?? {};
  return (['dependencies', 'devDependencies', 'engines'] as const)
    .filter((part) => JSON.stringify(manifest[part]) !== JSON.stringify(root[part]))
    .map((part) => `${part} differ between package.json and package-lock.json`);
};
