import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { configurationPage } from '../../scripts/configuration-page.ts';
import { fencedBlocks, localLinks, runnableBlocks } from '../support/markdown.ts';
import { suite } from '../support/suite.ts';
import { readSources, repositoryRoot } from './sources.ts';

const test = suite('documents');
const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');
const readme = read('README.md');

test('the configuration page is what the option tables say', () => {
  const remedy = 'run: node dist/scripts/configuration-page.js';
  assert.is(read('docs/configuration.md'), configurationPage(), remedy);
});

test('links inside of the repository lead somewhere', () => {
  const pages = readSources('.', ['.md']).filter(({ path }) => !path.startsWith('test/'));
  assert.ok(pages.length >= 5);
  const broken = pages.flatMap(({ path, text }) =>
    localLinks(text)
      .filter((target) => !existsSync(join(repositoryRoot, dirname(path), target)))
      .map((target) => `${path}: ${target}`),
  );
  assert.equal(broken, []);
});

test('both languages show the two commands and the same runnable blocks', () => {
  const chinese = read('README.zh-CN.md');
  for (const page of [readme, chinese])
    for (const command of ['npm start', 'npm test'])
      assert.ok(
        fencedBlocks(page).some(({ body }) => body.trim() === command),
        command,
      );
  const runnable = (page: string) => fencedBlocks(page).filter(({ run }) => run !== undefined);
  assert.ok(runnable(readme).length > 0);
  assert.equal(runnable(chinese), runnable(readme));
});

test('a message is shown from the command line, Node and Java', () => {
  for (const name of ['cli', 'node', 'java']) {
    const blocks = runnableBlocks(readme, name);
    assert.ok(blocks.length > 0, name);
    for (const { language, file } of blocks)
      assert.ok(language === 'sh' || file !== undefined, name);
  }
});

test('the first screen says what it is and how to start and test it', () => {
  const screen = readme.split('\n').slice(0, 45).join('\n');
  for (const words of ['RocketMQ', 'npm start', 'npm test', 'README.zh-CN.md'])
    assert.ok(screen.includes(words), words);
});

test('the package says whose it is not', () => {
  assert.ok(read('NOTICE').includes('not affiliated'));
  assert.ok(read('LICENSE').includes('Apache License') && read('LICENSE').length > 10_000);
});

test('blocks and links are read with their marks', () => {
  const page =
    'a [x](b.md#c) [y](https://e.org) [z](#here)\n```sh run=one\nls\n```\n\n```js file=a.js run=one\nx\n```\n```\n[no](no.md)\n```\n';
  assert.equal(fencedBlocks(page), [
    { language: 'sh', run: 'one', file: undefined, body: 'ls\n' },
    { language: 'js', run: 'one', file: 'a.js', body: 'x\n' },
    { language: '', run: undefined, file: undefined, body: '[no](no.md)\n' },
  ]);
  assert.equal(localLinks(page), ['b.md']);
});
