import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { startChild } from '../support/child.ts';
import { eventually } from '../support/eventually.ts';
import { repositoryRoot } from '../support/java.ts';
import { suite } from '../support/suite.ts';

const test = suite('embed');
const LIMIT_MS = 120_000;
const READY_MS = 60_000;
const exampleOf = (name: string): string =>
  new URL(`../../examples/${name}.js`, import.meta.url).pathname;

const withFolder = async (
  parent: string,
  body: (folder: string) => Promise<void>,
): Promise<void> => {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'saturnmq-embed-'));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

test(
  'the HTTP server enqueues what it is sent, handles it, and keeps it over a restart',
  () =>
    withFolder(tmpdir(), async (folder) => {
      for (const round of [1, 2]) {
        const child = await startChild({
          name: 'embed-http',
          command: process.execPath,
          args: [exampleOf('embed-http'), join(folder, 'store')],
          env: { PORT: '0' },
          ready: /^orders on http/m,
          readyLimitMs: READY_MS,
        });
        const url = String(child.output().match(/orders on (\S+)/)?.[1]);
        const response = await fetch(url, { method: 'POST', body: `number ${round}` });
        assert.is(response.status, 202);
        assert.match(
          ((await response.json()) as { readonly msgId: string }).msgId,
          /^[0-9A-F]{32}$/,
        );
        await eventually(
          async () => child.output(),
          (output) => output.includes(`handled order number ${round}`),
          READY_MS,
        );
        assert.match(child.output(), new RegExp(`^handled order number ${round}$`, 'm'));
        child.signal('SIGTERM');
        const { code } = await child.ended;
        assert.is(code, 0, child.output());
        assert.match(child.output(), /^closed$/m);
        // What the first round handled is not handled again.
        if (round === 2) assert.not.match(child.output(), /number 1/);
      }
    }),
  LIMIT_MS,
);

test(
  'worker threads share a queue, and the program ends by itself',
  () =>
    withFolder(tmpdir(), async (folder) => {
      const child = spawn(process.execPath, [exampleOf('embed-workers'), join(folder, 's'), '500']);
      let output = '';
      child.stdout.on('data', (chunk) => (output += String(chunk)));
      child.stderr.on('data', (chunk) => (output += String(chunk)));
      const [code] = await once(child, 'close');
      assert.is(code, 0, output);
      assert.match(output, /^500 tasks handled by 2 threads$/m);
    }),
  LIMIT_MS,
);

const FIRST_MESSAGE = `const startedMs = performance.now();
const { Producer, PushConsumer, startNode } = await import('saturnmq');
const importedMs = performance.now();
const node = await startNode({ storePath: process.argv[2], listen: false });
const readyMs = performance.now();
const producer = new Producer({ node, producerGroup: 'p' });
await producer.start();
await producer.send({ topic: 'T', body: 'first' });
const sentMs = performance.now();
const consumer = new PushConsumer({ node, consumerGroup: 'c', consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' });
const received = new Promise((done) => consumer.subscribe('T', '*', (message) => done(message.body.toString())));
await consumer.start();
const body = await received;
const times = { imported: importedMs, ready: readyMs, sent: sentMs, [body]: performance.now() };
console.log(Object.entries(times).map(([name, at]) => name + ' ' + Math.round(at - startedMs)).join(', '));
await consumer.close();
await producer.close();
await node.close();
`;

test(
  'from the import to the first message',
  () =>
    // Inside of the clone, where the package finds itself by name.
    withFolder(join(repositoryRoot, '.cache'), async (folder) => {
      const file = join(folder, 'first.mjs');
      writeFileSync(file, FIRST_MESSAGE);
      const { stdout, stderr } = spawnSync(process.execPath, [file, join(folder, 'store')], {
        encoding: 'utf8',
        timeout: LIMIT_MS,
      });
      assert.match(stdout, /^imported \d+, ready \d+, sent \d+, first \d+$/m, stderr);
      process.stdout.write(`ms after the start: ${stdout}`);
    }),
  LIMIT_MS,
);
