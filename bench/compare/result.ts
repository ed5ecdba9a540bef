import { writeFileSync } from 'node:fs';
import type { CompareOptions } from './options.ts';
import { factsText, type Line, linesOf, markdownTable } from './report.ts';
import type { RowSamples } from './samples.ts';

/** One comparison, as `--json` writes it. */
export interface CompareResult {
  readonly bench: 'compare';
  readonly rounds: number;
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly sustainedSeconds: number;
  readonly lines: readonly Line[];
  readonly voids: readonly string[];
  /** What ended the run before all rows were measured. */
  readonly error?: string;
  readonly machine: Readonly<Record<string, string | number>>;
}

/** Measures; what was booked in `rows` until an error counts, and the error stands beside it. */
export const resultOf = async (
  { rounds, seconds, warmSeconds, sustainedSeconds }: CompareOptions,
  machine: CompareResult['machine'],
  rows: readonly RowSamples[],
  measure: () => Promise<void>,
): Promise<CompareResult> => {
  const error = await measure().then(
    () => undefined,
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)).trim(),
  );
  return {
    bench: 'compare',
    ...{ rounds, seconds, warmSeconds, sustainedSeconds },
    lines: linesOf(rows),
    voids: rows.flatMap((row) => row.voids()),
    ...(error === undefined ? {} : { error }),
    machine,
  };
};

/** The lines of all results; a row that was measured again stands where it was, with its later figures. */
export const latestLines = (results: readonly Pick<CompareResult, 'lines'>[]): Line[] => {
  const byRow = new Map<string, Line[]>();
  for (const { lines } of results) {
    for (const { row } of lines)
      byRow.set(
        row,
        lines.filter((line) => line.row === row),
      );
  }
  return [...byRow.values()].flat();
};

/** The table, the machine, and a line for each thing that went wrong. */
export const pageOf = ({ lines, voids, error, machine }: CompareResult): string => {
  const notes = voids.map((line) => `- void: ${line}`);
  if (error !== undefined) notes.push(`- ended early: ${error.replace(/\s*\n\s*/g, ' ')}`);
  return [markdownTable(lines), '', factsText(machine), ...notes, ''].join('\n');
};

/** Writes what the options ask for, and prints the page. A run with anything wrong ends with status 1. */
export const writeResult = (result: CompareResult, { json, markdown }: CompareOptions): void => {
  const page = pageOf(result);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(result, undefined, 2)}\n`);
  if (markdown !== undefined) writeFileSync(markdown, page);
  console.log(`\n${page}`);
  if (result.voids.length > 0 || result.error !== undefined) process.exitCode = 1;
};
