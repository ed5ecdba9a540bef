import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import type { LockFile } from './lock-rules.ts';
import { driftProblems, lockProblems } from './lock-rules.ts';
import { repositoryRoot } from './sources.ts';

const test = suite('lock file');
const read = (name: string) => JSON.parse(readFileSync(join(repositoryRoot, name), 'utf8'));
const lock: LockFile = read('package-lock.json');
const manifest = read('package.json');

test('the lock file works everywhere: no registry, no scripts, every native binary', () => {
  assert.equal(lockProblems(lock), []);
});

test('package.json and the lock file agree, and name the oldest Node', () => {
  assert.equal(driftProblems(manifest, lock), []);
  assert.is(manifest.engines.node, '>=20.19');
  assert.is(lock.packages['']?.engines?.node, '>=20.19');
});

test('the launcher asks for the same Node as package.json', async () => {
  const { versionProblem } = await import(`file://${join(repositoryRoot, 'bin', 'launch.mjs')}`);
  for (const version of ['12.22.12', '18.20.0', '20.18.3'])
    assert.ok(versionProblem(version), version);
  for (const version of ['20.19.0', '22.1.0', '26.0.0'])
    assert.is(versionProblem(version), undefined);
});

test('each fault of a lock file is found', () => {
  const binary = '@koromix/koffi-linux-x64';
  const bundler = '@rolldown/binding-linux-x64-gnu';
  const good = {
    '': { license: 'Apache-2.0' },
    'node_modules/koffi': {
      license: 'MIT',
      hasInstallScript: true,
      optionalDependencies: { [binary]: '1' },
    },
    [`node_modules/${binary}`]: { license: 'MIT' },
    'node_modules/rolldown': { license: 'MIT', optionalDependencies: { [bundler]: '1' } },
    [`node_modules/${bundler}`]: { license: 'MIT' },
  };
  const problems = (extra: LockFile['packages']): number =>
    lockProblems({ packages: { ...good, ...extra } }).length;
  assert.is(problems({}), 0);
  assert.is(
    problems({ 'node_modules/a': { license: 'MIT', resolved: 'https://example.org/a.tgz' } }),
    1,
  );
  assert.is(problems({ 'node_modules/a': { license: 'MIT', hasInstallScript: true } }), 1);
  assert.is(problems({ 'node_modules/a': { license: 'GPL-3.0' } }), 1);
  assert.is(problems({ 'node_modules/a': { license: 'GPL-3.0', dev: true } }), 0);
  for (const path of [`node_modules/${binary}`, `node_modules/${bundler}`]) {
    const { [path]: _, ...others } = good as LockFile['packages'];
    assert.is(lockProblems({ packages: others }).length, 1, path);
  }
  assert.is(driftProblems({ engines: { node: '>=1' } }, { packages: { '': {} } }).length, 1);
});
