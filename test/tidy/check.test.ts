import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { repositoryRoot } from './sources.ts';

const test = suite('check');

test('the linter and formatter find nothing', () => {
  const biome = join(repositoryRoot, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const args = [biome, 'check', '--max-diagnostics=20', '.'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  assert.is(status, 0, `${stdout}\n${stderr}`);
});
