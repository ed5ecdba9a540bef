// What a pull of long messages costs the server: one store, one TCP connection on loopback, the reader in a thread of its
// own. One message of 1 MiB a pull, or 200 of 1 KiB that lie side by side. copied: all records are copied to the
// connection's output. lent: runs longer than 64 KiB are written from the map. The unit is processor time of the serving
// thread, user and system, in microseconds per MiB. Smoke and full differ in the number of pulls.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  type SocketAddress,
  silentLogger,
  systemClock,
  systemRandom,
  systemScheduler,
} from '../../src/base/index.ts';
import { PullAnswer } from '../../src/broker/pull-answer.ts';
import { PullWork } from '../../src/broker/pull-work.ts';
import { encodeCommand, type RequestView, requestOf } from '../../src/protocol/index.ts';
import { createMappedDisk, MessageStore, PutStatus } from '../../src/storage/index.ts';
import {
  OutputBuffer,
  OutputPool,
  type Peer,
  RemotingServer,
  tcpNetwork,
} from '../../src/transport/index.ts';
import { report, size, spread } from '../support/measure.ts';

const MIB = 1024 * 1024;
const PULLS = size(64, 4096);
const ROUNDS = size(2, 5);
const DEPTH = 4;

/** Nanoseconds the main thread has been on a processor. */
const threadNs = (): number =>
  Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]);

/** A store with 16 MiB of messages of one length, one queue. */
const openStore = (root: string, bodyBytes: number): MessageStore => {
  const parts = { scheduler: systemScheduler, clock: systemClock, logger: silentLogger };
  const store = MessageStore.open(
    { storePathRootDir: root, maxTransferCountOnMessageInMemory: 1000 },
    { ...parts, random: systemRandom, disk: createMappedDisk(parts) },
  );
  const { message } = store;
  const host = Buffer.from([10, 1, 2, 3]);
  const body = Buffer.alloc(bodyBytes, 'b');
  const queue = store.queue('Topic', 0);
  Object.assign(message, { queue, bornHost: host, storeHost: host, body, bodyBytes });
  for (let count = 0; count < (16 * MIB) / bodyBytes; count++)
    if (store.append(message) !== PutStatus.PUT_OK) throw new Error('an append was refused');
  store.endTurn();
  return store;
};

/** Answers every request with the queue's first messages; returns the port. */
const serve = (store: MessageStore, answer: PullAnswer, maxMessages: number) => {
  const queue = store.queue('Topic', 0);
  const work = Object.assign(new PullWork(), { maxMessages });
  const server = new RemotingServer({
    network: tcpNetwork(),
    scheduler: systemScheduler,
    clock: systemClock,
    logger: silentLogger,
    handler: {
      onRequest(view: RequestView, peer: Peer): void {
        work.opaque = 1; // All answers have one length.
        work.headerType = view.headerType;
        answer.execute(queue, work, peer);
      },
      onTurnEnd: () => undefined,
      onClose: () => undefined,
    },
  });
  return new Promise<{ port: number; close: () => void }>((resolve, reject) => {
    server.listen({ host: '127.0.0.1', port: 0 }, (error, address?: SocketAddress) => {
      if (address === undefined) reject(error);
      else resolve({ port: address.port, close: () => server.close(() => undefined) });
    });
  });
};

/** Microseconds of the serving thread a MiB. */
const pull = async (port: number, answerBytes: number): Promise<number> => {
  const request = encodeCommand({ ...requestOf(11), opaque: 1 });
  const workerData = { port, connections: 1, depth: DEPTH, request, answerBytes, answers: PULLS };
  const script = new URL('../transport/echo-load.worker.js', import.meta.url);
  const worker = new Worker(script, { workerData });
  await once(worker, 'online');
  const startNs = threadNs();
  await once(worker, 'message');
  const ns = threadNs() - startNs;
  await worker.terminate();
  return ns / 1000 / ((PULLS * answerBytes) / MIB);
};

/** Length of one answer: a pull into an output of its own. */
const answerBytesOf = (store: MessageStore, answer: PullAnswer, maxMessages: number): number => {
  const output = new OutputBuffer(new OutputPool(), {
    onFirstBytes: () => undefined,
    onGrow: () => undefined,
  });
  const work = Object.assign(new PullWork(), { opaque: 1, maxMessages });
  answer.execute(store.queue('Topic', 0), work, { output } as Peer); // It touches nothing else of it.
  const bytes = output.size;
  output.release();
  return bytes;
};

const measure = async (name: string, bodyBytes: number, maxMessages: number): Promise<void> => {
  const root = mkdtempSync(join(tmpdir(), 'saturnmq-bench-'));
  try {
    const store = openStore(root, bodyBytes);
    const answer = new PullAnswer(store);
    const answerBytes = answerBytesOf(store, answer, maxMessages);
    if (answerBytes < bodyBytes * maxMessages) throw new Error('an answer lacks messages');
    const { port, close } = await serve(store, answer, maxMessages);
    const samples = { copied: [] as number[], lent: [] as number[] };
    for (let round = 0; round < ROUNDS; round++)
      for (const kind of ['copied', 'lent'] as const) {
        answer.result.canLend = kind === 'lent';
        samples[kind].push(await pull(port, answerBytes));
      }
    for (const kind of ['copied', 'lent'] as const)
      report(`storage/pull-long/${name}/${kind}`, 'CPU-µs/MiB', spread(samples[kind]));
    close();
    await new Promise<void>((resolve) => store.close(() => resolve()));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};

await measure('1 x 1 MiB', MIB, 1);
await measure('200 x 1 KiB', 1024, 200);
process.exit(0);
