// Runs the micro benches (`*.bench.ts`), each in a process of its own, and draws their figures as one table.
// usage: npm run bench -- micro [--only=TEXT] [--smoke] [--json=FILE]
import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const LIMIT_MS = 15 * 60_000;
const root = fileURLToPath(new URL('.', import.meta.url));

type Figures = Readonly<Record<string, unknown>>;

const findBenches = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return findBenches(path);
      return entry.name.endsWith('.bench.js') ? [path] : [];
    });

const runBench = (path: string, isSmoke: boolean): Promise<{ figures: Figures[]; isOk: boolean }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['--enable-source-maps', path], {
      env: { ...process.env, BENCH: isSmoke ? 'smoke' : 'full' },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: LIMIT_MS,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.once('close', (code) => {
      const lines = output.split('\n').filter((line) => line.startsWith('{'));
      resolve({
        figures: lines.map((line) => JSON.parse(line) as Figures),
        isOk: code === 0 && lines.length > 0,
      });
    });
  });

const KNOWN = new Set(['bench', 'unit', 'size', 'machine', 'samples', 'operations']);

/** Numbers of a result by name, one level down: a bench may report several under one heading. */
const numbersOf = (figures: Figures, prefix = ''): string[] =>
  Object.entries(figures).flatMap(([name, value]) => {
    if (prefix === '' && KNOWN.has(name)) return [];
    if (typeof value === 'number') return [`${prefix}${name} ${value.toLocaleString('en-US')}`];
    return typeof value === 'object' && value !== null && prefix === ''
      ? numbersOf(value as Figures, `${name}.`)
      : [];
  });

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: {
      only: { type: 'string' },
      smoke: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const benches = findBenches(root).filter((path) =>
    relative(root, path).includes(values.only ?? ''),
  );
  if (benches.length === 0) throw new Error(`no bench is called ${values.only}`);
  const all: Figures[] = [];
  for (const path of benches) {
    const { figures, isOk } = await runBench(path, values.smoke);
    all.push(...figures);
    if (!isOk) {
      console.error(`${relative(root, path)} failed`);
      process.exitCode = 1;
    }
    for (const one of figures)
      console.log(
        `${String(one['bench']).padEnd(44)} ${one['unit']}: ${numbersOf(one).join(', ')}`,
      );
  }
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify(all, undefined, 2)}\n`);
};

await main();
