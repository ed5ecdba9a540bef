import { startTestBroker } from '../node/index.ts';
import type { OptionTable } from './arguments.ts';
import { parseArguments } from './arguments.ts';
import type { CliContext, RunCommand } from './cli-context.ts';
import { CliError } from './cli-error.ts';

/** Options of `saturnmq test-broker`. */
export const TEST_BROKER_OPTIONS: OptionTable = {
  clock: { value: 'mode', meaning: 'running (default), or manual: it moves by "advance" alone' },
  store: { value: 'folder', meaning: 'Keep the store there (default: a temporary folder)' },
  detached: { meaning: 'Ignore standard input; only a signal ends it' },
  help: { short: 'h', meaning: 'Print help' },
};

const ADVANCE = /^\s*advance\s+(\d{1,15})\s*$/;

/** Runs the commands on standard input; returns at its end, which is also that of a parent that died. */
const serveLines = async (
  context: CliContext,
  advance: (ms: number) => Promise<void>,
  now: () => number,
): Promise<void> => {
  for await (const line of context.readLines()) {
    const ms = line.match(ADVANCE)?.[1];
    if (ms !== undefined) {
      await advance(Number(ms));
      context.out(JSON.stringify({ now: now() }));
    } else if (line.trim() !== '') {
      context.out(JSON.stringify({ error: 'the only command is: advance MILLISECONDS' }));
    }
  }
};

/** `saturnmq test-broker`: a broker for the tests of programs in any language. */
export const runTestBroker: RunCommand = async (args, context) => {
  const parsed = parseArguments(TEST_BROKER_OPTIONS, args, 0);
  const clock = parsed.text('clock') ?? 'running';
  if (clock !== 'running' && clock !== 'manual')
    throw new CliError(`--clock takes running or manual, not ${JSON.stringify(clock)}`);
  const storePath = parsed.text('store');
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((done) => {
    stop = done;
  });
  const endSignals = context.onSignal(() => stop());
  const broker = await startTestBroker({
    clock,
    ...(storePath === undefined ? {} : { storePath }),
  });
  try {
    const { namesrvAddr, brokerAddr } = broker;
    context.out(JSON.stringify({ namesrvAddr, brokerAddr, storePath: broker.storePath }));
    const { clock: time } = broker;
    const read = parsed.has('detached')
      ? []
      : [serveLines(context, (ms) => time.advance(ms), time.now.bind(time))];
    await Promise.race([stopped, ...read]);
    return 0;
  } finally {
    endSignals();
    await broker.close();
  }
};
