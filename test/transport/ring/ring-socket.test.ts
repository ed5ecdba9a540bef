import { equal, is, ok } from 'uvu/assert';
import type { Socket } from '../../../src/base/index.ts';
import { RECORD_CREDIT, RECORD_DATA, WINDOW_BYTES } from '../../../src/transport/ring/records.ts';
import { suite } from '../../support/suite.ts';
import { Recorder } from '../network-cases.ts';
import { EchoHandler } from '../world.ts';
import { RingWorld } from './fixture.ts';
import { RawClient, readAll } from './raw-side.ts';

// What all sockets do, this one does in ring-network.test.ts; here is what only rings have.
const test = suite('a socket of a ring');

class InPlace extends Recorder {
  readonly pieces: string[] = [];

  onBytes(buffer: Buffer, start: number, end: number): void {
    this.pieces.push(buffer.toString('latin1', start, end));
  }

  onBytesEnd(): void {
    this.pieces.push('end');
  }
}

const create = (handler: Recorder) => {
  const world = new RingWorld(new EchoHandler());
  const client = new RawClient(world.pair, world.bell(world.pair.serverDoorbell));
  const sockets: Socket[] = [];
  world.serverHub.serve(world.pair, (socket) => {
    sockets.push(socket);
    socket.start(handler);
  });
  client.open(1);
  return { world, client, sockets };
};

test('bytes are handed over where they lie, and their end once a poll', () => {
  const handler = new InPlace();
  const { world, client, sockets } = create(handler);
  client.data(1, Buffer.from('one'));
  client.data(1, Buffer.from('two'));
  world.run();
  equal(handler.pieces, ['one', 'two', 'end']);
  is(sockets[0]?.isLocal, true);
  equal(sockets[0]?.remote, { host: '10.0.0.1', port: 1 });
});

test('T4: a socket that is destroyed inside of its own call hears no more', () => {
  const { world, client, sockets } = create(new InPlace());
  class Destroyer extends Recorder {
    calls = 0;
    onBytes(): void {
      this.calls += 1;
      sockets[1]?.destroy();
      sockets[1]?.destroy();
    }
  }
  const destroyer = new Destroyer();
  world.run();
  world.serverHub.serve(world.pair, (socket) => {
    sockets.push(socket);
    socket.start(destroyer);
  });
  client.open(2);
  client.data(2, Buffer.from('x'));
  client.data(2, Buffer.from('y'));
  world.run();
  equal([destroyer.calls, destroyer.closes], [1, 1]);
  is(sockets[1]?.write(Buffer.from('late')), true);
  ok(sockets[1]?.pendingBytes === 0);
});

const PIECE = Buffer.alloc(WINDOW_BYTES / 64, 1);

/** Bytes the client may send more, by what it has read. */
const creditOf = (client: RawClient): number => {
  client.read();
  return client.records
    .filter(({ type, id }) => type === RECORD_CREDIT && id === 1)
    .reduce((sum, { bytes }) => sum + bytes.readInt32BE(0), 0);
};

test('T8: a socket gives back what it has handed over, in halves of a window, and nothing while it keeps all', () => {
  const handler = new Recorder();
  const { world, client, sockets } = create(handler);
  const send = (pieces: number): void => {
    for (let piece = 0; piece < pieces; piece++) {
      client.data(1, PIECE);
      world.run();
    }
  };
  world.run();
  send(31);
  is(creditOf(client), 0);
  send(1);
  is(creditOf(client), WINDOW_BYTES / 2);
  sockets[0]?.pause();
  send(64);
  equal([creditOf(client), handler.bytes], [WINDOW_BYTES / 2, WINDOW_BYTES / 2]);
  sockets[0]?.resume();
  world.run();
  equal([creditOf(client), handler.bytes], [WINDOW_BYTES * 1.5, WINDOW_BYTES * 1.5]);
});

test('T8: a socket that has ended gives back what comes and what it kept: the other end is not kept waiting', () => {
  const { world, client, sockets } = create(new Recorder());
  world.run();
  const [socket] = sockets;
  socket?.pause();
  for (let piece = 0; piece < 20; piece++) {
    client.data(1, PIECE);
    world.run();
  }
  socket?.write(Buffer.alloc(WINDOW_BYTES + 1));
  socket?.end();
  for (let piece = 20; piece < 32; piece++) {
    client.data(1, PIECE);
    world.run();
  }
  readAll(world, client);
  is(creditOf(client), WINDOW_BYTES / 2);
});

test('T6: who sends more than the window of a paused socket loses that connection', () => {
  const handler = new Recorder();
  const { world, client, sockets } = create(handler);
  world.run();
  sockets[0]?.pause();
  for (let piece = 0; piece < 65; piece++) {
    equal(handler.closes, 0);
    client.data(1, PIECE);
    world.run();
  }
  is(handler.closes, 1);
});

test('T8: a socket sends a window, and the rest when it is told that more may come', () => {
  const handler = new Recorder();
  const { world, client, sockets } = create(handler);
  world.run();
  is(sockets[0]?.write(Buffer.alloc(WINDOW_BYTES + 4)), false);
  const data = (): number =>
    client.records
      .filter(({ type }) => type === RECORD_DATA)
      .reduce((sum, { bytes }) => sum + bytes.length, 0);
  readAll(world, client);
  equal([data(), sockets[0]?.pendingBytes, handler.drains], [WINDOW_BYTES, 4, 0]);
  const credit = (id: number, bytes: number): Buffer => {
    const payload = Buffer.alloc(8);
    payload.writeInt32BE(id);
    payload.writeInt32BE(bytes, 4);
    return payload;
  };
  client.put(RECORD_CREDIT, credit(99, 100));
  client.put(RECORD_CREDIT, credit(1, 100).subarray(0, 4));
  readAll(world, client);
  is(sockets[0]?.pendingBytes, 4);
  client.put(RECORD_CREDIT, credit(1, 100));
  readAll(world, client);
  equal([data(), sockets[0]?.pendingBytes, handler.drains], [WINDOW_BYTES + 4, 0, 1]);
});

test('a pause that follows a resume holds, and so does one between two of them', () => {
  const handler = new Recorder();
  const { world, client, sockets } = create(handler);
  world.run();
  const [socket] = sockets;
  socket?.pause();
  client.data(1, Buffer.from('one'));
  world.run();
  socket?.resume();
  socket?.pause();
  world.run();
  equal([handler.text, socket?.pendingBytes], ['', 0]);
  socket?.resume();
  socket?.pause();
  socket?.resume();
  world.run();
  is(handler.text, 'one');
});

test('of two resumes under way one is enough: a pause inside of it holds', () => {
  const pausing = new (class extends Recorder {
    override onData(chunk: Buffer): void {
      super.onData(chunk);
      sockets[0]?.pause();
    }
  })();
  const { world, client, sockets } = create(pausing);
  world.run();
  const [socket] = sockets;
  socket?.pause();
  client.data(1, Buffer.from('one'));
  client.data(1, Buffer.from('two'));
  world.run();
  socket?.resume();
  socket?.pause();
  socket?.resume();
  world.run();
  is(pausing.text, 'one');
  socket?.resume();
  world.run();
  is(pausing.text, 'onetwo');
});
