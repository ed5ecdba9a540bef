import { equal, is, ok } from 'uvu/assert';
import { FRAME_COMPLETE_MS, IDLE_CLOSE_MS, LOG_LINES_PER_PERIOD } from '../../src/base/index.ts';
import { encodeCommand } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { command, createWorld, EchoHandler, type RawClient, type World } from './world.ts';

const test = suite('remoting-server');
/** A sweep comes every five seconds. */
const SWEEP_MS = 5000;

const int32 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeInt32BE(value, index * 4);
  return bytes;
};

const framed = (header: string | Buffer, headerType = 0): Buffer => {
  const bytes = Buffer.from(header);
  return Buffer.concat([int32(4 + bytes.length, headerType * 0x1000000 + bytes.length), bytes]);
};

const isServed = (world: World, client: RawClient): boolean => {
  const before = client.frames().length;
  client.send(command(10, { opaque: 1 }));
  world.advance(1);
  return client.frames().length === before + 1;
};

const BAD: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['a negative length', int32(-1, 0)],
  ['the smallest length', int32(-0x80000000)],
  ['a zero length', int32(0)],
  ['a tiny length', int32(3)],
  ['a length above 16 MiB', int32(16 * 1024 * 1024)],
  ['the largest length', int32(0x7fffffff)],
  ['a header beyond the frame', int32(10, 100)],
  ['an unknown encoding', int32(100, 0x07000004)],
  ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: broker\r\n\r\n')],
  ['a TLS hello', Buffer.from('16030100c2010000be0303', 'hex')],
  ['garbage', Buffer.from('ffd8ffe000104a46494600010101', 'hex')],
  ['a header that is no JSON', framed('code=10')],
  ['a header of nothing', int32(4, 0)],
  ['a binary header that is cut off', framed(Buffer.from('0069000187', 'hex'), 1)],
  [
    'a binary header with lengths beyond it',
    framed(Buffer.concat([Buffer.alloc(13), int32(0x7fffffff, 0)]), 1),
  ],
];

for (const [name, bytes] of BAD) {
  test(`${name}: closed at once with one line, others are served`, () => {
    const world = createWorld(new EchoHandler());
    const bad = world.connect('10.6.6.6');
    const good = world.connect();
    bad.socket.write(bytes);
    world.advance(1);
    is(bad.closes, 1);
    is(bad.bytes, 0);
    is(world.lines.length, 1);
    const { remote, reason } = (world.lines[0]?.facts ?? {}) as { remote: string; reason: string };
    ok(remote.startsWith('10.6.6.6:'), remote);
    ok(reason.length > 10, reason);
    ok(isServed(world, good));
    is(world.server.peers.size, 1);
  });
}

test('deeply nested JSON neither overflows the stack nor is taken', () => {
  const world = createWorld(new EchoHandler());
  const bad = world.connect();
  const good = world.connect();
  const depth = 200_000;
  bad.socket.write(framed(`{"code":10,"extFields":${'['.repeat(depth)}${']'.repeat(depth)}}`));
  bad.socket.write(framed(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`));
  world.advance(100);
  ok(isServed(world, good));
});

test('a claimed length costs no memory', () => {
  const world = createWorld(new EchoHandler());
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 0; index < 100; index++) {
    world.connect().socket.write(int32(16 * 1024 * 1024 - 4, 100));
  }
  world.advance(1);
  is(world.server.peers.size, 100);
  const grown = process.memoryUsage().arrayBuffers - before;
  ok(grown < 64 * 1024 * 1024, `${grown} bytes`);
});

test('half a frame and then silence: closed at the deadline, however slowly bytes drip', () => {
  const world = createWorld(new EchoHandler());
  const silent = world.connect('10.6.6.6');
  const dripping = world.connect('10.6.6.7');
  const good = world.connect();
  const frame = encodeCommand(command(10, { body: Buffer.alloc(1000) }), 0);
  silent.socket.write(frame.subarray(0, 3));
  for (let ms = 0, at = 0; ms < FRAME_COMPLETE_MS - 1000; ms += 1000, at += 1) {
    dripping.socket.write(frame.subarray(at, at + 1));
    world.advance(1000);
    ok(isServed(world, good));
  }
  is(silent.closes, 0);
  is(dripping.closes, 0);
  dripping.socket.write(frame.subarray(40, 41));
  world.advance(1000 + SWEEP_MS);
  is(silent.closes, 1);
  is(dripping.closes, 1);
  is(world.lines.length, 2);
  ok(isServed(world, good));
});

test('a frame in many pieces within the deadline is answered', () => {
  const world = createWorld(new EchoHandler());
  const client = world.connect();
  const frame = encodeCommand(command(10, { opaque: 3, body: Buffer.alloc(25) }), 1);
  for (const byte of frame) {
    client.socket.write(Buffer.from([byte]));
    world.advance(100);
  }
  is(client.frames().length, 1);
  world.advance(FRAME_COMPLETE_MS + 2 * SWEEP_MS);
  is(client.closes, 0);
});

test('silence in both directions closes, without a warning; traffic in either keeps open', () => {
  const handler = new EchoHandler();
  const world = createWorld(handler);
  const idle = world.connect();
  const talking = world.connect();
  const listening = world.connect();
  const [, , peer] = handler.opened;
  for (let ms = 0; ms < IDLE_CLOSE_MS; ms += 30_000) {
    is(idle.closes, 0);
    talking.send(command(10));
    peer?.oneway(command(40));
    world.advance(30_000);
  }
  world.advance(SWEEP_MS);
  is(idle.closes, 1);
  is(talking.closes, 0);
  is(listening.closes, 0);
  equal(world.lines, []);
});

test('a flood of bad connections gives a few lines', () => {
  const world = createWorld(new EchoHandler());
  for (let index = 0; index < 200; index++) {
    world.network
      .from('10.6.6.6')
      .connect({ host: '10.0.0.1', port: 9876, timeoutMs: 100 }, (_, socket) => {
        socket?.start({ onData() {}, onDrain() {}, onClose() {} });
        socket?.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
      });
  }
  world.advance(100);
  is(world.server.peers.size, 0);
  is(world.lines.length, LOG_LINES_PER_PERIOD);
});

test('connections above the limit are refused, and accepted again when others have gone', () => {
  const world = createWorld(new EchoHandler(), { limits: { connectionsMax: 2 } });
  const first = world.connect();
  world.connect();
  const refused = world.connect('10.6.6.6');
  is(refused.closes, 1);
  is(world.lines.length, 1);
  first.socket.destroy();
  world.advance(1);
  ok(isServed(world, world.connect()));
});

test('the handler sees each connection open once and close once', () => {
  const handler = new EchoHandler();
  const world = createWorld(handler);
  const [one, two] = [world.connect(), world.connect()];
  one.socket.destroy();
  world.network.cut();
  world.advance(10);
  is(two.closes, 1);
  is(handler.opened.length, 2);
  equal(
    handler.closed.map(({ id }) => id).sort(),
    handler.opened.map(({ id }) => id),
  );
});

test('a half-open connection is dropped when it is idle', () => {
  const handler = new EchoHandler();
  const world = createWorld(handler);
  world.connect();
  world.network.silence();
  world.advance(IDLE_CLOSE_MS + SWEEP_MS);
  is(handler.closed.length, 1);
});

test('close answers what was asked, lets go of the port and is done when all connections are gone', () => {
  const world = createWorld(new EchoHandler());
  const client = world.connect();
  const stuck = world.connect();
  world.network.silence('10.0.0.99');
  client.send(command(10, { opaque: 1, body: Buffer.from('last words') }));
  let isDone = false;
  world.scheduler.runDeferred();
  world.server.close(() => {
    isDone = true;
  });
  is(isDone, false);
  world.advance(5000);
  is(isDone, true);
  is(client.frames().length, 1);
  is(client.closes, 1);
  is(stuck.closes, 1);
  is(world.server.peers.size, 0);
  is(world.scheduler.pendingTimers, 0, 'nothing keeps running');
  let failure: Error | undefined;
  world.network.connect({ host: '10.0.0.1', port: 9876, timeoutMs: 10 }, (error) => {
    failure = error;
  });
  world.advance(100);
  is((failure as NodeJS.ErrnoException).code, 'ECONNREFUSED');
});

test('a connection that does not go away does not hold up the close', () => {
  const world = createWorld(new EchoHandler());
  world.connect();
  world.network.silence();
  let isDone = false;
  world.server.close(() => {
    isDone = true;
  });
  world.advance(2000);
  is(isDone, true);
});

test('a server without connections closes too, and a second close is told as well', () => {
  const world = createWorld(new EchoHandler());
  let done = 0;
  const count = (): void => {
    done += 1;
  };
  world.server.close(count);
  world.server.close(count);
  world.advance(1);
  is(done, 2);
  world.server.close(count);
  world.advance(1);
  is(done, 3);
});
