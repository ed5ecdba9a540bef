import { ok } from 'uvu/assert';
import { ManualClock, ManualScheduler, type Socket, seededRandom } from '../../src/base/index.ts';
import {
  CURRENT_VERSION,
  encodeCommand,
  type RemotingCommand,
  type RequestView,
} from '../../src/protocol/index.ts';
import {
  MemoryNetwork,
  type MemoryNetworkOptions,
  type Peer,
  RemotingClient,
  type RemotingClientOptions,
  RemotingServer,
  type RemotingServerLimits,
  type RequestHandler,
} from '../../src/transport/index.ts';
import { Recorder } from './network-cases.ts';
import { type LogLine, recordingLogger } from './recording-logger.ts';

export const SERVER = '10.0.0.1:9876';

/** A command as plain data. */
export const command = (code: number, over: Partial<RemotingCommand> = {}): RemotingCommand => ({
  code,
  language: 'JAVA',
  version: CURRENT_VERSION,
  opaque: 0,
  flag: 0,
  ...over,
});

/** Answers each request with code 0 and the request's body. */
export class EchoHandler implements RequestHandler {
  readonly codes: number[] = [];
  readonly opened: Peer[] = [];
  readonly closed: Peer[] = [];
  turns = 0;

  onRequest(view: RequestView, peer: Peer): void {
    this.codes.push(view.code);
    if (view.isOneway) return;
    const body = Buffer.from(view.buffer.subarray(view.bodyStart, view.bodyEnd));
    peer.reply(command(0, { body }), view);
  }

  onTurnEnd(): void {
    this.turns += 1;
  }

  onOpen(peer: Peer): void {
    this.opened.push(peer);
  }

  onClose(peer: Peer): void {
    this.closed.push(peer);
  }
}

/** A bare connection: what it is sent is kept, frames are cut out by their length words. */
export class RawClient extends Recorder {
  readonly socket: Socket;

  constructor(socket: Socket) {
    super();
    this.socket = socket;
    socket.start(this);
  }

  /** Bodies and codes of the frames received so far. */
  frames(): Buffer[] {
    const all = Buffer.concat(this.chunks);
    const frames: Buffer[] = [];
    for (let at = 0; at + 4 <= all.length; ) {
      const end = at + 4 + all.readInt32BE(at);
      if (end > all.length) break;
      frames.push(all.subarray(at, end));
      at = end;
    }
    return frames;
  }

  send(sent: RemotingCommand, headerType: 0 | 1 = 0): void {
    this.socket.write(encodeCommand(sent, headerType));
  }
}

/** A server, a simulated network and manual time. */
export interface World {
  readonly clock: ManualClock;
  readonly scheduler: ManualScheduler;
  readonly network: MemoryNetwork;
  readonly server: RemotingServer;
  readonly lines: LogLine[];
  connect(host?: string): RawClient;
  client(options?: Partial<RemotingClientOptions>): RemotingClient;
  advance(ms: number): void;
}

/** Starts a server on SERVER. */
export const createWorld = (
  handler: RequestHandler,
  options: Partial<MemoryNetworkOptions> & { readonly limits?: RemotingServerLimits } = {},
  seed = 1,
): World => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const network = new MemoryNetwork({ scheduler, random: seededRandom(seed), ...options });
  const { logger, lines } = recordingLogger();
  const limits = options.limits ?? {};
  const server = new RemotingServer({ network, scheduler, clock, logger, handler, limits });
  server.listen({ host: '10.0.0.1', port: 9876 }, (error) => ok(error === undefined));
  scheduler.runDeferred();
  return {
    clock,
    scheduler,
    network,
    server,
    lines,
    connect(host = '10.0.0.9') {
      let client: RawClient | undefined;
      const to = { host: '10.0.0.1', port: 9876, timeoutMs: 1000 };
      network.from(host).connect(to, (_, socket) => {
        if (socket) client = new RawClient(socket);
      });
      for (let ms = 0; client === undefined && ms < 1000; ms++) scheduler.advance(1);
      ok(client);
      return client;
    },
    client: (over = {}) => new RemotingClient({ network, scheduler, clock, logger, ...over }),
    advance: (ms) => scheduler.advance(ms),
  };
};
