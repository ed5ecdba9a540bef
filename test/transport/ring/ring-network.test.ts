import { is, ok } from 'uvu/assert';
import type { Network, Socket } from '../../../src/base/index.ts';
import { createRingPair, RemotingClient, ringNetwork } from '../../../src/transport/index.ts';
import { suite } from '../../support/suite.ts';
import { networkCases, Recorder } from '../network-cases.ts';
import { recordingLogger } from '../recording-logger.ts';
import { command, EchoHandler } from '../world.ts';
import { BROKER, codeOf, RingWorld } from './fixture.ts';

const test = suite('a network through rings');

/** A network whose listening ports are all reached through one pair. */
const ringed = (bytes: number) => {
  const world = new RingWorld(new EchoHandler(), bytes);
  const pairs = new Map<string, typeof world.pair>();
  const rings = ringNetwork(world.clientHub, pairs, world.network);
  const network: Network = {
    listen(at, onSocket, ready) {
      const taken = world.network.listen(
        at,
        () => undefined,
        (error, address) => {
          if (address !== undefined) {
            pairs.set(`${address.host}:${address.port}`, world.pair);
            world.serverHub.serve(world.pair, onSocket);
          }
          ready(error, address);
        },
      );
      return {
        close(done) {
          pairs.clear();
          taken.close(done);
        },
      };
    },
    connect: (to, ready) => rings.connect(to, ready),
  };
  const until = async (isDone: () => boolean): Promise<void> => {
    for (let step = 0; step < 10_000 && !isDone(); step++) world.scheduler.advance(1);
    ok(isDone());
  };
  return { network, until };
};

networkCases(test, () => ringed(1024 * 1024));
networkCases(test, () => ringed(1024));

const clientOf = (world: RingWorld): RemotingClient => {
  const { scheduler, clock, clientHub, network } = world;
  const { logger } = recordingLogger();
  const rings = ringNetwork(clientHub, new Map([[BROKER, world.pair]]), network);
  return new RemotingClient({ network: rings, scheduler, clock, logger });
};

test('a RemotingClient calls through rings with the frames it has', () => {
  const world = new RingWorld(new EchoHandler());
  world.serve();
  const bodies: (string | undefined)[] = [];
  clientOf(world).request(BROKER, command(105, { body: Buffer.from('hello') }), 1000, (_, answer) =>
    bodies.push(answer?.body?.toString()),
  );
  world.run();
  is(bodies[0], 'hello');
});

test('a connection waits for its server; without one it fails after its time', () => {
  const world = new RingWorld(new EchoHandler());
  const codes: number[] = [];
  clientOf(world).request(BROKER, command(105), 60_000, (_, answer) =>
    codes.push(answer?.code ?? -1),
  );
  world.run();
  is(codes.length, 0);
  world.serve();
  world.run();
  is(codes[0], 0);
  const errors: string[] = [];
  const other = new RingWorld(new EchoHandler());
  clientOf(other).request(BROKER, command(105), 60_000, (error) => errors.push(codeOf(error)));
  other.scheduler.advance(4000);
  is(errors[0], 'CONNECT_FAILED');
});

test('a server that is gone for good is not waited for', () => {
  const world = new RingWorld(new EchoHandler());
  const network = ringNetwork(world.clientHub, new Map([[BROKER, world.pair]]), world.network);
  const outcomes: string[] = [];
  const connect = (): void =>
    network.connect({ host: '127.0.0.1', port: 10_911, timeoutMs: 60_000 }, (error) =>
      outcomes.push(codeOf(error)),
    );
  connect();
  world.run();
  world.markServerGone(true);
  world.run();
  connect();
  world.run();
  is(outcomes.join(), 'CONNECT_FAILED,CONNECT_FAILED');
});

test('a socket lost between its connection and its start is told so', () => {
  const world = new RingWorld(new EchoHandler());
  world.serve();
  const network = ringNetwork(world.clientHub, new Map([[BROKER, world.pair]]), world.network);
  const sockets: Socket[] = [];
  network.connect({ host: '127.0.0.1', port: 10_911, timeoutMs: 1000 }, (_, socket) => {
    if (socket) sockets.push(socket);
  });
  world.clientHub.detach(world.pair);
  world.run();
  const recorder = new Recorder();
  sockets[0]?.start(recorder);
  world.run();
  is(recorder.closes, 1);
});

test('rings of another pair are another server', () => {
  const world = new RingWorld(new EchoHandler());
  const second = createRingPair({
    serverDoorbell: world.pair.serverDoorbell,
    clientDoorbell: world.pair.clientDoorbell,
  });
  const seen: string[] = [];
  const at = (name: string) => (socket: Socket) => {
    socket.start(new Recorder());
    seen.push(name);
  };
  world.serverHub.serve(world.pair, at('first'));
  world.serverHub.serve(second, at('second'));
  const pairs = new Map([
    ['127.0.0.1:1', world.pair],
    ['127.0.0.1:2', second],
  ]);
  const network = ringNetwork(world.clientHub, pairs, world.network);
  for (const port of [2, 1, 2]) {
    network.connect({ host: '127.0.0.1', port, timeoutMs: 1000 }, (_, socket) =>
      socket?.start(new Recorder()),
    );
  }
  world.run();
  is(seen.sort().join(), 'first,second,second');
  world.serverHub.detach(second);
  world.run();
  is(seen.length, 3);
});
