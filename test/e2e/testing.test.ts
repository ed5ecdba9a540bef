import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { repositoryRoot } from '../support/java.ts';
import { suite } from '../support/suite.ts';

// The examples of `saturnmq/testing`, run as their readers would.

const test = suite('testing examples');
const LIMIT_MS = 30_000;

const run = (args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: repositoryRoot,
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  assert.is(status, 0, `${stdout}\n${stderr}`);
  return stdout;
};

test('the one for uvu passes', () => {
  assert.match(run([join('dist', 'examples', 'testing-uvu.js')]), /Passed: +1/);
});

test('the one for node:test passes, with a clock that the test moves', () => {
  assert.match(run([join('examples', 'testing-node-test.mjs')]), /# pass 1|pass 1/);
});
