/** Arguments of rmqload after the address, for a load of some seconds. */
export type Load = (seconds: number) => readonly (string | number)[];

const TOPIC = 'ProfileTopic';
const GROUP = 'ProfileGroup';
const QUEUES = 4;
const BACKLOG_SECONDS = 2;

const sends =
  (connections: number, inFlight: number, bodyBytes: number, batch = 1): Load =>
  (seconds) => [TOPIC, QUEUES, connections, inFlight, bodyBytes, seconds, batch];

const ROWS: Readonly<Record<string, Load>> = {
  'send-1x1': sends(1, 1, 128),
  'send-1x64': sends(1, 64, 128),
  'send-8x32': sends(8, 32, 128),
  'send-64x1': sends(64, 1, 128),
  'send-1k': sends(1, 64, 1024),
  'send-8x32-1k': sends(8, 32, 1024),
  batch: sends(4, 4, 128, 32),
  pull: (seconds) => [TOPIC, QUEUES, GROUP, seconds],
};

/** The load of a row. */
export const loadOf = (row: string): Load => {
  const load = Object.hasOwn(ROWS, row) ? ROWS[row] : undefined;
  if (load === undefined)
    throw new Error(`--only takes ${Object.keys(ROWS).join(', ')}; not ${row}`);
  return load;
};

/** What rmqload does in a row. */
export const kindOf = (row: string): 'send' | 'pull' => (row === 'pull' ? 'pull' : 'send');

/** The sends before a row is measured: its own, or the backlog it reads. */
export const warmUpOf = (row: string): readonly (string | number)[] =>
  kindOf(row) === 'pull' ? loadOf('batch')(BACKLOG_SECONDS) : loadOf(row)(1);

/** Reads `--only`. */
export const rowsOf = (only: string): readonly string[] => {
  const rows = only.split(',');
  for (const row of rows) loadOf(row);
  return rows;
};
