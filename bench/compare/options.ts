import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { ROWS, type RowPlan, type SystemName } from './plan.ts';

/** What one run does. */
export interface CompareOptions {
  readonly rounds: number;
  /** How long a row is measured. */
  readonly seconds: number;
  /** How long a Java producer, or the first row of rmqload on a server, warms up; later rows of rmqload take half. */
  readonly warmSeconds: number;
  readonly sustainedSeconds: number;
  readonly rows: readonly RowPlan[];
  readonly systems: readonly SystemName[];
  /** Leaves Java out where the machine has none. */
  readonly isQuick: boolean;
  /** Free memory is put to use before each row. */
  readonly fillsPageCache: boolean;
  /** Where stores are made: the disk that is measured. */
  readonly folder: string;
  readonly json: string | undefined;
  readonly markdown: string | undefined;
}

const ROUNDS_MAX = 50;
const SECONDS_MAX = 60;
const SUSTAINED_SECONDS_MAX = 600;

const within = (name: string, value: string, max: number): number => {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > max)
    throw new Error(`--${name} takes a whole number from 1 to ${max}, not ${value}`);
  return number;
};

const rowsOf = (only: string | undefined): readonly RowPlan[] => {
  if (only === undefined) return ROWS.filter(({ isExtra }) => !isExtra);
  const wanted = new Set(only.split(','));
  for (const id of wanted)
    if (!ROWS.some((row) => row.id === id))
      throw new Error(`--only takes ${ROWS.map((row) => row.id).join(', ')}; not ${id}`);
  return ROWS.filter(({ id }) => wanted.has(id));
};

const systemsOf = (text: string): readonly SystemName[] =>
  text.split(',').map((name) => {
    if (name === 'java' || name === 'saturnmq') return name;
    throw new Error(`--systems takes java and saturnmq, not ${name}`);
  });

/** Reads the command line. */
export const readOptions = (args: readonly string[]): CompareOptions => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      warm: { type: 'string' },
      'sustained-seconds': { type: 'string' },
      only: { type: 'string' },
      systems: { type: 'string', default: 'saturnmq,java' },
      quick: { type: 'boolean', default: false },
      'memory-as-found': { type: 'boolean', default: false },
      folder: { type: 'string', default: tmpdir() },
      json: { type: 'string' },
      markdown: { type: 'string' },
    },
  });
  const { quick } = values;
  const pick = (
    name: 'rounds' | 'seconds' | 'warm' | 'sustained-seconds',
    usual: string,
    max: number,
  ) => within(name, values[name] ?? (quick ? '1' : usual), max);
  return {
    rounds: pick('rounds', '3', ROUNDS_MAX),
    seconds: pick('seconds', '6', SECONDS_MAX),
    // A JVM reaches its full rate only after some seconds of the same load.
    warmSeconds: pick('warm', '8', SECONDS_MAX),
    sustainedSeconds: pick('sustained-seconds', '120', SUSTAINED_SECONDS_MAX),
    rows: rowsOf(values.only),
    systems: systemsOf(values.systems),
    isQuick: quick,
    fillsPageCache: !quick && !values['memory-as-found'],
    folder: values.folder,
    json: values.json,
    markdown: values.markdown,
  };
};
