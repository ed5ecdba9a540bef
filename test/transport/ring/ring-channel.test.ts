import { equal, is, match, ok } from 'uvu/assert';
import { decodeCommand, SendMessageV2 } from '../../../src/protocol/index.ts';
import { RemotingServer, type RequestHandler } from '../../../src/transport/index.ts';
import { suite } from '../../support/suite.ts';
import { recordingLogger } from '../recording-logger.ts';
import { command, EchoHandler } from '../world.ts';
import { BROKER, codeOf, type Outcome, RingWorld, sendHeader } from './fixture.ts';

const test = suite('a channel through rings');

const codesOf = (outcomes: readonly Outcome[]): string[] =>
  outcomes.map(({ error }) => codeOf(error));

const silent = (): RequestHandler & { requests: number } => ({
  requests: 0,
  onRequest() {
    this.requests += 1;
  },
  onTurnEnd: () => undefined,
  onClose: () => undefined,
});

test('calls are answered, each once, in one turn of the handler', () => {
  const handler = new EchoHandler();
  const world = new RingWorld(handler);
  world.serve();
  const channel = world.channel();
  const outcomes = Array.from({ length: 50 }, (_, index) =>
    world.call(channel, Buffer.from(`body ${index}`)),
  );
  world.run();
  for (const [index, { times, response }] of outcomes.entries()) {
    is(times, 1);
    is(response?.body?.toString(), `body ${index}`);
  }
  is(handler.codes.length, 50);
  is(handler.opened.length, 1, 'one connection');
  ok(handler.turns <= 2, 'answers are sent together');
  is(channel.callsInFlight, 0);
});

test('the server sees the client under an address of its own', () => {
  const handler = new EchoHandler();
  const world = new RingWorld(handler);
  world.serve();
  world.call(world.channel({ host: '10.1.2.3' }));
  world.call(world.channel());
  world.run();
  const [first, second] = handler.opened;
  match(first?.remoteAddress ?? '', /^10\.1\.2\.3:\d+$/);
  ok(second && first && second.remotePort !== first.remotePort);
  is(first?.localPort, 10_911);
});

test('frames longer than a ring arrive whole, both ways, between short ones', () => {
  const world = new RingWorld(new EchoHandler(), 4096);
  world.serve();
  const channel = world.channel();
  const bodies = [3, 100_000, 5, 4 * 1024 * 1024, 0].map((bytes, index) =>
    Buffer.alloc(bytes, index + 1),
  );
  const outcomes = bodies.map((body) => world.call(channel, body));
  world.run();
  for (const [index, { times, response, error }] of outcomes.entries()) {
    is(error, undefined);
    is(times, 1);
    ok((response?.body ?? Buffer.alloc(0)).equals(bodies[index] as Buffer));
  }
});

test('a frame beyond the limit fails its call and nothing else', () => {
  const world = new RingWorld(new EchoHandler());
  world.serve();
  const channel = world.channel();
  const long = world.call(channel, Buffer.alloc(16 * 1024 * 1024));
  const short = world.call(channel);
  world.run();
  is(codeOf(long.error), 'FRAME_TOO_LONG');
  is(long.times, 1);
  is(short.response?.code, 0);
});

test('a header that cannot be written fails its call and nothing else', () => {
  const world = new RingWorld(new EchoHandler());
  world.serve();
  const channel = world.channel();
  const errors: string[] = [];
  const bad = { ...sendHeader, queueId: 0.5 };
  channel.call(SendMessageV2, BROKER, bad, undefined, 1000, (error) => errors.push(codeOf(error)));
  channel.oneway(SendMessageV2, BROKER, bad, undefined, (error) => errors.push(codeOf(error)));
  const after = world.call(channel);
  world.run();
  equal(errors, ['FIELD_INVALID', 'FIELD_INVALID']);
  is(after.response?.code, 0);
  is(channel.callsInFlight, 0);
});

test('a one-way request arrives and is not answered', () => {
  const handler = new EchoHandler();
  const world = new RingWorld(handler);
  world.serve();
  const channel = world.channel();
  const done: (Error | undefined)[] = [];
  channel.oneway(SendMessageV2, BROKER, sendHeader, undefined, (error) => done.push(error));
  is(done.length, 0);
  world.run();
  equal(done, [undefined]);
  equal(handler.codes, [310]);
});

test('a call without an answer ends at its deadline, once; a late answer is nobody’s', () => {
  const handler = silent();
  const world = new RingWorld(handler);
  world.serve();
  const channel = world.channel();
  const first = world.call(channel, Buffer.alloc(0), 100);
  const second = world.call(channel, Buffer.alloc(0), 5000);
  world.scheduler.advance(200);
  equal(codesOf([first, second]), ['REQUEST_TIMEOUT', 'none']);
  is(channel.callsInFlight, 1);
  world.scheduler.advance(5000);
  is(second.times, 1);
  is(codeOf(second.error), 'REQUEST_TIMEOUT');
});

test('more calls than the limit are refused in a later turn', () => {
  const world = new RingWorld(silent());
  world.serve();
  const channel = world.channel({ limits: { requestsMax: 2 } });
  const outcomes = [1, 2, 3].map(() => world.call(channel));
  world.run();
  equal(codesOf(outcomes), ['none', 'none', 'TOO_MANY_REQUESTS']);
});

test('closing fails what waits, once, and every later call', () => {
  const handler = new EchoHandler();
  const world = new RingWorld(handler);
  world.serve();
  const channel = world.channel();
  world.call(channel);
  world.run();
  const waiting = world.call(channel);
  channel.close();
  channel.close();
  const later = world.call(channel);
  world.run();
  equal(codesOf([waiting, later]), ['CLIENT_CLOSED', 'CLIENT_CLOSED']);
  is(waiting.times, 1);
  is(handler.closed.length, 1, 'the server is told');
});

test('a request of the server is answered; without a handler it is not supported', () => {
  for (const isHandled of [true, false]) {
    const handler = new EchoHandler();
    const world = new RingWorld(handler);
    world.serve();
    const channel = world.channel(
      isHandled
        ? {
            onRequest: (view, replier, address) => {
              is(address, BROKER);
              is(decodeCommand(view).code, 40);
              replier.reply(command(0, { remark: 'yes' }), view);
            },
          }
        : {},
    );
    world.call(channel);
    world.run();
    const remarks: (string | undefined)[] = [];
    handler.opened[0]?.request(command(40), 1000, (_, response) => remarks.push(response?.remark));
    world.run();
    if (isHandled) equal(remarks, ['yes']);
    else match(remarks[0] ?? '', /not supported/);
  }
});

test('addresses without a pair go to the fallback, or fail', () => {
  const world = new RingWorld(new EchoHandler());
  world.serve();
  const { scheduler, clock, network } = world;
  const { logger } = recordingLogger();
  const handler = new EchoHandler();
  const other = new RemotingServer({ network, scheduler, clock, logger, handler });
  other.listen({ host: '10.0.0.7', port: 9876 }, () => undefined);
  const channel = world.channel({ fallback: network });
  const there = world.call(channel, Buffer.from('tcp'), 1000, '10.0.0.7:9876');
  const nowhere = world.call(world.channel(), Buffer.from(''), 1000, '10.0.0.7:9876');
  scheduler.advance(50);
  is(there.response?.body?.toString(), 'tcp');
  is(codeOf(nowhere.error), 'CONNECT_FAILED');
});

test('a server that is not there yet is waited for; one that does not come is given up', () => {
  const world = new RingWorld(new EchoHandler());
  const channel = world.channel();
  const early = world.call(channel);
  world.run();
  is(early.times, 0);
  world.serve();
  world.run();
  is(early.response?.code, 0);
  const other = new RingWorld(new EchoHandler());
  const lost = other.call(other.channel({ limits: { connectTimeoutMs: 500 } }), undefined, 60_000);
  other.scheduler.advance(400);
  is(lost.times, 0);
  other.scheduler.advance(400);
  is(codeOf(lost.error), 'CONNECT_FAILED');
});

test('a dead server fails what waits at once; its successor takes over the same memory', () => {
  const handler = silent();
  const world = new RingWorld(handler);
  world.serve();
  const gone: string[] = [];
  const channel = world.channel({ onDisconnect: (address) => gone.push(address) });
  const waiting = [1, 2, 3].map(() => world.call(channel));
  world.run();
  world.replaceServer();
  const unread = world.call(channel);
  world.markServerGone();
  world.run();
  equal(
    codesOf([...waiting, unread]),
    Array.from({ length: 4 }, () => 'CONNECTION_CLOSED'),
  );
  equal(gone, [BROKER]);
  const next = world.call(channel);
  world.run();
  is(next.times, 0, 'waits for the successor');
  const before = handler.requests;
  world.serve();
  world.run();
  is(handler.requests - before, 1, 'what was sent to the dead one is not run by the next');
  for (const { times } of [...waiting, unread]) is(times, 1);
});

test('a successor that nobody announced says RESET: what waited on its predecessor fails', () => {
  const world = new RingWorld(silent());
  world.serve();
  const channel = world.channel();
  const waiting = world.call(channel);
  world.run();
  world.replaceServer();
  world.serve();
  world.run();
  is(codeOf(waiting.error), 'CONNECTION_CLOSED');
  is(waiting.times, 1);
});

test('answers that the dead server had written still count', () => {
  const world = new RingWorld(new EchoHandler());
  world.serve();
  const channel = world.channel();
  world.call(channel);
  world.run();
  const answered = world.call(channel);
  // The server answers in its turn; the client has not looked when the word comes.
  world.markServerGone();
  world.run();
  is(answered.times, 1);
});

test('nobody waits for a server that will never come', () => {
  const world = new RingWorld(silent());
  const channel = world.channel();
  const waiting = world.call(channel);
  world.run();
  world.markServerGone(true);
  world.run();
  is(codeOf(waiting.error), 'CONNECT_FAILED');
  const later = world.call(channel);
  world.run();
  is(codeOf(later.error), 'CONNECT_FAILED');
});

test('the server closes the connections of a dead client, and serves the next one', () => {
  const handler = new EchoHandler();
  const world = new RingWorld(handler);
  world.serve();
  world.call(world.channel());
  world.call(world.channel());
  world.run();
  world.markClientGone();
  world.run();
  is(handler.closed.length, 2);
  is(world.server.peers.size, 0);
  const successor = world.hub(world.pair.clientDoorbell, 0);
  const next = world.call(world.channel({ hub: successor }));
  world.run();
  is(next.response?.code, 0);
  is(world.server.peers.size, 1);
});

test('an idle connection expires at the server, and the next call makes another', () => {
  const handler = new EchoHandler();
  const world = new RingWorld(handler, 64 * 1024, { idleCloseMs: 10_000 });
  world.serve();
  const channel = world.channel();
  world.call(channel);
  world.run();
  world.scheduler.advance(20_000);
  is(handler.closed.length, 1);
  const next = world.call(channel);
  world.run();
  is(next.response?.code, 0);
  is(handler.opened.length, 2);
});

test('a full ring: calls wait in their order, up to a limit', () => {
  const world = new RingWorld(new EchoHandler(), 1024);
  const channel = world.channel();
  const outcomes: Outcome[] = [];
  const body = Buffer.alloc(1024 * 1024);
  for (let index = 0; index < 40; index++) {
    body.writeInt32BE(index);
    outcomes.push(world.call(channel, Buffer.from(body)));
  }
  world.serve();
  world.run();
  const answered = outcomes.filter(({ response }) => response !== undefined);
  const refused = outcomes.filter(({ error }) => codeOf(error) === 'OUTPUT_FULL');
  is(answered.length + refused.length, 40);
  ok(refused.length > 0 && answered.length > 30);
  for (const [index, { response }] of answered.entries()) is(response?.body?.readInt32BE(), index);
});

test('an answer that cannot be read closes that connection only', () => {
  const handler = new EchoHandler();
  const world = new RingWorld(handler);
  world.serve();
  const bad = world.channel();
  const good = world.channel();
  world.call(bad);
  world.call(good);
  world.run();
  handler.opened[0]?.output.append(Buffer.from([0, 0, 0, 9, 9, 0, 0, 1, 0, 0, 0, 0, 0]));
  const waiting = world.call(bad);
  const fine = world.call(good);
  world.run();
  is(waiting.times, 1);
  is(fine.response?.code, 0);
  is(handler.closed.length, 1);
  const again = world.call(bad);
  world.run();
  is(again.response?.code, 0);
});
