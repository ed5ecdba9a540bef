import { equal, is, ok } from 'uvu/assert';
import type { Socket } from '../../../src/base/index.ts';
import {
  COMMAND_FLAG,
  FrameDecoder,
  HEADER_TYPE,
  type RequestView,
  readPositional,
  SendMessageV2,
  RequestView as View,
} from '../../../src/protocol/index.ts';
import { ChannelLink, type LinkOwner } from '../../../src/transport/ring/channel-link.ts';
import { WINDOW_BYTES } from '../../../src/transport/ring/records.ts';
import { suite } from '../../support/suite.ts';
import { Recorder } from '../network-cases.ts';
import { EchoHandler } from '../world.ts';
import { positionalAnswer, RingWorld, sendHeader } from './fixture.ts';

const test = suite('a channel’s connection');

class Owner implements LinkOwner {
  readonly view = new View();
  readonly events: string[] = [];

  onAnswer(_: ChannelLink, view: RequestView): void {
    this.events.push(`answer ${view.opaque}`);
    if (view.opaque === 13) throw new Error('a callback failed');
  }

  onRequest(_: ChannelLink, view: RequestView): void {
    this.events.push(`request ${view.code}`);
  }

  onFailure(_: ChannelLink, error: unknown): void {
    this.events.push(String(error));
  }

  onMisbehaviour(_: ChannelLink, reason: string): void {
    this.events.push(reason);
  }

  onGone(): void {
    this.events.push('gone');
  }
}

const create = (bytes = 8192) => {
  const world = new RingWorld(new EchoHandler(), bytes);
  const received = new Recorder();
  const sockets: Socket[] = [];
  world.serverHub.serve(world.pair, (socket) => {
    socket.start(received);
    sockets.push(socket);
  });
  const owner = new Owner();
  const link = new ChannelLink(owner, world.clientHub.use(world.pair), '127.0.0.1:1', 0);
  link.open({ host: '127.0.0.1', port: 1 }, '127.0.0.1');
  const another = (): ChannelLink => {
    const made = new ChannelLink(owner, world.clientHub.use(world.pair), '127.0.0.1:1', 0);
    made.open({ host: '127.0.0.1', port: 1 }, '127.0.0.1');
    return made;
  };
  const frames = (): string[] => {
    const view = new View();
    const found: string[] = [];
    new FrameDecoder(undefined, HEADER_TYPE.POSITIONAL).push(Buffer.concat(received.chunks), {
      onFrame(buffer, start, end) {
        ok(view.scan(buffer, start, end));
        const { topic } = readPositional(SendMessageV2.request, view);
        found.push(`${view.opaque} ${view.flag} ${topic} ${view.bodyBytes}`);
        return true;
      },
    });
    return found;
  };
  return { world, link, owner, frames, sockets, received, another };
};

test('requests are positional frames, in their order, whether they lie in the ring or wait for it', () => {
  const { world, link, frames } = create();
  const expected: string[] = [];
  for (let opaque = 1; opaque < 60; opaque++) {
    const flag = opaque % 3 === 0 ? COMMAND_FLAG.ONEWAY : 0;
    const bytes = opaque % 7 === 0 ? 20_000 : opaque * 10;
    link.send(SendMessageV2, flag, opaque, sendHeader, Buffer.alloc(bytes));
    expected.push(`${opaque} ${flag} TopicTest ${bytes}`);
  }
  ok(link.unsentBytes > 0);
  world.run();
  is(link.unsentBytes, 0);
  equal(frames(), expected);
});

test('a callback that throws is reported, and the next answer is read', () => {
  const { world, sockets, owner } = create();
  world.run();
  sockets[0]?.write(Buffer.concat([positionalAnswer(13), positionalAnswer(14)]));
  world.run();
  equal(owner.events, ['answer 13', 'Error: a callback failed', 'answer 14']);
});

test('bytes that are no frame end the connection, once', () => {
  const { world, sockets, owner, link } = create();
  world.run();
  sockets[0]?.write(
    Buffer.concat([positionalAnswer(1), Buffer.alloc(8, 0xff), positionalAnswer(2)]),
  );
  world.run();
  equal(owner.events, ['answer 1', 'a frame with a negative length', 'gone']);
  is(link.isGone, true);
});

test('T8: a connection whose window is full keeps its requests until it may go on, and keeps no other waiting', () => {
  const { world, link, frames, sockets, another } = create(1024 * 1024);
  const other = another();
  world.run();
  sockets[0]?.pause();
  const opaques = [1, 2, 3, 4, 5, 6];
  for (const opaque of opaques)
    link.send(SendMessageV2, 0, opaque, sendHeader, Buffer.alloc(WINDOW_BYTES / 4));
  world.run();
  ok(link.unsentBytes > WINDOW_BYTES / 2);
  link.send(SendMessageV2, 0, 7, sendHeader, Buffer.alloc(10));
  other.send(SendMessageV2, 0, 77, sendHeader, Buffer.alloc(20_000));
  world.run();
  equal(frames(), ['77 0 TopicTest 20000']);
  sockets[0]?.resume();
  world.run();
  is(link.unsentBytes, 0);
  equal(frames().slice(1), [
    ...opaques.map((opaque) => `${opaque} 0 TopicTest ${WINDOW_BYTES / 4}`),
    '7 0 TopicTest 10',
  ]);
});

test('T8: requests that are written in place count', () => {
  const { world, link, sockets } = create(1024 * 1024);
  world.run();
  sockets[0]?.pause();
  const body = Buffer.alloc(10_000);
  for (let bytes = 0; bytes < WINDOW_BYTES - body.length; bytes += body.length) {
    link.send(SendMessageV2, 0, 1, sendHeader, body);
    world.run();
  }
  link.send(SendMessageV2, 0, 2, sendHeader, body);
  link.send(SendMessageV2, 0, 3, sendHeader, body);
  world.run();
  ok(link.unsentBytes > body.length);
});

test('T8: answers are taken without end, also by a connection that is closed meanwhile', () => {
  const { world, link, owner, sockets } = create();
  world.run();
  const answers = Buffer.concat(
    Array.from({ length: 1000 }, (_, index) => positionalAnswer(index + 100)),
  );
  const answer = (rounds: number): void => {
    for (let round = 0; round < rounds; round++) {
      sockets[0]?.write(answers);
      world.run();
    }
  };
  answer(210);
  ok(210 * answers.length > 2 * WINDOW_BYTES);
  is(owner.events.length, 210_000);
  is(sockets[0]?.pendingBytes, 0);
  sockets[0]?.pause();
  link.send(SendMessageV2, 0, 1, sendHeader, Buffer.alloc(2 * WINDOW_BYTES));
  world.run();
  link.close();
  answer(210);
  is(sockets[0]?.pendingBytes, 0, 'nobody waits for who does not listen');
  is(owner.events.length, 210_000);
});

test('T4: a connection is closed behind all that waits for its window', () => {
  const { world, link, frames, sockets, received } = create(1024 * 1024);
  world.run();
  sockets[0]?.pause();
  const expected: string[] = [];
  for (let opaque = 1; opaque < 20; opaque++) {
    link.send(SendMessageV2, 0, opaque, sendHeader, Buffer.alloc(WINDOW_BYTES / 4));
    expected.push(`${opaque} 0 TopicTest ${WINDOW_BYTES / 4}`);
  }
  link.close();
  world.run();
  is(received.closes, 0);
  sockets[0]?.resume();
  world.run();
  equal(frames(), expected);
  is(received.closes, 1);
});
