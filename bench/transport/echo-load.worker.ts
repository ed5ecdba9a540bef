// Load of echo.bench.ts: keeps `depth` requests in flight on each of `connections` sockets and counts answers by length.
import { connect } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const { port, connections, depth, request, answerBytes, answers } = workerData as {
  readonly port: number;
  readonly connections: number;
  readonly depth: number;
  readonly request: Uint8Array;
  readonly answerBytes: number;
  readonly answers: number;
};
const READ_BYTES = 64 * 1024;
const batch = Buffer.concat(Array.from({ length: depth }, () => request));
let left = answers;

const open = (): void => {
  let rest = 0;
  const socket = connect({
    host: '127.0.0.1',
    port,
    noDelay: true,
    onread: {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (bytes) => {
        rest += bytes;
        const complete = Math.floor(rest / answerBytes);
        rest -= complete * answerBytes;
        left -= complete;
        if (left <= 0) parentPort?.postMessage('done');
        else if (complete > 0) socket.write(batch.subarray(0, complete * request.length));
        return true;
      },
    },
  });
  socket.on('error', (error) => {
    throw error;
  });
  socket.write(batch);
};

for (let index = 0; index < connections; index++) open();
