// Installs what is missing and builds what is stale, so that `npm start` and `npm test` work in a fresh clone.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`SaturnMQ needs Node.js 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

const run = (command, args) => {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    console.error(`"${command} ${args.join(' ')}" failed; see above.`);
    process.exit(1);
  }
};

const newest = (path) => {
  if (!existsSync(path)) return 0;
  const facts = statSync(path);
  if (!facts.isDirectory()) return facts.mtimeMs;
  return readdirSync(path).reduce(
    (latest, name) => Math.max(latest, newest(join(path, name))),
    facts.mtimeMs,
  );
};

// The compiler is a development dependency, so it is named even where NODE_ENV says production.
const installed = join(root, 'node_modules', '.saturnmq-lock');
const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
if (!existsSync(installed) || readFileSync(installed, 'utf8') !== lock) {
  console.error('Installing dependencies (once) …');
  run('npm', ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund']);
  writeFileSync(installed, lock);
}

const built = join(root, 'dist', '.built');
const sources = [
  'src',
  'test',
  'bench',
  'scripts',
  'examples',
  'tsconfig.json',
  'package-lock.json',
];
const changed = Math.max(...sources.map((name) => newest(join(root, name))));
if (!existsSync(built) || statSync(built).mtimeMs < changed) {
  console.error('Building …');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', root]);
  run(process.execPath, [join(root, 'dist', 'scripts', 'bundle.js')]);
  writeFileSync(built, '');
}
