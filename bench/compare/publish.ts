// Puts the results of comparisons into the pages that show them, between the lines `<!-- bench:begin -->` and
// `<!-- bench:end -->`: the whole table in docs/performance.md, the lines with a target in the READMEs.
// A row that a later file has again is taken from there.
// usage: npm run bench -- publish RESULT.json [MORE.json …]
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../test/support/java.ts';
import { between } from './markers.ts';
import { factsText, markdownTable } from './report.ts';
import { type CompareResult, latestLines } from './result.ts';

const PAGES = [
  { path: 'docs/performance.md', language: 'en', isShort: false },
  { path: 'README.md', language: 'en', isShort: true },
  { path: 'README.zh-CN.md', language: 'zh', isShort: true },
] as const;

const results = process.argv
  .slice(2)
  .map((file) => JSON.parse(readFileSync(file, 'utf8')) as CompareResult);
const [first, ...more] = results;
if (first === undefined) throw new Error('npm run bench -- publish takes the files of --json=FILE');
for (const { error } of results)
  if (error !== undefined) throw new Error(`a run that ended early is not published: ${error}`);
const lines = latestLines(results);
const voids = results.flatMap((result) => result.voids);

for (const { path, language, isShort } of PAGES) {
  const file = join(repositoryRoot, path);
  const runs = language === 'en' ? `${first.rounds} rounds` : `${first.rounds} 轮`;
  const table = [
    markdownTable(lines, language, isShort),
    '',
    `${factsText(first.machine, ...more.map(({ machine }) => machine))} ${runs}.`,
    ...(voids.length === 0 ? [] : ['', ...voids.map((line) => `- void: ${line}`)]),
  ].join('\n');
  const page = readFileSync(file, 'utf8');
  const filled = between(page, 'bench', table);
  if (filled === undefined) {
    console.log(`${path} has no place for the table`);
    continue;
  }
  writeFileSync(file, filled);
  console.log(`${path} is written`);
}
