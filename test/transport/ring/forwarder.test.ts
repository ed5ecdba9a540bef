import { equal, is, not, ok } from 'uvu/assert';
import { encodeCommand, type RequestView } from '../../../src/protocol/index.ts';
import type { Peer } from '../../../src/transport/index.ts';
import { suite } from '../../support/suite.ts';
import { command, EchoHandler } from '../world.ts';
import { answerOf, ForwardWorld, MIB } from './forward-world.ts';

const test = suite('a forwarder');
const FRAME_COMPLETE_MS = 30_000;
const IDLE_MS = 120_000;
const SWEEP_MS = 5000;

const createWorld = (handler = new EchoHandler()) => {
  const world = new ForwardWorld(handler);
  world.serve();
  return { world, handler };
};

test('clients are answered by a server of another thread, in their order and encoding', () => {
  const { world, handler } = createWorld();
  const clients = [world.connect(), world.connect('fe80::7')];
  for (let opaque = 0; opaque < 50; opaque++) {
    for (const [index, client] of clients.entries())
      client.send(command(10, { opaque, body: Buffer.from(`${opaque}`) }), index as 0 | 1);
  }
  world.advance(10);
  for (const [index, client] of clients.entries()) {
    const frames = client.frames();
    is(frames.length, 50);
    ok(frames.every((frame) => frame[4] === index));
    equal(
      frames.map((frame) => [answerOf(frame).opaque, answerOf(frame).body.toString()]),
      frames.map((_, opaque) => [opaque, `${opaque}`]),
    );
  }
  const [first, second] = handler.opened;
  equal([first?.remoteIp.toString('hex'), first?.localPort], ['0a000009', 10_911]);
  is(first?.remotePort, clients[0]?.socket.local.port);
  ok(/^\[fe80::7\]:\d+$/.test(second?.remoteAddress ?? ''));
});

test('frames of any length pass, and those of one read event come together', () => {
  const { world, handler } = createWorld();
  const client = world.connect();
  const sizes = [0, 1, 60_000, 70_000, 4 * MIB, 3, 65_536, 65_000, 2000];
  for (const [opaque, size] of sizes.entries())
    client.send(command(10, { opaque, body: Buffer.alloc(size, opaque + 1) }));
  world.advance(1000);
  const frames = client.frames();
  equal(
    frames.map((frame) => answerOf(frame).body.length),
    sizes,
  );
  for (const [index, frame] of frames.entries())
    ok(answerOf(frame).body.every((byte) => byte === index + 1));
  const turns = handler.turns;
  client.socket.write(
    Buffer.concat(Array.from({ length: 20 }, () => encodeCommand(command(10), 0))),
  );
  world.advance(10);
  ok(handler.turns - turns < 20, 'less than one turn a frame');
});

test('what the server asks reaches the client, and the client’s answer the server', () => {
  const { world, handler } = createWorld();
  const client = world.connect();
  client.send(command(10));
  world.advance(1);
  const codes: (number | undefined)[] = [];
  handler.opened[0]?.request(command(40), 1000, (_, view) => codes.push(view?.code));
  world.advance(1);
  const asked = client.frames()[1];
  ok(asked);
  const header = JSON.parse(asked.toString('utf8', 8)) as Record<string, number>;
  is(header['code'], 40);
  client.send(command(77, { opaque: header['opaque'] as number, flag: 1 }));
  world.advance(1);
  equal(codes, [77]);
});

test('a frame that is none costs its connection, behind what came before it, and no other', () => {
  const { world, handler } = createWorld();
  const [bad, positional, header, good] = [1, 2, 3, 4].map(() => world.connect());
  const frame = encodeCommand(command(10), 0);
  bad?.socket.write(Buffer.concat([frame, Buffer.from('GET / HTTP/1.1\r\n')]));
  const hidden = Buffer.from(frame);
  hidden[4] = 2; // Only threads of one program may speak so.
  positional?.socket.write(hidden);
  header?.socket.write(Buffer.concat([frame.subarray(0, 8), Buffer.alloc(frame.length - 8, 0x20)]));
  good?.send(command(10));
  world.advance(10);
  equal(
    [bad, positional, header, good].map((client) => client?.closes),
    [1, 1, 1, 0],
  );
  is(good?.frames().length, 1);
  is(handler.codes.length, 2, 'the good frame before the bad bytes was run');
  is(handler.closed.length, 3);
  equal(
    world.forwarderLines.map(({ facts }) => Reflect.get(facts, 'reason')),
    [
      'an HTTP request (this port speaks the RocketMQ remoting protocol)',
      'a header type that is neither JSON nor ROCKETMQ',
    ],
  );
  equal(
    world.lines.map(({ facts }) => Reflect.get(facts, 'reason')),
    ['a frame whose header cannot be read'],
    'headers are read by the server',
  );
  is(world.forwarder.connections, 1);
});

test('half a frame and silence end a connection when they do at the server’s own port', () => {
  const { world, handler } = createWorld();
  const half = world.connect();
  half.socket.write(encodeCommand(command(10), 0).subarray(0, 20));
  const silent = world.connect();
  world.scheduler.advance(FRAME_COMPLETE_MS + SWEEP_MS);
  world.advance(1);
  equal([half.closes, silent.closes], [1, 0]);
  world.scheduler.advance(IDLE_MS - FRAME_COMPLETE_MS);
  world.advance(1);
  is(silent.closes, 1);
  equal([handler.closed.length, world.server.peers.size], [2, 0]);
});

test('a client that is gone is gone at the server, which has run all it sent', () => {
  const { world, handler } = createWorld();
  const client = world.connect();
  for (let opaque = 0; opaque < 10; opaque++) client.send(command(10, { opaque }));
  client.socket.end();
  world.advance(5);
  equal([handler.codes.length, handler.closed.length, client.closes], [10, 1, 1]);
  const other = world.connect();
  world.network.cut();
  world.advance(5);
  equal([handler.closed.length, other.closes, world.forwarder.connections], [2, 1, 0]);
});

test('a connection the server closes is closed, behind its last answer', () => {
  class Closing extends EchoHandler {
    override onRequest(view: RequestView, peer: Peer): void {
      super.onRequest(view, peer);
      if (view.code === 66) peer.close();
    }
  }
  const { world } = createWorld(new Closing());
  const client = world.connect();
  client.send(command(66, { opaque: 5 }));
  world.advance(5);
  is(answerOf(client.frames()[0]).opaque, 5);
  equal([client.closes, client.error], [1, undefined]);
  const refused = new ForwardWorld(new EchoHandler(), MIB, { connectionsMax: 0 });
  refused.serve();
  is(refused.connect().closes + refused.server.peers.size, 1, 'one too many');
});

test('the server’s thread dies: its connections end, and new ones wait for its successor', () => {
  const { world, handler } = createWorld();
  const client = world.connect();
  client.send(command(10));
  world.advance(1);
  world.replaceServer();
  world.markServerGone();
  world.advance(1);
  is(client.closes, 1);
  ok(client.error, 'it does not wait for an answer to what it has asked');
  const early = world.connect();
  early.send(command(10, { opaque: 9 }));
  world.advance(1);
  is(early.frames().length, 0);
  world.serve();
  world.advance(1);
  is(answerOf(early.frames()[0]).opaque, 9);
  is(handler.opened.length, 2);
  world.markServerGone(true);
  world.advance(1);
  is(early.closes, 1);
  is(world.connect().closes, 1, 'nobody will follow');
});

test('the forwarder’s thread dies: the server lets go of all it held, and serves the next one', () => {
  const { world, handler } = createWorld();
  world.connect();
  world.connect();
  world.advance(1);
  is(world.server.peers.size, 2);
  world.clientHub.detach(world.pair);
  world.markClientGone();
  world.advance(1);
  equal([world.server.peers.size, handler.closed.length], [0, 2]);
  world.forwarder = world.createForwarder();
  world.forwarder.listen({ host: '10.0.0.1', port: 10_912 }, () => undefined);
  let answered = 0;
  world.network.connect({ host: '10.0.0.1', port: 10_912, timeoutMs: 100 }, (_, socket) => {
    socket?.start({
      onData: () => {
        answered += 1;
      },
      onDrain: () => undefined,
      onClose: () => undefined,
    });
    socket?.write(encodeCommand(command(10), 0));
  });
  world.advance(5);
  ok(answered > 0);
});

test('closing takes no request more, passes on what is answered, and leaves nobody behind', () => {
  const { world, handler } = createWorld();
  const client = world.connect();
  for (let opaque = 0; opaque < 10; opaque++) client.send(command(10, { opaque }));
  world.scheduler.advance(0);
  let isClosed = false;
  world.forwarder.close(() => {
    isClosed = true;
  });
  client.send(command(11));
  world.advance(20);
  ok(isClosed);
  is(client.frames().length, handler.codes.length, 'what was asked is answered');
  is(client.closes, 1);
  not.ok(handler.codes.includes(11));
  equal([world.forwarder.connections, world.server.peers.size], [0, 0]);
});

test('closing waits for the answers to what was asked before', () => {
  const handler = new EchoHandler();
  const world = new ForwardWorld(handler);
  const client = world.connect();
  for (let opaque = 0; opaque < 10; opaque++) client.send(command(10, { opaque }));
  world.advance(5);
  let isClosed = false;
  world.forwarder.close(() => {
    isClosed = true;
  });
  client.send(command(11));
  world.advance(5);
  equal([isClosed, client.closes], [false, 0]);
  world.serve(); // What was asked has waited in the ring.
  world.advance(20);
  equal([isClosed, client.frames().length, client.closes], [true, 10, 1]);
  not.ok(handler.codes.includes(11));
});

test('closing does not wait for a server that does not answer', () => {
  const world = new ForwardWorld(new EchoHandler());
  world.connect();
  let isClosed = false;
  world.forwarder.close(() => {
    isClosed = true;
  });
  world.scheduler.advance(500);
  is(isClosed, false);
  world.scheduler.advance(1500);
  world.advance(5);
  is(isClosed, true);
});
