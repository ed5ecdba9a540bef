import { once } from 'node:events';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import * as assert from 'uvu/assert';
import { bindSocket, type ListeningSocket } from '../../src/node/listening-socket.ts';
import { suite } from '../support/suite.ts';
import { descriptorCount, failureOf, HOST } from './node-fixture.ts';

const test = suite('listening socket');
const ROUNDS = 200;
const DESCRIPTORS_MAX = 1000;

const withSocket = async (body: (socket: ListeningSocket) => Promise<void>): Promise<void> => {
  const socket = await bindSocket(HOST, 0);
  try {
    await body(socket);
  } finally {
    socket.close();
  }
};

/** Connects and closes; the error's code where that was refused. */
const dial = async (port: number): Promise<unknown> => {
  const stream = connect({ host: HOST, port });
  const { code } = await failureOf(once(stream, 'connect'));
  stream.destroy();
  return code;
};

const descriptorOf = (socket: ListeningSocket): number => {
  const at = socket.share();
  if (!('fd' in at)) throw new Error('descriptors cannot be duplicated here');
  return at.fd;
};

test('port 0 binds a free port, which is taken from then on', () =>
  withSocket(async (socket) => {
    assert.ok(socket.port > 0);
    const { code } = await failureOf(bindSocket(HOST, socket.port));
    assert.is(code, 'EADDRINUSE');
  }));

test('an impossible port or address rejects', async () => {
  assert.is((await failureOf(bindSocket(HOST, -1))).code, 'ERR_SOCKET_BAD_PORT');
  assert.is((await failureOf(bindSocket('192.0.2.1', 0))).code, 'EADDRNOTAVAIL');
});

test('connections wait while nobody serves, and the next server gets them', () =>
  withSocket(async (socket) => {
    for (let round = 0; round < 3; round++) {
      const client = connect({ host: HOST, port: socket.port });
      await once(client, 'connect');
      const server = createServer((stream) => stream.end(`round ${round}`));
      server.listen(socket.share());
      const [bytes] = await once(client, 'data');
      assert.is(String(bytes), `round ${round}`);
      client.destroy();
      server.close();
      await once(server, 'close');
    }
  }));

test('a closed socket refuses, unless a duplicate of it is still open', async () => {
  const socket = await bindSocket(HOST, 0);
  const duplicate = descriptorOf(socket);
  socket.close();
  assert.is(await dial(socket.port), undefined);
  closeSync(duplicate);
  assert.is(await dial(socket.port), 'ECONNREFUSED');
});

test('reclaim closes what nobody listened on, and nothing else', () =>
  withSocket(async (socket) => {
    const unused = descriptorOf(socket);
    const used = descriptorOf(socket);
    closeSync(used);
    // The lowest free number is given out first: soon it is the one that was closed.
    const opened: number[] = [];
    while (!opened.includes(used) && opened.length < DESCRIPTORS_MAX)
      opened.push(openSync('/dev/null', 'r'));
    assert.ok(opened.includes(used), 'a number that was closed is given out again');
    socket.reclaim();
    assert.throws(() => fstatSync(unused), /EBADF/);
    for (const fd of opened) closeSync(fd);
    const count = descriptorCount();
    socket.reclaim();
    assert.is(descriptorCount(), count);
    assert.is(await dial(socket.port), undefined);
  }));

test('of several that serve, only what the dead one was given is reclaimed', () =>
  withSocket(async (socket) => {
    const shareWith = (owner: string): number => {
      const at = socket.share(owner);
      return 'fd' in at ? at.fd : -1;
    };
    const first = shareWith('first');
    const second = shareWith('second');
    closeSync(first); // It was listened on, and its thread died.
    const third = shareWith('third');
    assert.is(third, first, 'the number is given out again');
    socket.reclaim('first');
    assert.ok(fstatSync(second).isSocket() && fstatSync(third).isSocket());
    socket.reclaim('second');
    assert.throws(() => fstatSync(second), /EBADF/);
    assert.ok(fstatSync(third).isSocket());
    socket.reclaim('third');
    assert.throws(() => fstatSync(third), /EBADF/);
  }));

test('sockets bound, shared and closed leave no descriptor behind', async () => {
  const before = descriptorCount();
  for (let round = 0; round < ROUNDS; round++) {
    const socket = await bindSocket(HOST, 0);
    socket.share();
    socket.reclaim();
    socket.close();
  }
  assert.is(descriptorCount(), before);
});
