import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { readSources } from './sources.ts';
import {
  bannedWords,
  bigIntsOnHotPath,
  directRunnerImports,
  longFiles,
  machineWords,
  undocumentedExports,
  undocumentedNames,
} from './style-rules.ts';

const test = suite('style');
const code = ['src', 'test', 'bench', 'scripts', 'bin'].flatMap((folder) =>
  readSources(folder, ['.ts', '.mjs']),
);
const everything = readSources('.', [
  '.ts',
  '.mjs',
  '.md',
  '.json',
  '.conf',
  '.java',
  '.xml',
  '.c',
  'run',
]);
const sources = code.filter(({ path }) => path.startsWith('src/'));
const file = (path: string, text: string) => ({ path, text });

test('the checks see the repository', () => {
  assert.ok(sources.length > 50 && everything.length > code.length);
});

test('banned words stay out', () => {
  assert.equal(bannedWords(everything), []);
});

test('tests go through the suite that has limits', () => {
  assert.equal(directRunnerImports(code), []);
});

test('no BigInt where a message passes', () => {
  assert.equal(bigIntsOnHotPath(sources), []);
});

test('files are short', () => {
  assert.equal(longFiles(code), []);
});

test('nothing names a machine or a registry', () => {
  assert.equal(machineWords(everything), []);
});

test('every name a layer hands out has a docstring', () => {
  const indexes = sources.filter(({ path }) => /^src\/[^/]+\/index\.ts$/.test(path));
  assert.ok(indexes.length > 0);
  assert.equal(
    indexes.flatMap((index) => undocumentedNames(index, sources)),
    [],
  );
});

test('each banned word is found in code, not in comments or texts', () => {
  const calls = [
    'const a = Date.now();',
    'new Date()',
    'performance.now()',
    'Math.random()',
    'setTimeout(run, 5)',
    'setImmediate(run)',
    'setInterval(run, 5)',
    'queueMicrotask(run)',
    'process.nextTick(run)',
    'await done',
    'new Promise(() => 1)',
    'done.then(run)',
    'if (error instanceof StorageError) retry();',
    'let count = 0;',
    ['const a = `$', '{Date.now()}`;'].join(''),
  ];
  for (const call of calls) {
    assert.is(bannedWords([file('src/broker/a.ts', `x;\n${call}\n`)]).length, 1, call);
    assert.equal(bannedWords([file('src/broker/a.ts', `// ${call}\n`)]), [], call);
  }
  assert.equal(bannedWords([file('src/broker/a.ts', "const a = 'Date.now() await';")]), []);
  assert.is(bannedWords([file('src/broker/a.ts', '/** TOD\u004f: later */')]).length, 1);
  assert.is(
    bannedWords([file('src/broker/a.ts', "throw new Error('not implemente\u0064');")]).length,
    1,
  );
  assert.equal(bannedWords([file('src/broker/a.ts', "const T = 'SCHEDULE_TOPIC_XXXX';")]), []);
  assert.equal(bannedWords([file('src/base/clock.ts', 'Date.now()')]), []);
  assert.equal(bannedWords([file('src/transport/tcp-network.ts', 'setImmediate(run)')]), []);
  assert.equal(bannedWords([file('src/broker/a.ts', 'socket.setTimeout(5)')]), []);
  const handedOn = 'if (error instanceof StorageError) return error;';
  assert.equal(bannedWords([file('src/broker/a.ts', handedOn)]), []);
});

test('the other checks find what they look for', () => {
  assert.is(
    directRunnerImports([file('test/a.test.ts', `import { test } from '${'uvu'}';`)]).length,
    1,
  );
  assert.equal(
    directRunnerImports([file('test/a.test.ts', "import * as a from 'uvu/assert';")]),
    [],
  );
  for (const text of ['BigInt(1)', '1n', 'view.readBigInt64BE(0)'])
    assert.is(bigIntsOnHotPath([file('src/a.ts', `// hot path\n${text}`)]).length, 1, text);
  assert.equal(
    bigIntsOnHotPath([file('src/a.ts', '// hot path\nnew BigInt64Array(1); readInt64BE(a, 0)')]),
    [],
  );
  assert.equal(
    bigIntsOnHotPath([file('src/a.ts', 'f() {\n  // hot path\n  x();\n}\ng() {\n  BigInt(1);\n}')]),
    [],
  );
  assert.is(longFiles([file('src/a.ts', 'x\n'.repeat(401))]).length, 1);
  assert.equal(longFiles([file('src/a.ts', 'x\n'.repeat(400))]), []);
  const host = ['registry', 'npmjs', 'org'].join('.');
  assert.is(machineWords([file('a.md', `see https://${host}/x`)]).length, 1);
  assert.is(machineWords([file('a.md', `cd ${['', 'work', 'main'].join('/')}`)]).length, 1);
});

test('an export without a docstring is found', () => {
  const text = [
    '/** Good. */',
    'export const a = 1;',
    'export const b = 2;',
    '',
    'export const c = 3;',
    'export function d(): void {}',
    '/** Good. */',
    'export function e(x: number): void;',
    'export function e(x: string): void;',
    'export interface F {}',
    'export abstract class G {}',
  ].join('\n');
  const names = undocumentedExports(file('src/base/a.ts', text)).map((line) => line.split(' ')[1]);
  assert.equal(names, ['c', 'd', 'F', 'G']);
  const index = file(
    'src/base/index.ts',
    "export * from './a.ts';\nexport {\n  b,\n} from './b.ts';",
  );
  const b = file('src/base/b.ts', 'export const b = 1;\nexport function c(): void {}\n');
  assert.is(undocumentedNames(index, [index, file('src/base/a.ts', text), b]).length, 5);
  assert.is(undocumentedNames(index, [index, b]).length, 2);
});
