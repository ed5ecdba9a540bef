import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { is, ok } from 'uvu/assert';
import { FRAME_COMPLETE_MS, type Random, seededRandom } from '../../src/base/index.ts';
import { decodeCommand, encodeCommand, type RequestView, SLOT } from '../../src/protocol/index.ts';
import type { Peer } from '../../src/transport/index.ts';
import { suite } from '../support/suite.ts';
import { mutate } from './frame-mutator.ts';
import { command, createWorld, EchoHandler, type RawClient } from './world.ts';

const test = suite('fuzz');
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 0x7fff_ffff);
const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 1500);
const HOST_BAD = '10.6.6.6';

/** Reads everything a processor would: fields by slot, and the whole command. */
class ReadingHandler extends EchoHandler {
  override onRequest(view: RequestView, peer: Peer): void {
    for (const slot of Object.values(SLOT)) {
      view.string(slot);
      view.int(slot, 0);
      view.int64(slot, 0);
      view.boolean(slot);
    }
    decodeCommand(view);
    super.onRequest(view, peer);
  }
}

const goldenFrames = (): Buffer[] => {
  const path = fileURLToPath(new URL('../../../test/golden/vectors.json', import.meta.url));
  if (!existsSync(path)) return [];
  const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as {
    vectors: readonly { readonly kind: string; readonly hex?: string }[];
  };
  return vectors.flatMap(({ kind, hex }) =>
    kind === 'frame' && hex ? [Buffer.from(hex, 'hex')] : [],
  );
};

const SEND_FIELDS = {
  a: 'group',
  b: 'TopicTest',
  c: 'TBW102',
  d: '4',
  e: '1',
  f: '0',
  g: '1700000000000',
  h: '0',
  i: 'UNIQ_KEY\u0001ABC\u0002WAIT\u0001true',
  j: '0',
  k: 'false',
  m: 'false',
};
const PULL_FIELDS = {
  consumerGroup: 'group',
  topic: 'TopicTest',
  queueId: '3',
  queueOffset: '9223372036854775807',
  maxMsgNums: '32',
  sysFlag: '6',
  commitOffset: '0',
  suspendTimeoutMillis: '15000',
  subscription: 'a || b "é"',
  subVersion: '0',
};

const recordedFrames = (): Buffer[] => [
  ...goldenFrames(),
  ...([0, 1] as const).flatMap((headerType) => [
    encodeCommand(
      command(310, { opaque: 5, extFields: SEND_FIELDS, body: Buffer.from('body') }),
      headerType,
    ),
    encodeCommand(command(11, { opaque: 6, extFields: PULL_FIELDS }), headerType),
    encodeCommand(command(34, { opaque: 7, body: Buffer.from('{"clientID":"c"}') }), headerType),
    encodeCommand(command(0, { opaque: 1, flag: 1, remark: 'ok' }), headerType),
  ]),
];

const wholeFrames = (client: RawClient): boolean =>
  client.frames().reduce((sum, frame) => sum + frame.length, 0) === client.bytes;

const attack = (client: RawClient, frames: readonly Buffer[], random: Random): void => {
  const pieces = 1 + random.below(4);
  for (let piece = 0; piece < pieces; piece++)
    client.socket.write(Buffer.from(mutate(frames, random)));
  if (random.below(4) === 0) client.socket.destroy();
};

test(`damaged frames: no throw, no hang, others are served (FUZZ_SEED=${seed})`, () => {
  process.stdout.write(`FUZZ_SEED=${seed}\n`);
  const random = seededRandom(seed);
  const frames = recordedFrames();
  ok(frames.length >= 8);
  const world = createWorld(new ReadingHandler(), { chunkBytesMax: 3000 }, seed);
  const good = world.connect('10.0.0.2');
  const attackers: RawClient[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const place = `seed ${seed}, round ${round}`;
    const bad = world.connect(HOST_BAD);
    attackers.push(bad);
    try {
      attack(bad, frames, random);
      world.advance(1);
    } catch (error) {
      throw new Error(`thrown out of the server: ${place}`, { cause: error });
    }
    ok(wholeFrames(bad), place);
    if (round % 10 === 0) {
      const before = good.frames().length;
      good.send(command(10, { opaque: round }), round % 20 === 0 ? 0 : 1);
      world.advance(1);
      is(good.frames().length, before + 1, place);
      is(good.closes, 0, place);
    }
  }
  for (let ms = 0; ms < FRAME_COMPLETE_MS + 10_000; ms += 5000) {
    good.send(command(10));
    world.advance(5000);
  }
  // Who sent half a frame was closed; who sent whole ones, however odd, may stay until it is idle.
  world.advance(200_000);
  is(world.server.peers.size, 0);
  ok(attackers.every(({ closes }) => closes === 1));
  is(world.server.pending.size, 0);
}, 120_000);

test('random bytes end in a close or in silence, never in an answer that is no frame', () => {
  const random = seededRandom(seed + 1);
  const world = createWorld(new ReadingHandler());
  for (let round = 0; round < 300; round++) {
    const client = world.connect(HOST_BAD);
    client.socket.write(
      Buffer.from(Array.from({ length: 1 + random.below(64) }, () => random.below(256))),
    );
    world.advance(1);
    ok(wholeFrames(client), `seed ${seed}, round ${round}`);
  }
  world.advance(200_000);
  is(world.server.peers.size, 0);
});
