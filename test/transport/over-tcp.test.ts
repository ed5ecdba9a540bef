import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { is, ok } from 'uvu/assert';
import {
  type SocketAddress,
  silentLogger,
  systemClock,
  systemScheduler,
} from '../../src/base/index.ts';
import { encodeCommand, type RemotingCommand } from '../../src/protocol/index.ts';
import {
  formatAddress,
  RemotingClient,
  RemotingServer,
  tcpNetwork,
} from '../../src/transport/index.ts';
import { suite } from '../support/suite.ts';
import { command, EchoHandler } from './world.ts';

const test = suite('over-tcp');

const parts = {
  network: tcpNetwork(),
  scheduler: systemScheduler,
  clock: systemClock,
  logger: silentLogger,
};

const serve = async (handler = new EchoHandler()) => {
  const server = new RemotingServer({ ...parts, handler });
  const address = await new Promise<SocketAddress>((resolve, reject) => {
    server.listen({ host: '127.0.0.1', port: 0 }, (error, bound) => {
      if (bound === undefined) reject(error);
      else resolve(bound);
    });
  });
  const close = (): Promise<void> => new Promise((resolve) => server.close(resolve));
  return { server, handler, address, text: formatAddress(address), close };
};

const ask = (
  client: RemotingClient,
  address: string,
  request: RemotingCommand,
): Promise<RemotingCommand> =>
  new Promise((resolve, reject) => {
    client.request(address, request, 10_000, (error, response) => {
      if (response === undefined) reject(error);
      else resolve(response);
    });
  });

const until = async (isSo: () => boolean): Promise<void> => {
  for (let waits = 0; !isSo() && waits < 100; waits++)
    await new Promise((done) => setTimeout(done, 50));
  ok(isSo());
};

const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

test('a server that does not close its end keeps no closed client in the process', async () => {
  const far: Socket[] = [];
  const silent = createServer({ allowHalfOpen: true }, (socket) => far.push(socket.resume()));
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const address = silent.address();
  const client = new RemotingClient(parts);
  const server = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  client.oneway(server, command(10));
  await until(() => client.isConnected(server) && far.length === 1);
  const before = openSockets();
  client.close();
  await until(() => openSockets() === before - 1);
  for (const socket of far) socket.destroy();
  silent.close();
});

test('thousands of calls on real sockets get their own answers', async () => {
  const { text, close, handler } = await serve();
  const clients = ([0, 1] as const).map(
    (headerType) => new RemotingClient({ ...parts, headerType }),
  );
  const answers = await Promise.all(
    Array.from({ length: 4000 }, (_, index) => {
      const body = Buffer.from(`${index}`);
      return ask(clients[index % 2] as RemotingClient, text, command(10, { body }));
    }),
  );
  answers.forEach((answer, index) => {
    is(answer.body?.toString(), `${index}`);
  });
  is(handler.opened.length, 2);
  for (const client of clients) client.close();
  await close();
});

test('large bodies go through both ways, while small calls on another connection are answered', async () => {
  const { text, close } = await serve();
  const [large, small] = [new RemotingClient(parts), new RemotingClient(parts)];
  const bodies = [1, 2, 3].map((fill) => Buffer.alloc(8 * 1024 * 1024, fill));
  const waiting = bodies.map((body) => ask(large, text, command(10, { body })));
  for (let index = 0; index < 20; index++) is((await ask(small, text, command(10))).code, 0);
  const answers = await Promise.all(waiting);
  answers.forEach((answer, index) => {
    ok(answer.body?.equals(bodies[index] as Buffer));
  });
  large.close();
  small.close();
  await close();
});

test('a client that ends its side after asking still gets its answer', async () => {
  const { address, close } = await serve();
  const socket = connect(address.port, '127.0.0.1');
  socket.end(encodeCommand(command(10, { opaque: 5, body: Buffer.from('last') })));
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await new Promise((resolve) => socket.on('close', resolve));
  ok(Buffer.concat(chunks).toString().endsWith('last'));
  await close();
});

test('closing the server ends hundreds of connections and frees the port', async () => {
  const { server, address, text, close } = await serve();
  const clients = Array.from({ length: 200 }, () => new RemotingClient(parts));
  await Promise.all(clients.map((client) => ask(client, text, command(10))));
  is(server.peers.size, 200);
  await close();
  is(server.peers.size, 0);
  const again = new RemotingServer({ ...parts, handler: new EchoHandler() });
  await new Promise<void>((resolve, reject) => {
    again.listen(address, (error) => (error === undefined ? resolve() : reject(error)));
  });
  const client = clients[0] as RemotingClient;
  is((await ask(client, text, command(10))).code, 0, 'the same client connects anew');
  for (const each of clients) each.close();
  await new Promise<void>((resolve) => again.close(resolve));
});
