import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root, seen from the compiled file. */
export const repositoryRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** What RocketMQ 4.9.2 needs to run on a JVM newer than 8. */
export const JVM_OPENINGS = [
  '--add-opens=java.base/java.nio=ALL-UNNAMED',
  '--add-opens=java.base/sun.nio.ch=ALL-UNNAMED',
  '--add-opens=java.base/java.lang=ALL-UNNAMED',
  '--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED',
] as const;

/** The RocketMQ 4.9.2 jars and our drivers, ready to run; or why this machine has none. */
export type JavaKit =
  | { readonly kind: 'ready'; readonly classPath: string; readonly jarsClassPath: string }
  | { readonly kind: 'missing'; readonly reason: string };

const RESOLVE_LIMIT_MS = 240_000;
const sources = join(repositoryRoot, 'test', 'interop', 'java');
const cache = join(repositoryRoot, '.cache', 'interop');

const run = (command: string, args: readonly string[]): string | undefined => {
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: RESOLVE_LIMIT_MS,
  });
  if (result.error) return result.error.message;
  if (result.status === 0) return undefined;
  return `${result.stdout}${result.stderr}`.trim().slice(-2000) || `exit status ${result.status}`;
};

const has = (command: string, versionFlag: string): boolean =>
  run(command, [versionFlag]) === undefined;

const missingTools = (): string[] => {
  const tools = [
    ['java', '-version'],
    ['javac', '-version'],
    ['mvn', '--version'],
  ] as const;
  return tools.filter(([command, flag]) => !has(command, flag)).map(([command]) => command);
};

/** CI machines may lack a JDK; there, and only there, it is installed by package name. */
const installTools = (): void => {
  if (process.env['CI'] !== 'true' || process.getuid?.() !== 0 || !has('apt-get', '--version'))
    return;
  run('apt-get', ['update', '-qq']);
  run('apt-get', ['install', '-qq', '-y', '--no-install-recommends', 'default-jdk-headless']);
  run('apt-get', ['install', '-qq', '-y', '--no-install-recommends', 'maven']);
};

const digest = (paths: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(readFileSync(path));
  return hash.digest('hex').slice(0, 16);
};

/** Fills `folder` through a folder of its own that is renamed when whole: runs side by side never see half of it. */
const fillOnce = (
  folder: string,
  fill: (target: string) => string | undefined,
): string | undefined => {
  if (existsSync(folder)) return undefined;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'work-'));
  try {
    const failure = fill(work);
    if (failure !== undefined) return failure;
    try {
      renameSync(work, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error;
    }
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};

const resolveJars = (target: string): string | undefined => {
  cpSync(join(sources, 'pom.xml'), join(target, 'pom.xml'));
  return run('mvn', [
    '-q',
    '-B',
    '-f',
    join(target, 'pom.xml'),
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    `-DoutputDirectory=${target}`,
  ]);
};

/** Resolves the jars and compiles the drivers; both are kept in `.cache` and only made again when their source changes. */
export const prepareJava = (): JavaKit => {
  let missing = missingTools();
  if (missing.length > 0) {
    installTools();
    missing = missingTools();
  }
  if (missing.length > 0)
    return { kind: 'missing', reason: `not on this machine: ${missing.join(', ')}` };

  const jars = join(cache, `jars-${digest([join(sources, 'pom.xml')])}`);
  const unresolved = fillOnce(jars, resolveJars);
  if (unresolved !== undefined)
    return { kind: 'missing', reason: `mvn could not resolve the jars: ${unresolved}` };

  const jarsClassPath = join(jars, '*');
  const classPath = compileJava(join(sources, 'saturnmq', 'interop'), jarsClassPath);
  return { kind: 'ready', classPath, jarsClassPath };
};

/**
 * Compiles the drivers in `folder`, where that was not done before; gives the class path to run them with.
 * @throws where our own source does not compile: that is no property of the machine
 */
export const compileJava = (folder: string, jarsClassPath: string): string => {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.java'))
    .sort()
    .map((name) => join(folder, name));
  const classes = join(cache, `classes-${digest(files)}`);
  const failure = fillOnce(classes, (target) =>
    run('javac', ['-nowarn', '-encoding', 'UTF-8', '-d', target, '-cp', jarsClassPath, ...files]),
  );
  if (failure !== undefined) throw new Error(`javac: ${failure}`);
  return [classes, jarsClassPath].join(delimiter);
};
