import { equal, is, not, ok } from 'uvu/assert';
import { ManualClock, ManualScheduler, type Socket, seededRandom } from '../../src/base/index.ts';
import { MemoryNetwork, type MemoryNetworkOptions } from '../../src/transport/memory-network.ts';
import { suite } from '../support/suite.ts';
import { networkCases, Recorder } from './network-cases.ts';

const test = suite('memory-network');

const create = (seed: number, options: Partial<MemoryNetworkOptions> = {}) => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const network = new MemoryNetwork({ scheduler, random: seededRandom(seed), ...options });
  const until = async (isDone: () => boolean): Promise<void> => {
    for (let steps = 0; !isDone(); steps++) {
      if (steps > 100_000) throw new Error('the network came to rest too early');
      scheduler.advance(1);
    }
  };
  return { clock, scheduler, network, until };
};

networkCases(test, () => create(1));
networkCases(test, () =>
  create(2, { latencyMsMin: 1, latencyMsMax: 40, socketBytes: 50_000, chunkBytesMax: 900 }),
);

const open = (
  world: ReturnType<typeof create>,
  port: number,
): { near: Socket; nearSide: Recorder; farSide: Recorder } => {
  const nearSide = new Recorder();
  const farSide = new Recorder();
  let near: Socket | undefined;
  world.network.listen(
    { host: '10.0.0.1', port },
    (socket) => socket.start(farSide),
    () => undefined,
  );
  world.network
    .from('10.0.0.9')
    .connect({ host: '10.0.0.1', port, timeoutMs: 100 }, (_, socket) => {
      socket?.start(nearSide);
      near = socket;
    });
  world.scheduler.advance(1000);
  ok(near);
  return { near, nearSide, farSide };
};

test('the same seed cuts the stream at the same places, another seed at others', () => {
  const run = (seed: number): number[] => {
    const world = create(seed, { latencyMsMax: 20, chunkBytesMax: 50 });
    const { near, farSide } = open(world, 1);
    near.write(Buffer.alloc(1000));
    world.scheduler.advance(1000);
    is(farSide.bytes, 1000);
    return farSide.chunks.map((chunk) => chunk.length);
  };
  equal(run(5), run(5));
  not.equal(run(5), run(6));
});

test('connections overtake each other, bytes inside one do not', () => {
  let overtakes = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const world = create(seed, { latencyMsMin: 1, latencyMsMax: 100 });
    const first = open(world, 1);
    const second = open(world, 2);
    for (const digit of '0123456789') {
      first.near.write(Buffer.from(digit));
      second.near.write(Buffer.from(digit));
    }
    while (first.farSide.bytes === 0 && second.farSide.bytes === 0) world.scheduler.advance(1);
    if (second.farSide.bytes > 0 && first.farSide.bytes === 0) overtakes += 1;
    world.scheduler.advance(2000);
    is(first.farSide.text, '0123456789');
    is(second.farSide.text, '0123456789');
  }
  ok(overtakes > 0);
});

test('a chunk kept without copying turns into garbage', () => {
  const world = create(3);
  const kept: Buffer[] = [];
  world.network.listen(
    { host: '127.0.0.1', port: 5 },
    (socket) => socket.start({ onData: (chunk) => kept.push(chunk), onDrain() {}, onClose() {} }),
    () => undefined,
  );
  world.network.connect({ host: '127.0.0.1', port: 5, timeoutMs: 10 }, (_, socket) => {
    socket?.start(new Recorder());
    socket?.write(Buffer.from('secret'));
  });
  world.scheduler.advance(10);
  ok(kept.length > 0);
  for (const chunk of kept) ok(chunk.every((byte) => byte === 0xdd));
});

test('a cut loses what is under way and resets both ends', () => {
  const world = create(4, { latencyMsMin: 10, latencyMsMax: 10 });
  const { near, nearSide, farSide } = open(world, 1);
  near.write(Buffer.from('lost'));
  world.network.cut('10.0.0.9');
  world.scheduler.advance(100);
  is(farSide.bytes, 0);
  for (const side of [nearSide, farSide]) {
    is(side.closes, 1);
    is((side.error as NodeJS.ErrnoException).code, 'ECONNRESET');
  }
  is(world.network.linkCount, 0);
});

test('a silenced link takes bytes and delivers none, and no end is told', () => {
  const world = create(4);
  const { near, nearSide, farSide } = open(world, 1);
  world.network.silence('10.0.0.1:1');
  is(near.write(Buffer.from('into the void')), true);
  near.destroy();
  world.scheduler.advance(10_000);
  is(nearSide.closes, 1);
  is(farSide.bytes, 0);
  is(farSide.closes, 0);
});

test('an unreachable address times out, and answers again once reachable', () => {
  const world = create(4);
  open(world, 1);
  world.network.unreach('10.0.0.1:1');
  const errors: (string | undefined)[] = [];
  const dial = (): void =>
    world.network.connect({ host: '10.0.0.1', port: 1, timeoutMs: 3000 }, (error, socket) => {
      errors.push((error as NodeJS.ErrnoException | undefined)?.code);
      socket?.start(new Recorder());
    });
  dial();
  world.scheduler.advance(2999);
  equal(errors, []);
  world.scheduler.advance(1);
  equal(errors, ['ETIMEDOUT']);
  world.network.reach('10.0.0.1:1');
  dial();
  world.scheduler.advance(10);
  equal(errors, ['ETIMEDOUT', undefined]);
});
