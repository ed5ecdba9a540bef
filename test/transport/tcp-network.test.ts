import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { equal, is, ok } from 'uvu/assert';
import type { Socket, SocketAddress } from '../../src/base/index.ts';
import { duplicateDescriptor } from '../../src/storage/index.ts';
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

test('accepted connections are read into one memory, and each gets its own bytes', async () => {
  const memories = new Set<ArrayBufferLike>();
  const recorders: Recorder[] = [];
  let address: SocketAddress | undefined;
  const listener = tcpNetwork().listen(
    { host: '127.0.0.1', port: 0 },
    (socket) => {
      const recorder = new Recorder();
      recorders.push(recorder);
      const onBytes = (buffer: Buffer, start: number, end: number): void => {
        memories.add(buffer.buffer);
        recorder.onData(buffer.subarray(start, end));
      };
      socket.start({ onData() {}, onBytes, onDrain() {}, onClose() {} });
    },
    (_, bound) => {
      address = bound;
    },
  );
  await until(() => address !== undefined);
  const texts = ['a'.repeat(100_000), 'b'.repeat(100_000)];
  const clients: Socket[] = [];
  for (const text of texts) {
    const to = { host: '127.0.0.1', port: address?.port ?? 0, timeoutMs: 1000 };
    tcpNetwork().connect(to, (_, socket) => {
      if (socket === undefined) return;
      clients.push(socket);
      socket.start(new Recorder());
      socket.write(Buffer.from(text));
    });
  }
  await until(() => recorders.reduce((sum, { bytes }) => sum + bytes, 0) === 200_000);
  equal(recorders.map(({ text }) => text).sort(), texts);
  is(memories.size, 1);
  for (const client of clients) client.destroy();
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

/** The descriptor of the socket that listens on `port`, as the kernel lists it. */
const listeningDescriptor = (port: number): number | undefined => {
  const line = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((text) => text.trim().split(/\s+/))
    .find(
      ([, local, , state]) =>
        state === '0A' && Number.parseInt(local?.split(':')[1] ?? '', 16) === port,
    );
  const inode = line?.[9];
  const name = readdirSync('/proc/self/fd').find((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === `socket:[${inode}]`;
    } catch {
      return false; // The listing's own descriptor is gone by now.
    }
  });
  return name === undefined ? undefined : Number(name);
};

const listenOn = async (
  at: { host: string; port: number } | { fd: number },
  answer: string,
): Promise<{ address: SocketAddress; close: () => Promise<void> }> => {
  let address: SocketAddress | undefined;
  const listener = tcpNetwork().listen(
    at,
    (socket) => {
      socket.start(new Recorder());
      socket.write(Buffer.from(answer));
      socket.end();
    },
    (error, bound) => {
      is(error, undefined);
      address = bound;
    },
  );
  await until(() => address !== undefined);
  ok(address);
  const close = async (): Promise<void> => {
    let isClosed = false;
    listener.close(() => {
      isClosed = true;
    });
    await until(() => isClosed);
  };
  return { address, close };
};

const answerOf = async (address: SocketAddress): Promise<string> => {
  const recorder = new Recorder();
  tcpNetwork().connect({ ...address, timeoutMs: 1000 }, (error, socket) => {
    is(error, undefined);
    socket?.start(recorder);
  });
  await until(() => recorder.closes === 1);
  return recorder.text;
};

if (process.platform !== 'linux') {
  test.skip('listening on a descriptor', 'descriptors are duplicated on Linux only');
} else {
  test('a duplicate of a listening descriptor goes on where the first listener ended', async () => {
    const first = await listenOn({ host: '127.0.0.1', port: 0 }, 'first');
    is(await answerOf(first.address), 'first');
    const descriptor = listeningDescriptor(first.address.port);
    ok(descriptor !== undefined);
    const kept = duplicateDescriptor(descriptor);
    ok(kept !== undefined);
    await first.close();
    const waiting = answerOf(first.address); // Nobody accepts now: the kernel keeps the connection.
    const second = await listenOn({ fd: kept }, 'second');
    is(second.address.port, first.address.port);
    is(await waiting, 'second');
    await second.close();
  });
}
