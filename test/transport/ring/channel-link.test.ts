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

test('T8: a connection that is told to stop keeps its requests until it may go on, and keeps no other waiting', () => {
  const { world, link, frames, sockets, another } = create();
  const other = another();
  world.run();
  sockets[0]?.pause();
  link.send(SendMessageV2, 0, 1, sendHeader, Buffer.alloc(10));
  world.run();
  is(link.unsentBytes, 0);
  for (let opaque = 2; opaque < 5; opaque++)
    link.send(SendMessageV2, 0, opaque, sendHeader, Buffer.alloc(20_000));
  world.run();
  ok(link.unsentBytes > 60_000);
  other.send(SendMessageV2, 0, 77, sendHeader, Buffer.alloc(20_000));
  world.run();
  equal(frames(), ['77 0 TopicTest 20000']);
  sockets[0]?.resume();
  world.run();
  is(link.unsentBytes, 0);
  equal(frames().slice(1), [
    '1 0 TopicTest 10',
    ...[2, 3, 4].map((opaque) => `${opaque} 0 TopicTest 20000`),
  ]);
});

test('T4: a connection that was told to stop ends when it is closed', () => {
  const { world, link, frames, sockets, received } = create();
  world.run();
  sockets[0]?.pause();
  link.send(SendMessageV2, 0, 1, sendHeader, Buffer.alloc(10));
  world.run();
  link.send(SendMessageV2, 0, 2, sendHeader, Buffer.alloc(20_000));
  link.close();
  world.run();
  sockets[0]?.resume();
  world.run();
  equal(frames(), ['1 0 TopicTest 10'], 'what came before the stop comes before the end');
  is(received.closes, 1);
});
