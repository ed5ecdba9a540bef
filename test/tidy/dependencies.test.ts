import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { dependenciesPage, type LockedPackages } from '../../scripts/dependencies-page.ts';
import { suite } from '../support/suite.ts';
import { repositoryRoot } from './sources.ts';

const test = suite('dependencies');
const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');
const lock = JSON.parse(read('package-lock.json')) as LockedPackages;

test('the page of dependencies is what the lock file says', () => {
  const remedy = 'run: node dist/scripts/dependencies-page.js';
  assert.is(read('docs/dependencies.md'), dependenciesPage(lock), remedy);
});

test('each package stands there with a version and a licence', () => {
  const rows = dependenciesPage(lock)
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (package|-)/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  assert.ok(rows.length > 20);
  for (const [, name, version, license] of rows) {
    assert.match(String(version), /^\d+\.\d+\.\d+/, name);
    assert.ok(license, name);
  }
});

test('a dependency without a purpose is an error', () => {
  const unknown = { packages: { '': { dependencies: { 'left-pad': '1.0.0' } } } };
  assert.throws(() => dependenciesPage(unknown), /left-pad/);
});
