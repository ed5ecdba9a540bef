import { equal, is, ok } from 'uvu/assert';
import { OUTPUT_CLOSE_BYTES, OUTPUT_PAUSE_BYTES } from '../../src/base/index.ts';
import { encodeCommand, type RemotingCommand, type RequestView } from '../../src/protocol/index.ts';
import type { Peer } from '../../src/transport/index.ts';
import { suite } from '../support/suite.ts';
import { command, createWorld, EchoHandler } from './world.ts';

const test = suite('peer');
const request = (opaque: number, body = ''): RemotingCommand =>
  command(10, { opaque, body: Buffer.from(body) });

test('addresses are at hand in the forms that records need', () => {
  const handler = new EchoHandler();
  const world = createWorld(handler);
  world.connect('10.0.0.9');
  world.connect('fe80::7');
  const [first, second] = handler.opened;
  ok(first && second);
  ok(/^10\.0\.0\.9:\d+$/.test(first.remoteAddress));
  is(first.remoteIp.toString('hex'), '0a000009');
  is(first.localPort, 9876);
  ok(/^\[fe80::7\]:\d+$/.test(second.remoteAddress));
  is(second.remoteIp.length, 16);
  ok(first.id !== second.id);
});

test('an answer carries the opaque and the encoding of its request', () => {
  const world = createWorld(new EchoHandler());
  const client = world.connect();
  client.send(request(7, 'json'), 0);
  client.send(request(8, 'binary'), 1);
  world.advance(1);
  const [json, binary] = client.frames();
  ok(json && binary);
  is(json[4], 0);
  is(json.subarray(-4).toString(), 'json');
  const header = JSON.parse(json.toString('utf8', 8, json.length - 4)) as Record<string, number>;
  is(header['opaque'], 7);
  is(header['flag'], 1);
  is(binary[4], 1);
  is(binary.readInt32BE(8 + 5), 8);
  is(binary.readInt32BE(8 + 9), 1);
});

/** Sends requests in one read event; gives what the client got, and the bytes of each write with the requests run by then. */
const answersOf = (frames: readonly RemotingCommand[]) => {
  class Counting extends EchoHandler {
    override onOpen(peer: Peer): void {
      super.onOpen(peer);
      const flush = peer.flush.bind(peer);
      peer.flush = () => {
        if (peer.output.length > 0) writes.push({ bytes: peer.output.length, run });
        flush();
      };
    }
    override onRequest(view: RequestView, peer: Peer): void {
      run += 1;
      super.onRequest(view, peer);
    }
  }
  let run = 0;
  const writes: { bytes: number; run: number }[] = [];
  const handler = new Counting();
  const world = createWorld(handler, { chunkBytesMax: 1 << 20, socketBytes: 1 << 20 }, 3);
  const client = world.connect();
  client.socket.write(Buffer.concat(frames.map((each) => encodeCommand(each, 0))));
  world.advance(1);
  equal(
    client.frames().map((frame) => frame.toString('utf8').replace(/^.*\}/s, '')),
    frames.map((_, index) => `${index}`),
  );
  return { writes, turns: handler.turns };
};

test('a few frames of a read event are answered by one write', () => {
  const frames = Array.from({ length: 80 }, (_, opaque) => request(opaque, `${opaque}`));
  const { writes, turns } = answersOf(frames);
  ok(writes.length <= turns, `${writes.length} writes in ${turns} turns`);
});

test('the answers of many frames leave in parts, the first before the last request has run', () => {
  const frames = Array.from({ length: 1000 }, (_, opaque) => request(opaque, `${opaque}`));
  const { writes, turns } = answersOf(frames);
  ok(writes.length > turns, `${writes.length} writes in ${turns} turns`);
  for (const { bytes } of writes) ok(bytes < 9 * 1024, `${bytes} bytes in one write`);
  ok((writes[0]?.run ?? 1000) < 200, 'the client has something to do meanwhile');
});

test('answers written in the turn of another peer are sent at the end of that turn, once', () => {
  const parked: { peer: Peer; opaque: number }[] = [];
  class Parking extends EchoHandler {
    override onRequest(view: RequestView, peer: Peer): void {
      if (view.code === 11) {
        parked.push({ peer, opaque: view.opaque });
        return;
      }
      for (const { peer: waiting, opaque } of parked.splice(0)) {
        waiting.reply(command(0), { opaque, headerType: 0 });
      }
      super.onRequest(view, peer);
    }
  }
  const world = createWorld(new Parking());
  const waiting = world.connect();
  const sender = world.connect();
  for (const opaque of [1, 2, 3]) waiting.send(command(11, { opaque }));
  world.advance(1);
  is(waiting.bytes, 0);
  sender.send(request(9));
  world.advance(1);
  is(waiting.frames().length, 3);
  is(sender.frames().length, 1);
});

test('a throwing handler is answered with SYSTEM_ERROR, leaves no half answer and hurts nobody else', () => {
  class Failing extends EchoHandler {
    override onRequest(view: RequestView, peer: Peer): void {
      if (view.code !== 66) {
        super.onRequest(view, peer);
        return;
      }
      const start = peer.output.reserve(1000);
      peer.output.length = start + 500;
      throw new RangeError('broken on purpose');
    }
  }
  const world = createWorld(new Failing());
  const client = world.connect();
  client.send(request(1, 'a'));
  client.send(command(66, { opaque: 2 }));
  client.send(command(66, { opaque: 3, flag: 2 }));
  client.send(request(4, 'b'), 1);
  world.advance(1);
  const frames = client.frames();
  is(frames.length, 3);
  is(Buffer.concat(frames).length, client.bytes, 'whole frames only');
  const failure = JSON.parse(frames[1]?.toString('utf8', 8) ?? '') as Record<string, unknown>;
  is(failure['code'], 1);
  is(failure['opaque'], 2);
  is(failure['remark'], 'RangeError: broken on purpose');
  is(world.server.peers.size, 1);
});

const bigAnswers = (bytes: number): EchoHandler => {
  const handler = new EchoHandler();
  handler.onRequest = (view, peer) => {
    handler.codes.push(view.code);
    peer.reply(command(0, { body: Buffer.alloc(bytes) }), view);
  };
  return handler;
};

test('a peer that does not read its answers is not read either, and goes on when it reads', () => {
  const handler = bigAnswers(1024 * 1024);
  const world = createWorld(handler);
  const client = world.connect();
  client.socket.pause();
  for (let opaque = 0; opaque < 40; opaque++) client.send(request(opaque));
  world.advance(100);
  const answered = handler.codes.length;
  ok(answered * 1024 * 1024 <= OUTPUT_PAUSE_BYTES + 2 * 1024 * 1024, `${answered} answered`);
  const [peer] = handler.opened;
  ok(peer && peer.unsentBytes > OUTPUT_PAUSE_BYTES / 2);
  client.socket.resume();
  world.advance(1000);
  is(client.frames().length, 40);
  is(handler.codes.length, 40);
  is(peer.unsentBytes, 0);
});

test('one answer above the pause limit does not stop the connection', () => {
  const handler = bigAnswers(OUTPUT_PAUSE_BYTES + 1_000_000);
  const world = createWorld(handler, { socketBytes: 64 * 1024 * 1024 });
  const client = world.connect();
  for (let opaque = 0; opaque < 3; opaque++) {
    client.send(request(opaque));
    world.advance(10);
  }
  is(client.frames().length, 3);
});

test('a peer that never reads is closed once too much waits for it', () => {
  const handler = new EchoHandler();
  const world = createWorld(handler);
  const client = world.connect();
  const other = world.connect();
  client.socket.pause();
  const [peer] = handler.opened;
  ok(peer);
  let pushed = 0;
  while (!peer.isClosed) {
    peer.oneway(command(40, { body: Buffer.alloc(1024 * 1024) }));
    pushed += 1;
    world.advance(1);
    ok(pushed <= OUTPUT_CLOSE_BYTES / (1024 * 1024) + 2, 'bounded');
  }
  ok(world.lines.some(({ facts }) => /not read/.test(JSON.stringify(facts))));
  other.send(request(1));
  world.advance(1);
  is(other.frames().length, 1);
  equal(handler.closed, [peer]);
  peer.oneway(command(40));
  world.advance(1);
  is(peer.output.length, 0, 'what is written to a closed peer is forgotten');
});

test('a handler that is behind stops a peer between two frames, also inside one chunk', () => {
  for (let seed = 1; seed <= 10; seed++) {
    const handler = new EchoHandler();
    const world = createWorld(handler, { chunkBytesMax: 1 << 20 }, seed);
    const echo = handler.onRequest.bind(handler);
    handler.onRequest = (view, peer) => {
      echo(view, peer);
      if (view.opaque === 2) peer.pauseReading();
    };
    const client = world.connect();
    const frames = [0, 1, 2, 3, 4].map((opaque) => encodeCommand(request(opaque)));
    client.socket.write(Buffer.concat(frames));
    world.advance(1);
    is(handler.codes.length, 3);
    is(client.frames().length, 3, 'what ran is answered');
    client.send(request(5));
    world.advance(60_000);
    is(handler.codes.length, 3);
    is(world.server.peers.size, 1, 'the deadline of half frames does not count while it is held');
    handler.opened[0]?.resumeReading();
    world.advance(1);
    is(client.frames().length, 6);
  }
});

test('a call to the peer gets its answer by opaque, and only from that peer', () => {
  const handler = new EchoHandler();
  const world = createWorld(handler);
  const client = world.connect();
  const thief = world.connect();
  const [peer] = handler.opened;
  ok(peer);
  const results: (string | undefined)[] = [];
  for (const name of ['first', 'second']) {
    peer.request(command(221), 5000, (error, response) => {
      results.push(
        error === undefined ? `${name} ${response?.body?.toString()}` : `${name} failed`,
      );
    });
  }
  world.advance(1);
  const opaques = client
    .frames()
    .map((frame) => (JSON.parse(frame.toString('utf8', 8)) as { opaque: number }).opaque);
  is(new Set(opaques).size, 2);
  const [one = 0, two = 0] = opaques;
  thief.send(command(0, { opaque: one, flag: 1, body: Buffer.from('stolen') }));
  world.advance(1);
  equal(results, []);
  client.send(command(0, { opaque: two, flag: 1, body: Buffer.from('B') }));
  client.send(command(0, { opaque: two, flag: 1, body: Buffer.from('again') }));
  client.send(command(0, { opaque: 12_345, flag: 1 }));
  client.send(command(0, { opaque: one, flag: 1, body: Buffer.from('A') }), 1);
  world.advance(1);
  equal(results, ['second B', 'first A']);
  is(handler.codes.length, 0, 'answers are not requests');
});

test('a call fails at its deadline, or at once when the connection goes', () => {
  const handler = new EchoHandler();
  const world = createWorld(handler);
  const client = world.connect();
  const [peer] = handler.opened;
  ok(peer);
  const codes: unknown[] = [];
  const note = (error: Error | undefined): void =>
    void codes.push((error as { code?: unknown })?.code);
  peer.request(command(221), 5000, note);
  world.advance(4999);
  equal(codes, []);
  world.advance(100);
  equal(codes, ['REQUEST_TIMEOUT']);
  peer.request(command(221), 5000, note);
  client.socket.destroy();
  world.advance(10);
  equal(codes, ['REQUEST_TIMEOUT', 'CONNECTION_CLOSED']);
  peer.request(command(221), 5000, note);
  is(codes.length, 2, 'never inside the call');
  world.advance(1);
  is(codes.length, 3);
});

/** Answers with a body of a MiB that is sent from where it lies; `open` counts the bodies not given back. */
class Lender extends EchoHandler {
  open = 0;
  released = 0;
  readonly body = Buffer.alloc(1 << 20, 'lent');

  override onRequest(view: RequestView, peer: Peer): void {
    if (view.code !== 11) {
      super.onRequest(view, peer);
      return;
    }
    this.open += 1;
    peer.reply(command(0, { body: this.body }), view, () => {
      this.open -= 1;
      this.released += 1;
    });
  }
}

test('a lent body arrives between the answers around it, and is given back when the reader has it', () => {
  const handler = new Lender();
  const world = createWorld(handler, { socketBytes: 64 * 1024 });
  const client = world.connect();
  client.socket.pause();
  for (const [opaque, code] of [10, 11, 10, 11, 10].entries())
    client.send(command(code, { opaque, body: Buffer.from(`${opaque}`) }));
  world.advance(1);
  is(handler.open, 2);
  const [peer] = handler.opened;
  ok(peer && peer.unsentBytes > 2 * handler.body.length - 64 * 1024);
  client.socket.resume();
  for (let ms = 0; ms < 1000 && handler.open > 0; ms++) world.advance(1);
  world.advance(1);
  const frames = client.frames();
  equal(
    frames.map((frame) => frame.subarray(8 + (frame.readInt32BE(4) & 0xffffff)).length),
    [1, 1 << 20, 1, 1 << 20, 1],
  );
  ok(frames[1]?.subarray(-handler.body.length).equals(handler.body));
  equal([handler.open, handler.released, peer.unsentBytes], [0, 2, 0]);
});

test('a reset peer takes it for no orderly end, and is sent nothing more', () => {
  const handler = new EchoHandler();
  const world = createWorld(handler);
  const client = world.connect();
  client.send(request(1));
  world.advance(1);
  handler.opened[0]?.reset();
  handler.opened[0]?.oneway(command(40));
  world.advance(10);
  equal([client.frames().length, client.closes, handler.closed.length], [1, 1, 1]);
  ok(client.error);
});

test('lent bodies are given back once when the connection goes, whoever ends it', () => {
  for (const end of ['server', 'client', 'close', 'cut'] as const) {
    const handler = new Lender();
    const world = createWorld(handler, { socketBytes: 64 * 1024 });
    const client = world.connect();
    client.socket.pause();
    for (const opaque of [1, 2]) client.send(command(11, { opaque }));
    world.advance(1);
    client.send(command(11, { opaque: 3 }));
    world.advance(1);
    is(handler.open, 3, end);
    if (end === 'server') handler.opened[0]?.destroy();
    if (end === 'client') client.socket.destroy();
    if (end === 'close') handler.opened[0]?.close();
    if (end === 'cut') world.network.cut();
    client.socket.resume();
    // The simulated link does not tell of a reader that is gone: silence ends the connection then.
    for (let seconds = 0; seconds < 300; seconds++) world.advance(1000);
    equal([handler.open, handler.released], [0, 3], end);
  }
});

test('a peer that does not read lent bodies is closed at the limit for unread bytes', () => {
  const handler = new Lender();
  const world = createWorld(handler, { socketBytes: 64 * 1024 });
  const client = world.connect();
  client.socket.pause();
  for (let opaque = 0; opaque < OUTPUT_PAUSE_BYTES / handler.body.length + 3; opaque++) {
    client.send(command(11, { opaque }));
    world.advance(1);
  }
  ok(handler.opened[0] && handler.opened[0].unsentBytes < OUTPUT_PAUSE_BYTES * 1.5, 'not read on');
  const [peer] = handler.opened;
  const count = OUTPUT_CLOSE_BYTES / handler.body.length + 1;
  for (let opaque = 0; opaque < count; opaque++)
    peer?.reply(command(0, { body: handler.body }), { opaque, headerType: 0 }, () => {
      handler.released += 1;
    });
  ok(peer?.isClosed);
  world.advance(1);
  ok(handler.released >= count);
});
