import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Sample } from './plan.ts';
import { VoidError } from './samples.ts';

const LIMIT_MS = 300_000;
const TROUBLE_BYTES = 500;

interface EmbeddedLine {
  readonly row: string;
  readonly sample?: Sample;
  readonly reason?: string;
}

/**
 * Runs the embedded bench in a process of its own; gives what it measured for a row.
 * @throws {VoidError} from the returned function, for a row that does not count
 */
export const embeddedResults = async (
  seconds: number,
  folder: string,
): Promise<(id: string) => Sample> => {
  const path = fileURLToPath(new URL('./embedded.js', import.meta.url));
  const args = ['--enable-source-maps', path, `--seconds=${seconds}`, `--folder=${folder}`];
  const { output, trouble } = await new Promise<{ output: string; trouble: string }>((resolve) => {
    execFile(process.execPath, args, { timeout: LIMIT_MS }, (error, stdout, stderr) => {
      const thrown = stderr.match(/^\w*Error: .*/m)?.[0] ?? stderr.trim();
      const why = error === null ? '' : thrown || error.message;
      resolve({ output: stdout, trouble: why.slice(0, TROUBLE_BYTES) });
    });
  });
  const lines = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as EmbeddedLine);
  return (id) => {
    const line = lines.find(({ row }) => row === id);
    if (line?.sample !== undefined) return line.sample;
    throw new VoidError(line?.reason ?? `the bench ended early: ${trouble}`);
  };
};
