import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { Admin, PullConsumer } from '../../../src/client/index.ts';
import { eventually } from '../../support/eventually.ts';
import { type Ended, type Servers, spawnCommand, startServers } from './bench-child.ts';

/** Runs `saturnmq bench` to its end. */
export const bench = (...args: string[]): Promise<Ended> => spawnCommand(['bench', ...args]).ended;

/** Runs `body` with a name server and a broker of its own; `broker` goes into broker.conf. */
export const withServers = async (
  body: (servers: Servers, folder: string) => Promise<void>,
  broker: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-'));
  const file = join(folder, 'broker.conf');
  const lines = Object.entries(broker).map(([key, value]) => `${key}=${value}`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  const servers = await startServers(join(folder, 'store'), ['-c', file]);
  try {
    await body(servers, folder);
  } finally {
    if (servers.child.isRunning) await servers.child.kill9();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Creates a topic of two queues. */
export const createTopic = async ({ namesrvAddr }: Servers, name: string): Promise<void> => {
  const admin = new Admin({ namesrvAddr });
  await admin.start();
  await admin.createTopic(name, { queueNums: 2 });
  await admin.close();
};

const stored = async (consumer: PullConsumer, topic: string): Promise<number> => {
  const queues = await consumer.fetchMessageQueues(topic);
  const offsets = await Promise.all(queues.map((queue) => consumer.maxOffset(queue)));
  return offsets.reduce((sum, queueOffset) => sum + queueOffset, 0);
};

/** Waits until a load that was started has stored something. */
export const untilLoaded = async (
  { namesrvAddr }: Servers,
  topic: string,
  least = 100,
): Promise<void> => {
  const consumer = new PullConsumer({ namesrvAddr, consumerGroup: 'watch' });
  await consumer.start();
  const count = await eventually(
    () => stored(consumer, topic),
    (messages) => messages > least,
    15_000,
  );
  await consumer.close();
  assert.ok(count > least, String(count));
};
