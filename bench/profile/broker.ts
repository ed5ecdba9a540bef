import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, startChild } from '../../test/support/child.ts';
import { freePort } from '../../test/support/free-ports.ts';

/** A broker in a process of its own. */
export interface Broker {
  readonly child: Child;
  readonly address: string;
}

/** Starts `saturnmq start` on a store in `folder`; `flags` are Node's. */
export const startBroker = async (
  folder: string,
  ioShards: number,
  flags: readonly string[] = [],
): Promise<Broker> => {
  const brokerPort = await freePort([0, -2, 1]);
  mkdirSync(folder, { recursive: true });
  const start = join(folder, 'start.mjs');
  const main = new URL('../../src/cli/main.js', import.meta.url).href;
  writeFileSync(
    start,
    `import { runProgram } from '${main}';\nrunProgram('saturnmq', process.argv.slice(2));\n`,
  );
  const child = await startChild({
    name: `saturnmq start --io-shards=${ioShards}`,
    command: process.execPath,
    args: [
      ...flags,
      ...[start, 'start', `--io-shards=${ioShards}`, '--store', join(folder, 'store')],
      ...['--broker-port', String(brokerPort), '--namesrv-port', String(await freePort())],
    ],
    ready: /The broker\[.*boot success/,
    readyLimitMs: 60_000,
  });
  return { child, address: `127.0.0.1:${brokerPort}` };
};
