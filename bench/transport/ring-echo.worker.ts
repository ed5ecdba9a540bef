// Server of ring.bench.ts: one RemotingServer that takes connections from a ring pair and from TCP, and answers each
// request with a send's answer.
import { parentPort, workerData } from 'node:worker_threads';
import { silentLogger, systemClock, systemScheduler } from '../../src/base/index.ts';
import { HotResponse } from '../../src/protocol/index.ts';
import { RemotingServer, RingHub, type RingPair, tcpNetwork } from '../../src/transport/index.ts';

const { pair, spinUs } = workerData as { readonly pair: RingPair; readonly spinUs: number };
const parts = { clock: systemClock, scheduler: systemScheduler, logger: silentLogger };
const hub = new RingHub({ ...parts, doorbell: pair.serverDoorbell, spinUs });
const response = new HotResponse([
  { key: 'msgId', hexAfter: '7F00000100002A9F' },
  { key: 'queueId', number: true },
  { key: 'queueOffset', number: true },
]);
response.numbers.set([123_456_789, 3, 123_456]);
const server = new RemotingServer({
  ...parts,
  network: tcpNetwork(),
  handler: {
    onRequest({ headerType, opaque }, { output }) {
      const start = output.reserve(response.headBytes(headerType, opaque, 0));
      output.length = response.write(output.buffer, start, headerType, opaque, 0, 0);
    },
    onTurnEnd: () => undefined,
    onClose: () => undefined,
  },
});
hub.serve(pair, (socket) => server.adopt(socket));
server.listen({ host: '127.0.0.1', port: 0 }, (error, address) => {
  if (address === undefined) throw error;
  parentPort?.postMessage(address.port);
});
