// A program beside an embedded node. usage: node embed.child.js start FOLDER | load BROKER-ADDRESS
import { startNode } from '../../../src/node/index.ts';
import { NodeClient } from '../node-fixture.ts';
import { embedOptions } from './embed-fixture.ts';

const LOAD_MS = 2_500;

const start = async (folder: string): Promise<void> => {
  const node = await startNode(embedOptions(folder)).catch((error: unknown) => {
    process.stdout.write(
      `${String((error as Error).name)} ${(error as { code: string }).code} ${(error as Error).message}\n`,
    );
  });
  if (node === undefined) return;
  await node.close();
  process.stdout.write('closed\n');
};

/** Sends one message after the other, and says how long the slowest took. */
const load = async (address: string): Promise<void> => {
  const client = new NodeClient(address);
  await client.send(0, 'first');
  process.stdout.write('sending\n');
  let [count, longestMs] = [0, 0];
  for (const endMs = performance.now() + LOAD_MS; performance.now() < endMs; count++) {
    const sentMs = performance.now();
    await client.send(0, `message ${count}`);
    longestMs = Math.max(longestMs, performance.now() - sentMs);
  }
  client.close();
  process.stdout.write(`sent ${count} longest ${Math.ceil(longestMs)}\n`);
};

const [what, argument = ''] = process.argv.slice(2);
await (what === 'start' ? start(argument) : load(argument));
