// Checks what the program needs before it loads it, in words that an old Node can still read.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const MAJOR_MIN = 20;
const MINOR_MIN = 19;

const stop = (line) => {
  process.stderr.write(`${line}\n`);
  process.exit(1);
};

/** Why this Node cannot run SaturnMQ, or nothing. */
export const versionProblem = (version) => {
  const [major, minor] = version.split('.').map(Number);
  if (major > MAJOR_MIN || (major === MAJOR_MIN && minor >= MINOR_MIN)) return undefined;
  return `SaturnMQ needs Node.js ${MAJOR_MIN}.${MINOR_MIN} or newer, and this is ${version}; install a newer one from your package manager.`;
};

/** Runs one of the programs. */
export const launch = (program) => {
  const problem = versionProblem(process.versions.node);
  if (problem !== undefined) stop(`${program}: ${problem}`);
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const main = join(root, 'dist', 'lib', 'main.js');
  if (!existsSync(main))
    stop(`${program}: not built yet; run "npm start" or "npm run build" in ${root}`);
  import(pathToFileURL(main).href).then(
    ({ runProgram }) => runProgram(program, process.argv.slice(2)),
    (error) => stop(`${program}: ${error.stack}`),
  );
};
