// Measures: requests answered by a RemotingServer over loopback TCP whose handler only writes a ready-made answer.
// Threads: 2 (the server here, the load in a worker). Unit: requests a second.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { assert, silentLogger, systemClock, systemScheduler } from '../../src/base/index.ts';
import { CURRENT_VERSION, encodeCommand, type RemotingCommand } from '../../src/protocol/index.ts';
import { RemotingServer, tcpNetwork } from '../../src/transport/index.ts';
import { repeat, report, size } from '../support/measure.ts';

const answers = size(20_000, 1_000_000);
const rounds = size(2, 5);
const OPAQUE_POSITION = 13;

const command = (code: number, over: Partial<RemotingCommand>): RemotingCommand => ({
  code,
  language: 'JAVA',
  version: CURRENT_VERSION,
  opaque: 0,
  flag: 0,
  ...over,
});

const request = encodeCommand(
  command(310, {
    opaque: 1,
    extFields: {
      a: 'bench_group',
      b: 'TopicTest',
      c: 'TBW102',
      d: '4',
      e: '2',
      f: '0',
      g: '1700000000000',
      h: '0',
      i: 'UNIQ_KEY\u00017F00000100002A9F0000000000000000\u0002WAIT\u0001true',
      j: '0',
      k: 'false',
      m: 'false',
    },
    body: Buffer.alloc(128, 'a'),
  }),
  0,
);
const answer = encodeCommand(
  command(0, {
    flag: 1,
    extFields: {
      msgId: '7F00000100002A9F0000000000000000',
      queueId: '3',
      queueOffset: '123456',
      MSG_REGION: 'DefaultRegion',
      TRACE_ON: 'true',
    },
  }),
  1,
);

let answered = 0;
const server = new RemotingServer({
  network: tcpNetwork(),
  scheduler: systemScheduler,
  clock: systemClock,
  logger: silentLogger,
  handler: {
    onRequest(view, { output }) {
      const start = output.reserve(answer.length);
      answer.copy(output.buffer, start);
      output.buffer.writeInt32BE(view.opaque, start + OPAQUE_POSITION);
      output.length = start + answer.length;
      answered += 1;
    },
    onTurnEnd: () => undefined,
    onClose: () => undefined,
  },
});

const port = await new Promise<number>((resolve, reject) => {
  server.listen({ host: '127.0.0.1', port: 0 }, (error, address) => {
    if (address === undefined) reject(error);
    else resolve(address.port);
  });
});

const run = async (connections: number, depth: number): Promise<number> => {
  const before = answered;
  const startMs = performance.now();
  const worker = new Worker(new URL('./echo-load.worker.js', import.meta.url), {
    workerData: { port, connections, depth, request, answerBytes: answer.length, answers },
  });
  await once(worker, 'message');
  const tookMs = performance.now() - startMs;
  await worker.terminate();
  assert(answered - before >= answers, 'lost requests');
  return (answers / tookMs) * 1000;
};

for (const [connections, depth] of [
  [4, 1],
  [4, 32],
  [64, 4],
] as const) {
  const perSecond = await repeat(rounds, () => run(connections, depth));
  report('transport/echo', 'requests/s', { connections, depth, perSecond });
}
server.close();
