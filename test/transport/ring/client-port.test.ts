import { equal, is } from 'uvu/assert';
import { readInt32BE, writeInt32BE } from '../../../src/base/index.ts';
import { RingReader, RingWriter } from '../../../src/ring/index.ts';
import { PairState } from '../../../src/transport/index.ts';
import { clientPortNumber } from '../../../src/transport/ring/client-port.ts';
import { RECORD_DATA } from '../../../src/transport/ring/records.ts';
import { suite } from '../../support/suite.ts';
import { EchoHandler } from '../world.ts';
import { codeOf, positionalAnswer, RingWorld } from './fixture.ts';

const test = suite('the client’s side of a pair');

test('a connection is for the server there is, or for the next one', () => {
  const world = new RingWorld(new EchoHandler());
  const port = world.clientHub.use(world.pair);
  is(port.targetEpoch, 1);
  is(port.isServed(1), false);
  world.serve();
  is(port.targetEpoch, 1);
  is(port.isServed(1), true);
  world.markServerGone();
  is(port.targetEpoch, 3);
  is(port.isAbandoned, false);
  world.markServerGone(true);
  is(port.isAbandoned, true);
  world.serve();
  is(port.isAbandoned, false);
});

test('a server that was replaced before the client looked: what is for the new one stays', () => {
  const world = new RingWorld(new EchoHandler());
  world.serve();
  const channel = world.channel();
  const first = world.call(channel);
  world.run();
  is(first.times, 1);
  world.replaceServer();
  world.markServerGone();
  const other = world.channel();
  const early = world.call(other); // For the next one, written before that one is there.
  world.serve();
  world.run();
  is(early.response?.code, 0);
  is(early.times, 1);
});

test('all that a dead server had written is read before its connections are given up', () => {
  const world = new RingWorld(new EchoHandler(), 1024 * 1024);
  const server = new PairState(world.pair.state);
  server.begin('server');
  const channel = world.channel();
  const outcomes = Array.from({ length: 2000 }, () => world.call(channel));
  world.run();
  // The server answers all but the last, each in a record of its own, and dies before anybody looks.
  const requests: { id: number; opaque: number }[] = [];
  new RingReader(world.pair.toServer).poll((type, bytes, start) => {
    if (type !== RECORD_DATA) return;
    requests.push({ id: readInt32BE(bytes, start), opaque: readInt32BE(bytes, start + 16) });
  }, 10_000);
  is(requests.length, 2000);
  const writer = new RingWriter(world.pair.toClient);
  for (const { id, opaque } of requests.slice(0, -1)) {
    const index = writer.claim(24, RECORD_DATA);
    writeInt32BE(writer.bytes, index, id);
    positionalAnswer(opaque).copy(writer.bytes, index + 4);
    writer.commit();
  }
  world.markServerGone();
  world.run();
  is(outcomes.filter(({ response }) => response !== undefined).length, 1999);
  is(codeOf(outcomes.at(-1)?.error), 'CONNECTION_CLOSED');
});

test('an echo comes behind the answers to all that was asked before', () => {
  const world = new RingWorld(new EchoHandler(), 4096);
  const channel = world.channel();
  const outcomes = Array.from({ length: 50 }, () => world.call(channel, Buffer.alloc(300)));
  let answered = -1;
  world.clientHub.use(world.pair).echo(() => {
    answered = outcomes.filter(({ times }) => times > 0).length;
  });
  world.run();
  is(answered, -1, 'nobody serves');
  world.serve();
  world.run();
  is(answered, 50);
});

test('port numbers of clients are those of TCP', () => {
  equal([1, 65_535, 65_536, 65_537, -1].map(clientPortNumber), [1, 65_535, 1, 1, 65_535]);
});
