import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { repositoryRoot } from '../support/java.ts';
import { installInto, packInto, registryProblem, runIn } from '../support/packed.ts';
import { suite } from '../support/suite.ts';

// The example for vitest, in a folder with the packed package and vitest, which the repository itself does not have.

const test = suite('vitest example');
const LIMIT_MS = 180_000;
const VITEST = 'vitest@4.1.12';
const EXAMPLE = 'testing-vitest.test.mjs';

const CLAIM = 'it passes with vitest, which finds it without being configured';

const runExample = (): void => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-vitest-'));
  try {
    const app = join(folder, 'app');
    installInto(app, [VITEST, join(folder, packInto(folder).filename)]);
    copyFileSync(join(repositoryRoot, 'examples', EXAMPLE), join(app, EXAMPLE));
    const report = runIn(app, 'npx', ['--no-install', 'vitest', 'run', '--reporter=json']);
    const { success, numPassedTests } = JSON.parse(report) as Readonly<Record<string, unknown>>;
    assert.equal([success, numPassedTests], [true, 1], report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const problem = registryProblem(VITEST);
if (problem === undefined) test(CLAIM, runExample, LIMIT_MS);
else test.skip(CLAIM, problem);
