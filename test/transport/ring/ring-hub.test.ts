import { equal, is, ok, throws } from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { EchoHandler } from '../world.ts';
import { RingWorld } from './fixture.ts';
import { RawClient } from './raw-side.ts';

const test = suite('the hub of a thread');

test('other work of the thread has its turn while records keep coming', () => {
  const handler = new EchoHandler();
  const world = new RingWorld(handler, 1024 * 1024);
  world.serve();
  const channel = world.channel();
  for (let index = 0; index < 3000; index++) world.call(channel);
  const seen: number[] = [];
  const look = (): void => {
    seen.push(handler.codes.length);
    if (handler.codes.length < 3000) world.scheduler.defer(look);
  };
  look();
  world.run();
  is(handler.codes.length, 3000);
  const steps = seen.map((count, index) => count - (seen[index - 1] ?? 0));
  ok(Math.max(...steps) <= 512, `at most so many in a turn: ${Math.max(...steps)}`);
});

test('leaving a pair closes its connections on both sides, and it can be served again', () => {
  const handler = new EchoHandler();
  const world = new RingWorld(handler);
  world.serve();
  const channel = world.channel();
  world.call(channel);
  world.run();
  world.serverHub.detach(world.pair);
  world.serverHub.detach(world.pair);
  world.run();
  is(handler.closed.length, 1);
  const waiting = world.call(channel);
  world.serve();
  world.run();
  is(waiting.response?.code, 0);
});

test('a thread that other events have woken needs no waking, and reads its rings', () => {
  const world = new RingWorld(new EchoHandler());
  world.serve();
  const channel = world.channel();
  world.call(channel);
  world.run();
  const bell = world.bell(world.pair.clientDoorbell);
  is(bell.ring(), true, 'it sleeps');
  world.run();
  world.clientHub.readLater();
  const outcome = world.call(channel);
  is(bell.ring(), false);
  world.run();
  is(outcome.times, 1);
  is(bell.ring(), true, 'it sleeps again');
});

test('who has woken another thread offers its core, and nobody who has not', () => {
  const world = new RingWorld(new EchoHandler());
  let hasSlept = true;
  let yields = 0;
  world.serverHub = world.hub(world.pair.serverDoorbell, 2, {
    openBell: (memory, consumer) => ({
      ...world.bell(memory, consumer),
      ring: () => world.bell(memory).ring() && hasSlept,
    }),
    yieldCore: () => {
      yields += 1;
    },
  });
  world.serve();
  const channel = world.channel();
  const callAgain = (): void => {
    yields = 0;
    world.call(channel);
    world.run();
  };
  callAgain();
  callAgain();
  is(yields, 1, 'the client slept');
  hasSlept = false;
  callAgain();
  is(yields, 0);
});

test('a handler that throws ends its turn, not the loop', () => {
  const world = new RingWorld(new EchoHandler());
  const client = new RawClient(world.pair, world.bell(world.pair.serverDoorbell));
  let sockets = 0;
  world.serverHub.serve(world.pair, () => {
    sockets += 1;
    if (sockets === 1) throw new Error('refused by a bug');
  });
  client.open(1);
  client.open(2);
  throws(() => world.run(), /refused by a bug/);
  world.run();
  is(sockets, 2);
});

test('a ring that was written over is given up, and no other', () => {
  const handler = new EchoHandler();
  const world = new RingWorld(handler);
  world.serve();
  world.run();
  const words = new Int32Array(world.pair.toServer);
  words[96] = -5; // The length of the first record.
  words[32] = 64; // The ring's tail.
  world.bell(world.pair.serverDoorbell).ring();
  world.run();
  is(world.lines.filter(({ level }) => level === 'error').length, 1);
  equal(handler.codes, []);
});

test('the client’s side of a pair is one, whoever asks; a closed hub is of no use', () => {
  const world = new RingWorld(new EchoHandler());
  is(world.clientHub.use(world.pair), world.clientHub.use(world.pair));
  world.clientHub.close();
  world.clientHub.close();
  throws(() => world.clientHub.use(world.pair), /closed/);
  throws(() => world.clientHub.serve(world.pair), /closed/);
});

test('connections of pairs without a taker of their own go to the hub’s', () => {
  const world = new RingWorld(new EchoHandler());
  world.serverHub.onSocket = (socket) => world.server.adopt(socket);
  world.serverHub.serve(world.pair);
  const outcome = world.call(world.channel());
  world.run();
  is(outcome.response?.code, 0);
});
