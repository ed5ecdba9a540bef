import { equal, is, ok } from 'uvu/assert';
import type { Socket } from '../../../src/base/index.ts';
import { RECORD_DATA, RECORD_GO, RECORD_STOP } from '../../../src/transport/ring/records.ts';
import { suite } from '../../support/suite.ts';
import { Recorder } from '../network-cases.ts';
import { EchoHandler } from '../world.ts';
import { RingWorld } from './fixture.ts';
import { RawClient } from './raw-side.ts';

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

test('T8: a paused socket says stop with the first bytes it keeps, and go when it has handed all over', () => {
  const handler = new Recorder();
  const { world, client, sockets } = create(handler);
  world.run();
  sockets[0]?.pause();
  world.run();
  client.read();
  const flow = (): number[] =>
    client.records
      .map(({ type }) => type)
      .filter((type) => type === RECORD_STOP || type === RECORD_GO);
  equal(flow(), [], 'a pause that keeps nothing back is nobody’s business');
  client.data(1, Buffer.from('one'));
  client.data(1, Buffer.from('two'));
  world.run();
  client.read();
  equal([flow(), handler.text], [[RECORD_STOP], '']);
  sockets[0]?.resume();
  world.run();
  client.read();
  equal([flow(), handler.text], [[RECORD_STOP, RECORD_GO], 'onetwo']);
});

test('T8: a socket told to stop keeps what is written until it is told to go', () => {
  const handler = new Recorder();
  const { world, client, sockets } = create(handler);
  world.run();
  const id = Buffer.from([0, 0, 0, 1]);
  client.put(RECORD_STOP, id);
  client.put(RECORD_STOP, Buffer.from([0, 0, 0, 99]));
  world.run();
  is(sockets[0]?.write(Buffer.from('late')), false);
  world.run();
  client.read();
  const data = (): number => client.records.filter(({ type }) => type === RECORD_DATA).length;
  equal([data(), sockets[0]?.pendingBytes, handler.drains], [0, 4, 0]);
  client.put(RECORD_GO, id);
  world.run();
  client.read();
  equal([data(), sockets[0]?.pendingBytes, handler.drains], [1, 0, 1]);
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
