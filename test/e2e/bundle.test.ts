import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { placeFromLib } from '../../scripts/bundle.ts';
import { repositoryRoot } from '../support/java.ts';
import { suite } from '../support/suite.ts';

// What the package test cannot see by running it: that no thread, rarely started, is missing from the bundle.

const test = suite('bundle');
const lib = join(repositoryRoot, 'dist', 'lib');
const place = (text: string, module: string): string => placeFromLib(text, module, '/p/dist');

test('a place is named as it is seen from the bundle', () => {
  assert.is(place('./shard.worker.js', '/p/dist/src/actors/shard-thread.js'), './shard.worker.js');
  assert.is(place('../io-shard.js', '/p/dist/src/node/core/broker-home.js'), './io-shard.js');
  assert.is(place('./pool.entry.cjs', '/p/dist/src/actors/pool.js'), './pool.entry.cjs');
  assert.is(place('../../../package.json', '/p/dist/src/cli/main.js'), '../../package.json');
  assert.is(place('../../../../', '/p/dist/src/node/config/machine-facts.js'), '../../');
});

test('a thread that starts in a module without an entry fails the build', () => {
  assert.throws(() => place('./new.worker.js', '/p/dist/src/actors/system.js'), /no entry of lib/);
});

test('what the bundle names by its place is there, what each thread starts in among it', () => {
  const named = readdirSync(lib)
    .map((name) => readFileSync(join(lib, name), 'utf8'))
    .flatMap((text) => [...text.matchAll(/new URL\("(\.[^"]*)", import\.meta\.url\)/g)])
    .map(([, path]) => String(path));
  assert.equal(
    named.filter((path) => !existsSync(join(lib, path))),
    [],
  );
  const registries = ['namesrv-shard', 'broker-shard', 'io-shard', 'pool-tasks'];
  for (const name of ['node.worker', 'shard.worker', ...registries])
    assert.ok(named.includes(`./${name}.js`), name);
});
