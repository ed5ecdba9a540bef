import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { importCycle, layerViolations } from './layer-rules.ts';
import { LAYERS } from './layers.ts';
import { importsOf, readSources, repositoryRoot } from './sources.ts';

const test = suite('layers');
const sources = readSources('src', ['.ts']);
const file = (path: string, text: string) => ({ path: `src/${path}`, text });
const violations = (path: string, text: string): string[] => layerViolations([file(path, text)]);

test('the check sees the sources and their imports', () => {
  assert.ok(sources.length > 50, `${sources.length} modules`);
  assert.ok(sources.flatMap(importsOf).length > 100);
});

test('layers import downwards only, and through index.ts', () => {
  assert.equal(layerViolations(sources), []);
});

test('no module imports itself in a ring', () => {
  // A type may be named both ways: it is gone at run time, when the order of loading matters.
  const running = sources.map(({ path, text }) => ({
    path,
    text: text.replace(/^(import|export) type [^;]*;/gm, ''),
  }));
  assert.is(importCycle(running), undefined);
});

test('the table itself has no ring and names no folder twice', () => {
  const finished = new Set<string>();
  while (finished.size < Object.keys(LAYERS).length) {
    const next = Object.entries(LAYERS).find(
      ([layer, allowed]) => !finished.has(layer) && allowed.every((other) => finished.has(other)),
    );
    assert.ok(next, `a ring among ${Object.keys(LAYERS).filter((layer) => !finished.has(layer))}`);
    finished.add(next?.[0] ?? '');
  }
});

test('the page about the architecture has the same layers', () => {
  const page = readFileSync(join(repositoryRoot, 'docs', 'architecture.md'), 'utf8');
  const layerOf = new Map<string, number>();
  for (const [, layer, folders = ''] of page.matchAll(/^\| (\d) +\| ([^|]+)\|/gm))
    for (const [, folder = ''] of folders.matchAll(/`(\w+)`/g)) layerOf.set(folder, Number(layer));
  const folders = new Set(sources.map(({ path }) => path.split('/')[1] ?? ''));
  folders.delete('index.ts');
  assert.equal([...layerOf.keys()].sort(), [...folders].sort());
  const wrong = [...layerOf].flatMap(([folder, layer]) =>
    (LAYERS[folder] ?? [])
      .filter((below) => (layerOf.get(below) ?? -1) >= layer)
      .map((below) => `${folder} imports ${below}`),
  );
  assert.equal(wrong, []);
});

test('an import upwards, sideways or past index.ts is found in every form', () => {
  for (const text of [
    "import { a } from '../broker/index.ts';",
    "import type { A } from '../broker/index.ts';",
    "import {\n  a,\n  b,\n} from '../broker/index.ts';",
    "export * from '../broker/index.ts';",
    "export { a } from '../broker/index.ts';",
    "const a = await import('../broker/index.ts');",
    "import '../broker/index.ts';",
    "new Worker(new URL('../broker/x.worker.js', import.meta.url));",
    "import { a } from '../base/clock.ts';",
    "import { a } from '../../test/support/suite.ts';",
  ])
    assert.is(violations('ring/a.ts', text).length, 1, text);
  assert.is(violations('storage/deep/a.ts', "import '../../protocol/index.ts';").length, 1);
  assert.is(violations('unknown/a.ts', "import '../base/index.ts';").length, 1);
});

test('an import the table allows passes, and a comment is no import', () => {
  for (const text of [
    "import { a } from '../base/index.ts';",
    "import { a } from './b.ts';",
    "import { a } from '../ring/deep/c.ts';",
    "// import { a } from '../broker/index.ts';",
    "/** `import { a } from '../broker/index.ts'` */",
    "import { readFileSync } from 'node:fs';",
  ])
    assert.equal(violations('ring/a.ts', text), [], text);
});

test('a confined package is found outside of its home', () => {
  for (const name of ['koffi', 'comlink', 'piscina', 'pino', 'dot-properties', 'piscina/dist/x'])
    assert.is(violations('broker/a.ts', `import x from '${name}';`).length, 1, name);
  assert.equal(violations('storage/mmap/libc.ts', "import koffi from 'koffi';"), []);
  assert.equal(violations('actors/control.ts', "import * as Comlink from 'comlink';"), []);
});

test('a ring of modules is found', () => {
  const ring = [
    file('base/a.ts', "import './b.ts';"),
    file('base/b.ts', "import './c.ts';"),
    file('base/c.ts', "import './a.ts';"),
  ];
  assert.is(importCycle(ring)?.length, 4);
  assert.is(importCycle(ring.slice(0, 2)), undefined);
});
