// A server thread: answers each request with its body, hot and positional where `isHot`.
import { parentPort, workerData } from 'node:worker_threads';
import { silentLogger, systemClock, systemScheduler } from '../../../src/base/index.ts';
import { HotResponse } from '../../../src/protocol/index.ts';
import {
  RemotingServer,
  RingHub,
  type RingPair,
  tcpNetwork,
} from '../../../src/transport/index.ts';

/** What the thread is given. */
export interface EchoTask {
  readonly pairs: readonly RingPair[];
  readonly spinUs: number;
}

const run = ({ pairs, spinUs }: EchoTask): void => {
  const parts = { clock: systemClock, scheduler: systemScheduler, logger: silentLogger };
  const [first] = pairs;
  if (first === undefined) throw new Error('no pair to serve');
  const hub = new RingHub({ ...parts, doorbell: first.serverDoorbell, spinUs });
  const head = new HotResponse([{ key: 'queueOffset', number: true }]);
  let answered = 0;
  const server = new RemotingServer({
    ...parts,
    network: tcpNetwork(),
    handler: {
      onRequest(view, { output }) {
        if (view.isOneway) return;
        const { buffer, bodyStart, bodyEnd, bodyBytes, headerType, opaque } = view;
        head.numbers[0] = answered;
        answered += 1;
        const headBytes = head.headBytes(headerType, opaque, 0);
        const start = output.reserve(headBytes + bodyBytes);
        const at = head.write(output.buffer, start, headerType, opaque, 0, bodyBytes);
        buffer.copy(output.buffer, at, bodyStart, bodyEnd);
        output.length = start + headBytes + bodyBytes;
      },
      onTurnEnd: () => undefined,
      onClose: () => undefined,
    },
  });
  for (const pair of pairs) hub.serve(pair, (socket) => server.adopt(socket));
  parentPort?.postMessage('serving');
};

if (workerData !== null && workerData !== undefined) run(workerData as EchoTask);
