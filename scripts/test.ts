// Runs every compiled test file in a process of its own and ends with the line CI counts.
// usage: node dist/scripts/test.js [--stress] [--only=TEXT]
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Report {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

const FILE_LIMIT_MS = { test: 8 * 60_000, stress: 60 * 60_000 };
const OUTPUT_TAIL_BYTES = 64 * 1024;

const testRoot = fileURLToPath(new URL('../test', import.meta.url));
const isStress = process.argv.includes('--stress');
const only = process.argv
  .find((argument) => argument.startsWith('--only='))
  ?.slice('--only='.length);
const ending = isStress ? '.stress.js' : '.test.js';

const findFiles = (folder: string): string[] =>
  readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return findFiles(path);
      return name.endsWith(ending) ? [path] : [];
    });

const runFile = (path: string): Promise<{ report: Report; output: string; seconds: number }> =>
  new Promise((resolve) => {
    const startMs = performance.now();
    const child = spawn(process.execPath, ['--enable-source-maps', path], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-OUTPUT_TAIL_BYTES);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const limitMs = isStress ? FILE_LIMIT_MS.stress : FILE_LIMIT_MS.test;
    const limit = setTimeout(() => {
      output += `\nended after ${limitMs} ms`;
      child.kill('SIGKILL');
    }, limitMs);
    child.on('close', (code) => {
      clearTimeout(limit);
      const seconds = (performance.now() - startMs) / 1000;
      const line = output.match(/^##suite (.*)$/m)?.[1];
      const report: Report = line
        ? (JSON.parse(line) as Report)
        : { passed: 0, failed: 1, skipped: [] };
      const ranNothing = report.passed + report.failed + report.skipped.length === 0;
      const isBroken = (code !== 0 && report.failed === 0) || ranNothing;
      resolve({
        report: isBroken ? { ...report, failed: report.failed + 1 } : report,
        output,
        seconds,
      });
    });
  });

const main = async (): Promise<void> => {
  const files = findFiles(testRoot).filter((path) => only === undefined || path.includes(only));
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const path of files) {
    const { report, output, seconds } = await runFile(path);
    total.passed += report.passed;
    total.failed += report.failed;
    total.skipped += report.skipped.length;
    const name = relative(testRoot, path).replace(/\.js$/, '');
    console.log(
      `${report.failed > 0 ? 'FAIL' : 'ok  '} ${name}: ${report.passed} passed, ${report.failed} failed (${seconds.toFixed(1)} s)`,
    );
    for (const { name: test, reason } of report.skipped)
      console.log(`     skipped "${test}": ${reason}`);
    if (report.failed > 0 || isStress) console.log(output.replace(/^##suite .*$/m, ''));
  }
  if (total.passed + total.failed === 0) {
    console.log('no test ran');
    total.failed = 1;
  }
  if (process.env['CI'] === 'true' && total.skipped > 0) {
    console.log(`${total.skipped} tests were skipped; CI runs everything`);
    total.failed += total.skipped;
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 ? 1 : 0;
};

await main();
