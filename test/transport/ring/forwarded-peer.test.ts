import { equal, is, ok } from 'uvu/assert';
import { encodeCommand, type RequestView } from '../../../src/protocol/index.ts';
import { Peer } from '../../../src/transport/index.ts';
import { suite } from '../../support/suite.ts';
import { command, EchoHandler } from '../world.ts';
import { answerOf, ForwardWorld, MIB, UNREAD_BYTES_MAX } from './forward-world.ts';

const test = suite('a client of a forwarder');

/** Answers each request with a body of `bytes`. */
class BigHandler extends EchoHandler {
  readonly #bytes: number;

  constructor(bytes: number) {
    super();
    this.#bytes = bytes;
  }

  override onRequest(view: RequestView, peer: Peer): void {
    this.codes.push(view.code);
    const bytes = view.code === 66 ? 10 : this.#bytes;
    peer.reply(command(0, { body: Buffer.alloc(bytes, view.opaque) }), view);
  }
}

test('F1: who does not read its answers is not read, in bounds, while others are served', () => {
  const handler = new BigHandler(MIB);
  const world = new ForwardWorld(handler);
  world.serve();
  const slow = world.connect();
  const other = world.connect();
  slow.socket.pause();
  for (let opaque = 0; opaque < 40; opaque++) slow.send(command(10, { opaque }));
  world.advance(50);
  const answered = handler.codes.length;
  ok(answered > 0 && answered * MIB <= UNREAD_BYTES_MAX, `${answered} answered`);
  for (let opaque = 0; opaque < 100; opaque++) {
    other.send(command(66, { opaque }));
    world.advance(1);
    is(other.frames().length, opaque + 1);
  }
  slow.socket.resume();
  world.advance(500);
  const frames = slow.frames();
  equal(
    frames.map((frame) => [answerOf(frame).body.length, answerOf(frame).body[7]]),
    frames.map((_, opaque) => [MIB, opaque]),
  );
  is(frames.length, 40);
  is(world.server.peers.size, 2);
});

test('the answers of one poll leave in parts', () => {
  const handler = new BigHandler(400);
  const world = new ForwardWorld(handler);
  world.serve();
  const client = world.connect();
  const writes: number[] = [];
  const { flush } = Peer.prototype;
  Peer.prototype.flush = function (): void {
    writes.push(this.output.length);
    flush.call(this);
  };
  try {
    const requests = Array.from({ length: 200 }, (_, opaque) => command(10, { opaque }));
    client.socket.write(Buffer.concat(requests.map((request) => encodeCommand(request, 0))));
    world.advance(5);
  } finally {
    Peer.prototype.flush = flush;
  }
  is(client.frames().length, 200);
  ok(Math.max(...writes) < 16 * 1024 + 512, `${Math.max(...writes)} bytes in one write`);
});

test('who never reads is closed at the limit of the server’s own port, and others are not', () => {
  const handler = new EchoHandler();
  const world = new ForwardWorld(handler);
  world.serve();
  const slow = world.connect();
  const other = world.connect();
  world.advance(1);
  slow.socket.pause();
  // Not asked for: nothing stops a server that sends by itself.
  for (let mib = 0; mib < 80; mib++) {
    handler.opened[0]?.oneway(command(40, { body: Buffer.alloc(MIB) }));
    world.advance(1);
  }
  is(handler.closed.length, 1);
  ok(
    world.lines.some(({ facts }) =>
      /bytes of answers were not read/.test(Reflect.get(facts, 'reason')),
    ),
  );
  other.send(command(10));
  world.advance(1);
  is(other.frames().length, 1);
});

test('F1: a client whom the server does not read is not read, and others of the pair are', () => {
  class Holding extends EchoHandler {
    override onRequest(view: RequestView, peer: Peer): void {
      super.onRequest(view, peer);
      if (view.code === 66) peer.pauseReading();
    }
  }
  const handler = new Holding();
  const world = new ForwardWorld(handler, 64 * 1024);
  world.serve();
  const held = world.connect();
  const other = world.connect();
  held.send(command(66));
  const body = Buffer.alloc(10_000, 7);
  let sent = 0;
  while (sent < 400 && held.socket.pendingBytes === 0) {
    held.send(command(10, { opaque: sent, body }));
    sent += 1;
    world.advance(1);
  }
  ok(sent < 400, 'the client is made to wait');
  equal(handler.codes, [66]);
  for (let opaque = 0; opaque < 50; opaque++) {
    other.send(command(10, { opaque }));
    world.advance(1);
  }
  is(other.frames().length, 50);
  handler.opened[0]?.resumeReading();
  world.advance(200);
  const frames = held.frames();
  is(frames.length, sent + 1);
  ok(frames.slice(1).every((frame) => answerOf(frame).body.equals(body)));
  equal(
    frames.slice(1).map((frame) => answerOf(frame).opaque),
    Array.from({ length: sent }, (_, opaque) => opaque),
  );
});

test('F1: a full ring makes clients wait, and nothing is lost', () => {
  const handler = new EchoHandler();
  const world = new ForwardWorld(handler, 4096);
  const clients = Array.from({ length: 5 }, () => world.connect());
  // Nobody serves yet: all of it waits in the ring, here, and at the clients.
  const body = (opaque: number): Buffer => Buffer.alloc(opaque * 37, opaque);
  for (let opaque = 0; opaque < 60; opaque++)
    for (const client of clients) client.send(command(10, { opaque, body: body(opaque) }));
  world.advance(20);
  is(handler.codes.length, 0);
  world.serve();
  world.advance(500);
  for (const client of clients) {
    equal(
      client.frames().map((frame) => answerOf(frame).body),
      Array.from({ length: 60 }, (_, opaque) => body(opaque)),
    );
  }
});

test('F2: all that a client has sent reaches the server before its end, however much waits', () => {
  class Holding extends EchoHandler {
    override onRequest(view: RequestView, peer: Peer): void {
      this.codes.push(view.code);
      if (view.code === 66) peer.pauseReading();
    }
  }
  const handler = new Holding();
  const world = new ForwardWorld(handler);
  world.serve();
  const client = world.connect();
  client.send(command(66));
  const body = Buffer.alloc(MIB / 4);
  for (let sent = 0; sent < 12; sent++) client.send(command(10, { body }));
  world.advance(20);
  client.socket.end();
  world.advance(20);
  equal(handler.codes, [66]);
  handler.opened[0]?.resumeReading();
  world.advance(100);
  is(handler.codes.length, 13);
  equal([world.forwarder.connections, world.server.peers.size], [0, 0]);
});

test('F2: a client that goes without having read is let go of at once', () => {
  const handler = new BigHandler(MIB);
  const world = new ForwardWorld(handler);
  world.serve();
  const slow = world.connect();
  slow.socket.pause();
  for (let round = 0; round < 20; round++) {
    for (let opaque = 0; opaque < 10; opaque++) slow.send(command(10, { opaque }));
    world.advance(2);
  }
  ok(handler.codes.length < 200, 'it is not read any more');
  world.network.cut();
  world.advance(100);
  equal([world.forwarder.connections, world.server.peers.size], [0, 0]);
});

test('F2: a client that goes while the server does not read it is let go of', () => {
  class Holding extends EchoHandler {
    override onRequest(view: RequestView, peer: Peer): void {
      super.onRequest(view, peer);
      peer.pauseReading();
    }
  }
  const handler = new Holding();
  const world = new ForwardWorld(handler, 16 * 1024);
  world.serve();
  const client = world.connect();
  for (let opaque = 0; opaque < 50; opaque++)
    client.send(command(10, { opaque, body: Buffer.alloc(1000) }));
  world.advance(20);
  world.network.cut();
  world.advance(20);
  is(world.forwarder.connections, 0);
  handler.opened[0]?.destroy();
  world.advance(5);
  is(world.server.peers.size, 0);
  const next = world.connect();
  next.send(command(10));
  world.advance(5);
  is(next.frames().length, 1);
});
