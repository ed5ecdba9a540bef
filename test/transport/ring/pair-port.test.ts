import { equal, is, ok } from 'uvu/assert';
import type { Socket } from '../../../src/base/index.ts';
import { WINDOW_BYTES } from '../../../src/transport/ring/records.ts';
import { suite } from '../../support/suite.ts';
import { Recorder } from '../network-cases.ts';
import { EchoHandler } from '../world.ts';
import { RingWorld } from './fixture.ts';
import { RawClient, readAll } from './raw-side.ts';

const test = suite('one side of a pair');

const create = (bytes: number) => {
  const world = new RingWorld(new EchoHandler(), bytes);
  const client = new RawClient(world.pair, world.bell(world.pair.serverDoorbell));
  const sockets: Socket[] = [];
  const recorders: Recorder[] = [];
  world.serverHub.serve(world.pair, (socket) => {
    const recorder = new Recorder();
    socket.start(recorder);
    sockets.push(socket);
    recorders.push(recorder);
  });
  return { world, client, sockets, recorders };
};

test('T3: a port asks for room, writes on when it is given, and gives room when it has read', () => {
  const { world, client, sockets, recorders } = create(1024);
  client.open(1);
  world.run();
  const [socket] = sockets;
  const bytes = Buffer.alloc(5000, 3);
  is(socket?.write(bytes), false);
  ok(client.state.needsRoom('server'));
  readAll(world, client);
  const got = Buffer.concat(client.records.filter(({ id }) => id === 1).map((one) => one.bytes));
  is(got.length >= 5000, true);
  is(recorders[0]?.drains, 1);
  client.state.askForRoom('client');
  client.data(1, Buffer.from('x'));
  ok(client.state.needsRoom('client'));
  world.run();
  is(client.state.needsRoom('client'), false, 'what was read is free again');
});

test('T8: a paused connection is kept apart, whatever it may send, and its pair is read', () => {
  const { world, client, sockets, recorders } = create(1024 * 1024);
  client.open(1);
  client.open(2);
  world.run();
  sockets[0]?.pause();
  const piece = Buffer.alloc(WINDOW_BYTES / 16, 1);
  for (let sent = 0; sent < WINDOW_BYTES; sent += piece.length) {
    client.data(1, piece);
    world.run();
  }
  client.data(2, Buffer.from('beside'));
  world.run();
  is(recorders[0]?.bytes, 0);
  is(recorders[1]?.text, 'beside');
  sockets[0]?.resume();
  world.run();
  is(recorders[0]?.bytes, WINDOW_BYTES);
});

test('T7: what is kept for a paused connection is no longer in the ring', () => {
  const { world, client, sockets, recorders } = create(1024);
  client.open(1);
  client.open(2);
  world.run();
  sockets[0]?.pause();
  let sent = '';
  for (let index = 0; index < 40; index++) {
    const text = `piece ${index}, `;
    sent += text;
    client.data(1, Buffer.from(text));
    client.data(2, Buffer.alloc(100, 'x'));
    world.run();
  }
  sockets[0]?.resume();
  world.run();
  is(recorders[0]?.text, sent);
});

test('what came before a close is delivered before it, though the connection was paused', () => {
  const { world, client, sockets, recorders } = create(64 * 1024);
  client.open(1);
  world.run();
  sockets[0]?.pause();
  client.data(1, Buffer.from('last words'));
  client.close(1);
  world.run();
  equal([recorders[0]?.text, recorders[0]?.closes], ['', 0]);
  sockets[0]?.resume();
  world.run();
  equal([recorders[0]?.text, recorders[0]?.closes], ['last words', 1]);
});
