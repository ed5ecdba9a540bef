import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { isTypesOnly, mirrorProblems } from './mirror-rules.ts';
import { readSources } from './sources.ts';

const test = suite('mirror');
const file = (path: string, text = 'export const a = 1;') => ({ path, text });

test('each source has the test file that mirrors it', () => {
  const sources = readSources('src', ['.ts']);
  const tests = new Set(readSources('test', ['.test.ts']).map(({ path }) => path));
  assert.ok(sources.length > 50 && tests.size > 10);
  assert.equal(mirrorProblems(sources, tests), []);
});

test('a source without a mirror is found, unless it is an index, types, or excused', () => {
  const types =
    "import type { A } from './a.ts';\n\n/** x */\nexport interface B {\n  readonly a: A;\n}\n";
  const sources = [
    file('src/ring/a.ts'),
    file('src/ring/b.ts'),
    file('src/ring/index.ts'),
    file('src/ring/types.ts', types),
    file('src/ring/excused.ts'),
  ];
  const tests = new Set(['test/ring/a.test.ts']);
  assert.equal(mirrorProblems(sources, tests, { 'src/ring/excused.ts': 'why' }), [
    'src/ring/b.ts: test/ring/b.test.ts is missing',
  ]);
});

test('an excuse that is no longer needed is found', () => {
  const tests = new Set(['test/ring/a.test.ts']);
  const excuses = {
    'src/ring/a.ts': 'why',
    'src/ring/gone.ts': 'why',
    'src/ring/b.ts': 'tested by test/ring/gone.test.ts',
  };
  const sources = [file('src/ring/a.ts'), file('src/ring/b.ts')];
  assert.is(mirrorProblems(sources, tests, excuses).length, 3);
});

test('types alone leave nothing behind', () => {
  assert.ok(isTypesOnly(file('a.ts', "export type A =\n  | { kind: 'a' }\n  | { kind: 'b' };\n")));
  assert.not.ok(isTypesOnly(file('a.ts', 'export interface A {}\nexport const b = 1;\n')));
  assert.not.ok(isTypesOnly(file('a.ts', 'export function f(): void {}\n')));
  assert.not.ok(isTypesOnly(file('a.ts', 'export class A {}\n')));
});
