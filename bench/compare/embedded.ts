// An application and a durable broker in one process: what its thread can send and consume through the ring channel.
// Threads: the application's (this one) and those of the node; 128-byte bodies, 4 queues, ASYNC_FLUSH. Units: messages/s,
// CPU-µs a message of the whole process, µs from the call of `send` to its acknowledgement. Sends without a failure whose
// number the broker's own offsets confirm, and messages consumed each once; otherwise the row is void.
// usage: npm run bench -- embedded [--seconds=6] [--folder=DISK] [--tcp]
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { percentilesOf } from '../../src/cli/bench/bench-result.ts';
import { measurePull, measurePush } from '../../src/cli/bench/embedded-reads.ts';
import { type Measured, measureSends } from '../../src/cli/bench/embedded-sends.ts';
import { type EmbeddedNode, openEmbedded } from '../support/embedded-node.ts';

const BODY_BYTES = 128;
const IN_FLIGHT = 256;
const BATCH = 64;
const BATCHES_IN_FLIGHT = 8;
const SPIN_US = 50;

interface Figures {
  readonly rate: number;
  readonly cpu: number;
  readonly p50?: number;
  readonly p99?: number;
  readonly p999?: number;
}
type Outcome =
  | { readonly row: string; readonly sample: Figures }
  | { readonly row: string; readonly reason: string };

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    seconds: { type: 'string', default: '6' },
    folder: { type: 'string', default: tmpdir() },
    tcp: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);

const figuresOf = ({ recorder, end }: Measured): Figures => {
  const { messages, latency } = recorder;
  const rates = { rate: messages / end.seconds, cpu: end.cpuMicros / messages };
  if (latency.count === 0) return rates;
  const { p50, p99, p999 } = percentilesOf(latency);
  return { ...rates, p50, p99, p999 };
};

/** A measurement that failed, or that did not count what the broker counts, makes its row void. */
const row = async (name: string, measure: () => Promise<Measured>): Promise<void> => {
  const measured = await measure();
  const { recorder, end } = measured;
  const failed = recorder.failed > 0 ? `${recorder.failed} sends failed` : undefined;
  const reason = end.problem ?? failed ?? (recorder.messages === 0 ? 'no message' : undefined);
  const outcome: Outcome =
    reason === undefined ? { row: name, sample: figuresOf(measured) } : { row: name, reason };
  console.log(JSON.stringify(outcome));
};

interface SendRow {
  readonly topic: string;
  readonly lanes: number;
  readonly batch: number;
  readonly warmSeconds: number;
}

const common = {
  bodyBytes: BODY_BYTES,
  stop: new AbortController().signal,
  onTick: () => undefined,
};

const send = ({ where }: EmbeddedNode, plan: SendRow): Promise<Measured> =>
  measureSends({ ...common, where, seconds, quantity: 0, ...plan });

const main = async (): Promise<void> => {
  const how = { folder: values.folder, isTcp: values.tcp };
  const one = { topic: 'one', lanes: 1, batch: 1, warmSeconds: Math.min(1, seconds) };
  const open = await openEmbedded(how);
  try {
    const { where } = open;
    const single = { lanes: IN_FLIGHT, batch: 1, warmSeconds: Math.min(2, seconds) };
    const batch = { ...single, lanes: BATCHES_IN_FLIGHT, batch: BATCH };
    await row('embedded-send', () => send(open, { topic: 'single', ...single }));
    await row('embedded-batch', () => send(open, { topic: 'batch', ...batch }));
    await row('embedded-pull', () => measurePull({ ...common, where, topic: 'batch' }));
    await row('embedded-push', () => measurePush({ ...common, where, topic: 'single' }));
    await row('embedded-one', () => send(open, one));
  } finally {
    await open.close();
  }
  const spinning = await openEmbedded({ ...how, spinUs: SPIN_US });
  try {
    await row('embedded-one-spin', () => send(spinning, one));
  } finally {
    await spinning.close();
  }
};

await main();
