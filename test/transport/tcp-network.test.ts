import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { is, ok } from 'uvu/assert';
import type { SocketAddress } from '../../src/base/index.ts';
import { tcpNetwork } from '../../src/transport/tcp-network.ts';
import { suite } from '../support/suite.ts';
import { networkCases, Recorder } from './network-cases.ts';

const test = suite('tcp-network');
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const until = async (isDone: () => boolean): Promise<void> => {
  while (!isDone()) await turn();
};

networkCases(test, () => ({ network: tcpNetwork(), until }));

test('a connect that gets no answer fails with ETIMEDOUT', async () => {
  // 192.0.2.0/24 is reserved for documentation: either nobody answers, or a router says at once that it is unreachable.
  const errors: (Error | undefined)[] = [];
  tcpNetwork().connect({ host: '192.0.2.1', port: 9876, timeoutMs: 50 }, (error) =>
    errors.push(error),
  );
  await until(() => errors.length > 0);
  const { code } = errors[0] as NodeJS.ErrnoException;
  ok(
    ['ETIMEDOUT', 'ENETUNREACH', 'EHOSTUNREACH', 'ECONNREFUSED'].includes(String(code)),
    String(code),
  );
  is(errors.length, 1);
});

test('an IPv4 peer of a dual-stack listener is named by its plain address', async () => {
  let address: SocketAddress | undefined;
  let isUnsupported = false;
  let remote: SocketAddress | undefined;
  const listener = tcpNetwork().listen(
    { host: '::', port: 0 },
    (socket) => {
      remote = socket.remote;
      socket.start(new Recorder());
      socket.destroy();
    },
    (error, bound) => {
      isUnsupported = error !== undefined;
      address = bound;
    },
  );
  await until(() => isUnsupported || address !== undefined);
  if (address === undefined) return; // This machine has no IPv6.
  tcpNetwork().connect({ host: '127.0.0.1', port: address.port, timeoutMs: 1000 }, (_, socket) =>
    socket?.start(new Recorder()),
  );
  await until(() => remote !== undefined);
  is(remote?.host, '127.0.0.1');
  listener.close();
});

test('a worker thread serves connections', async () => {
  const url = new URL('../../src/transport/tcp-network.js', import.meta.url).href;
  const worker = new Worker(
    `import { tcpNetwork } from ${JSON.stringify(url)};
     import { parentPort } from 'node:worker_threads';
     tcpNetwork().listen({ host: '127.0.0.1', port: 0 }, (socket) => {
       socket.start({ onData: (chunk) => socket.write(Buffer.from(chunk)), onDrain() {}, onClose() {} });
     }, (error, address) => parentPort.postMessage(address));`,
    { eval: true, execArgv: ['--input-type=module'] },
  );
  const [address] = (await once(worker, 'message')) as [SocketAddress];
  const recorder = new Recorder();
  tcpNetwork().connect({ ...address, timeoutMs: 1000 }, (_, socket) => {
    socket?.start(recorder);
    socket?.write(Buffer.from('echo'));
  });
  await until(() => recorder.text === 'echo');
  await worker.terminate();
  await until(() => recorder.closes === 1);
});
