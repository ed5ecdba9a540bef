import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';

const test = suite('bench entry');
const entry = fileURLToPath(new URL('../../bench/bench.js', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

test('a bench that is not there is named, and those that are stand in the usage line and in the docs', () => {
  const { status, stderr } = spawnSync(process.execPath, [entry, 'fastest'], { encoding: 'utf8' });
  assert.is.not(status, 0);
  const names = stderr.match(/npm run bench takes (.*); not fastest/)?.[1]?.split(', ') ?? [];
  assert.ok(names.includes('micro'), stderr);
  const usage = read('bench/bench.ts').match(/^\/\/ usage: .*\[-- (.*?)\]/m)?.[1];
  assert.equal(usage?.split(' | '), names);
  const page = read('docs/performance.md');
  for (const name of names.filter((one) => one !== 'compare'))
    assert.ok(page.includes(`| \`npm run bench -- ${name}`), name);
});
