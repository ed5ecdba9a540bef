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
  return { world, link, owner, frames, sockets };
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
