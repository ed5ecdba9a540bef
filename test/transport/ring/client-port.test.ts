import { equal, is } from 'uvu/assert';
import { clientPortNumber } from '../../../src/transport/ring/client-port.ts';
import { suite } from '../../support/suite.ts';
import { EchoHandler } from '../world.ts';
import { RingWorld } from './fixture.ts';

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

test('port numbers of clients are those of TCP', () => {
  equal([1, 65_535, 65_536, 65_537, -1].map(clientPortNumber), [1, 65_535, 1, 1, 65_535]);
});
