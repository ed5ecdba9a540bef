import { equal, is, ok } from 'uvu/assert';
import { FRAME_COMPLETE_MS, IDLE_CLOSE_MS } from '../../src/base/index.ts';
import { GetMinOffset, type RemotingCommand, type RequestView } from '../../src/protocol/index.ts';
import {
  type CallDone,
  CLIENT_OUTPUT_BYTES_MAX,
  CONNECT_TIMEOUT_MS,
  type Peer,
  type RequestDone,
} from '../../src/transport/index.ts';
import { suite } from '../support/suite.ts';
import { command, createWorld, EchoHandler, SERVER } from './world.ts';

const test = suite('remoting-client');

/** Collects what calls ended with: the response's body, or the error's code. */
const collect = (): { results: string[]; done: RequestDone } => {
  const results: string[] = [];
  const done: RequestDone = (error, response) =>
    results.push(
      error === undefined ? `${response?.body}` : String((error as { code?: string }).code),
    );
  return { results, done };
};
const withBody = (text: string): RemotingCommand => command(10, { body: Buffer.from(text) });

/** A handler that answers nothing. */
class Silent extends EchoHandler {
  override onRequest(view: RequestView): void {
    this.codes.push(view.code);
  }
}

for (const headerType of [0, 1] as const) {
  test(`many calls share one connection and get their own answers (header type ${headerType})`, () => {
    const handler = new EchoHandler();
    const world = createWorld(handler, { latencyMsMax: 5, chunkBytesMax: 100 });
    const client = world.client({ headerType });
    const { results, done } = collect();
    const expected = Array.from({ length: 500 }, (_, index) => `body ${index}`);
    for (const text of expected.slice(0, 250)) client.request(SERVER, withBody(text), 3000, done);
    equal(results, []);
    world.advance(100);
    for (const text of expected.slice(250)) client.request(SERVER, withBody(text), 3000, done);
    is(client.requestsInFlight, 250);
    world.advance(100);
    equal(results, expected);
    is(handler.opened.length, 1);
    ok(client.isConnected(SERVER));
    client.close();
    world.advance(10);
    is(handler.closed.length, 1);
  });
}

test('calls of one turn are written at once, at its end', () => {
  const world = createWorld(new EchoHandler());
  const client = world.client();
  client.request(SERVER, withBody('warm'), 3000, () => undefined);
  world.advance(10);
  const before = world.server.peers.size;
  const { results, done } = collect();
  for (const text of ['a', 'b', 'c']) client.request(SERVER, withBody(text), 3000, done);
  world.scheduler.runDeferred();
  equal(results, ['a', 'b', 'c']);
  is(world.server.peers.size, before);
});

test('a call that must not wait for the end of its turn is written before what the turn writes later', () => {
  const handler = new Silent();
  const world = createWorld(handler);
  const [first, second] = [world.client(), world.client()];
  for (const client of [first, second]) client.oneway(SERVER, command(1));
  world.advance(10);
  second.oneway(SERVER, command(2));
  first.oneway(SERVER, command(3));
  first.flush(SERVER);
  first.flush('10.0.0.77:1');
  world.advance(10);
  equal(handler.codes, [1, 1, 3, 2]);
});

test('calls made by an answer go out in the same turn', () => {
  const world = createWorld(new EchoHandler());
  const client = world.client();
  let rounds = 0;
  const again = (): void => {
    rounds += 1;
    if (rounds < 50) client.request(SERVER, command(10), 3000, again);
  };
  client.request(SERVER, command(10), 3000, again);
  world.advance(5);
  is(rounds, 50);
});

test('a call by definition carries its header, and is told the frame of the answer', () => {
  const handler = new EchoHandler();
  const world = createWorld(handler);
  const client = world.client();
  const told: string[] = [];
  const done: CallDone = (error, view) =>
    told.push(
      error === undefined && view
        ? view.buffer.toString('utf8', view.bodyStart, view.bodyEnd)
        : String((error as { code?: string }).code),
    );
  const header = { topic: 'T', queueId: 1 };
  const call = (body: Buffer): void => client.call(GetMinOffset, SERVER, header, body, 3000, done);
  call(Buffer.from('before the connection'));
  world.advance(10);
  call(Buffer.from('on it'));
  equal(told, ['before the connection']);
  world.advance(10);
  equal(told, ['before the connection', 'on it']);
  client.close();
  world.advance(10);
  call(Buffer.from('late'));
  world.advance(10);
  equal(told.slice(2), ['CLIENT_CLOSED']);
});

test('a call that fits no frame fails in a later turn', () => {
  const world = createWorld(new EchoHandler());
  const codes: unknown[] = [];
  const body = Buffer.alloc(17 * 1024 * 1024);
  world
    .client()
    .call(GetMinOffset, SERVER, { topic: 'T', queueId: 1 }, body, 3000, (error) =>
      codes.push((error as { code?: string }).code),
    );
  equal(codes, []);
  world.advance(10);
  equal(codes, ['FRAME_TOO_LONG']);
});

test('an answer with an error code is an answer', () => {
  const handler = new EchoHandler();
  handler.onRequest = (view, peer) => peer.reply(command(17, { remark: 'no route' }), view);
  const world = createWorld(handler);
  let response: RemotingCommand | undefined;
  world.client().request(SERVER, command(105), 3000, (_, answer) => {
    response = answer;
  });
  world.advance(10);
  is(response?.code, 17);
  is(response?.remark, 'no route');
});

test('a call that gets no answer fails at its deadline; others on the connection go on', () => {
  const handler = new EchoHandler();
  const echo = handler.onRequest.bind(handler);
  handler.onRequest = (view, peer) => {
    if (view.code !== 11) echo(view, peer);
  };
  const world = createWorld(handler);
  const client = world.client();
  const slow = collect();
  const fast = collect();
  client.request(SERVER, command(11), 1000, slow.done);
  client.request(SERVER, command(11), 2000, slow.done);
  for (let ms = 0; ms < 2100; ms += 100) {
    client.request(SERVER, withBody('x'), 1000, fast.done);
    world.advance(100);
    if (ms < 900) equal(slow.results, []);
  }
  equal(slow.results, ['REQUEST_TIMEOUT', 'REQUEST_TIMEOUT']);
  is(fast.results.length, 21);
  ok(fast.results.every((result) => result === 'x'));
  is(handler.opened.length, 1, 'a connection that answers is kept');
});

test('a connection that went silent is given up with the timeout, and made anew by the next call', () => {
  const handler = new EchoHandler();
  const world = createWorld(handler);
  const client = world.client();
  const { results, done } = collect();
  client.request(SERVER, withBody('1'), 3000, done);
  world.advance(10);
  world.network.silence();
  client.request(SERVER, withBody('2'), 3000, done);
  client.request(SERVER, withBody('3'), 30_000, done);
  world.advance(3100);
  equal(results, ['1', 'REQUEST_TIMEOUT', 'CONNECTION_CLOSED']);
  client.request(SERVER, withBody('4'), 3000, done);
  world.advance(10);
  is(results.at(-1), '4');
});

test('a broken connection fails what waits at once and is made anew by the next call', () => {
  const handler = new EchoHandler();
  const gone: string[] = [];
  const world = createWorld(handler);
  const client = world.client({ onDisconnect: (address) => gone.push(address) });
  const { results, done } = collect();
  client.request(SERVER, withBody('1'), 3000, done);
  world.advance(10);
  handler.onRequest = () => undefined;
  client.request(SERVER, withBody('2'), 3000, done);
  client.request(SERVER, withBody('3'), 3000, done);
  world.advance(10);
  world.network.cut();
  world.advance(1);
  equal(results, ['1', 'CONNECTION_CLOSED', 'CONNECTION_CLOSED']);
  equal(gone, [SERVER]);
  is(client.isConnected(SERVER), false);
  handler.onRequest = EchoHandler.prototype.onRequest;
  client.request(SERVER, withBody('4'), 3000, done);
  world.advance(10);
  is(results.at(-1), '4');
});

test('nobody listening fails the calls that waited for the connection, then the next call tries again', () => {
  const world = createWorld(new EchoHandler());
  const client = world.client();
  const { results, done } = collect();
  client.request('10.0.0.1:1', command(10), 3000, done);
  client.request('10.0.0.1:1', command(10), 3000, done);
  equal(results, []);
  world.advance(10);
  equal(results, ['CONNECT_FAILED', 'CONNECT_FAILED']);
  client.request('10.0.0.1:1', command(10), 3000, done);
  world.advance(10);
  is(results.length, 3);
});

test("an address without an answer fails after the connect timeout, or earlier by the call's own", () => {
  const world = createWorld(new EchoHandler());
  world.network.unreach(SERVER);
  const client = world.client();
  const { results, done } = collect();
  client.request(SERVER, command(10), 60_000, done);
  client.request(SERVER, command(10), 500, done);
  world.advance(600);
  equal(results, ['REQUEST_TIMEOUT']);
  world.advance(CONNECT_TIMEOUT_MS);
  equal(results, ['REQUEST_TIMEOUT', 'CONNECT_FAILED']);
});

test('a bad address is an error of the call', () => {
  const world = createWorld(new EchoHandler());
  const { results, done } = collect();
  world.client().request('nonsense', command(10), 3000, done);
  equal(results, []);
  world.advance(1);
  equal(results, ['BAD_ADDRESS']);
});

test('calls above the limit fail, and room comes back with the answers', () => {
  const handler = new Silent();
  const world = createWorld(handler);
  const client = world.client({ limits: { requestsMax: 2 } });
  const { results, done } = collect();
  for (let index = 0; index < 3; index++) client.request(SERVER, command(10), 1000, done);
  world.advance(10);
  equal(results, ['TOO_MANY_REQUESTS']);
  is(handler.codes.length, 2);
  world.advance(2000);
  client.request(SERVER, command(10), 1000, done);
  world.advance(10);
  is(results.filter((result) => result === 'TOO_MANY_REQUESTS').length, 1);
});

test('a server that does not read is not buried', () => {
  const handler = new EchoHandler();
  const world = createWorld(handler);
  const client = world.client();
  client.request(SERVER, command(10), 3000, () => undefined);
  world.advance(10);
  handler.opened[0]?.pauseReading();
  const { results, done } = collect();
  const body = Buffer.alloc(4 * 1024 * 1024);
  for (let index = 0; index < 20; index++) {
    client.request(SERVER, command(10, { body }), 60_000, done);
    world.scheduler.runDeferred();
  }
  ok(results.length >= 20 - CLIENT_OUTPUT_BYTES_MAX / body.length - 2, `${results.length} refused`);
  ok(results.every((result) => result === 'OUTPUT_FULL'));
  const refused = results.length;
  handler.opened[0]?.resumeReading();
  world.advance(1000);
  is(results.length, 20);
  is(results.filter((result) => result === 'OUTPUT_FULL').length, refused);
});

test('one-way calls carry their bit and need no answer', () => {
  const handler = new Silent();
  const world = createWorld(handler);
  const client = world.client();
  const flags: number[] = [];
  handler.onRequest = (view) => void flags.push(view.flag);
  const outcomes: (Error | undefined)[] = [];
  client.oneway(SERVER, command(15), (error) => outcomes.push(error));
  client.oneway(SERVER, command(15));
  client.oneway('nonsense', command(15), (error) => outcomes.push(error));
  world.advance(10);
  equal(flags, [2, 2]);
  is(outcomes.length, 2);
  is(outcomes[0], undefined);
  is(client.requestsInFlight, 0);
});

test('requests of the server reach the handler, which may answer; without one they are refused', () => {
  const handler = new EchoHandler();
  const world = createWorld(handler);
  const seen: string[] = [];
  const client = world.client({
    onRequest: (view, peer, address) => {
      seen.push(`${view.code} ${address}`);
      if (!view.isOneway) peer.reply(command(0, { body: Buffer.from('done') }), view);
    },
  });
  const bare = world.client();
  for (const each of [client, bare]) each.request(SERVER, command(34), 3000, () => undefined);
  world.advance(10);
  const answers: string[] = [];
  for (const peer of handler.opened) {
    peer.oneway(command(40));
    peer.request(command(220), 3000, (_, response) => {
      answers.push(`${response?.code} ${response?.remark ?? response?.body}`);
    });
  }
  world.advance(10);
  equal(seen, [`40 ${SERVER}`, `220 ${SERVER}`]);
  equal(answers, ['0 done', '3  request type 220 not supported']);
});

test('a server that sends garbage or half a frame is left', () => {
  for (const garbage of [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), Buffer.from([0, 0])]) {
    const handler = new EchoHandler();
    const world = createWorld(handler);
    const client = world.client();
    const { results, done } = collect();
    client.request(SERVER, command(10), 3000, done);
    world.advance(10);
    handler.onRequest = (_, peer: Peer) => peer.output.append(garbage);
    client.request(SERVER, command(10), 60_000, done);
    world.advance(FRAME_COMPLETE_MS + 5000);
    is(results[1], 'CONNECTION_CLOSED');
  }
});

test('an idle connection is closed and the next call makes a new one', () => {
  const handler = new EchoHandler();
  const world = createWorld(handler);
  const client = world.client();
  const { results, done } = collect();
  client.request(SERVER, withBody('1'), 3000, done);
  world.advance(IDLE_CLOSE_MS + 10_000);
  is(client.isConnected(SERVER), false);
  is(handler.closed.length, 1);
  client.request(SERVER, withBody('2'), 3000, done);
  world.advance(10);
  equal(results, ['1', '2']);
});

test('close fails what waits, later calls fail, nothing keeps running', () => {
  const world = createWorld(new Silent());
  const client = world.client();
  const { results, done } = collect();
  client.request(SERVER, command(10), 3000, done);
  client.request('10.0.0.1:1', command(10), 3000, done);
  client.close();
  client.request(SERVER, command(10), 3000, done);
  equal(results, []);
  world.advance(100);
  equal(results.sort(), ['CLIENT_CLOSED', 'CLIENT_CLOSED', 'CLIENT_CLOSED']);
  world.server.close();
  world.advance(10_000);
  is(world.scheduler.pendingTimers, 0);
});

test('disconnect fails what waits on that connection only', () => {
  const world = createWorld(new Silent());
  const client = world.client();
  const { results, done } = collect();
  client.request(SERVER, command(10), 3000, done);
  world.advance(10);
  client.disconnect(SERVER);
  client.disconnect('10.0.0.5:5');
  equal(results, ['CONNECTION_CLOSED']);
  is(client.isConnected(SERVER), false);
});
