import { ok } from 'uvu/assert';
import { OUTPUT_PAUSE_BYTES } from '../../../src/base/index.ts';
import { COMMAND_FLAG } from '../../../src/protocol/index.ts';
import {
  Forwarder,
  type RemotingServerLimits,
  type RequestHandler,
} from '../../../src/transport/index.ts';
import { recordingLogger } from '../recording-logger.ts';
import { RawClient } from '../world.ts';
import { RingWorld } from './fixture.ts';

const AT = { host: '10.0.0.1', port: 10_911 };
const STEP_MS = 1;
export const MIB = 1024 * 1024;

/** A server behind a pair of rings, a forwarder in front of it, and clients on a simulated network. */
export class ForwardWorld extends RingWorld {
  readonly forwarderLines;
  forwarder: Forwarder;
  readonly #logger;

  constructor(handler: RequestHandler, bytes = MIB, limits: RemotingServerLimits = {}) {
    super(handler, bytes, limits);
    const { logger, lines } = recordingLogger();
    this.#logger = logger;
    this.forwarderLines = lines;
    this.forwarder = this.createForwarder(limits);
    this.listen();
  }

  createForwarder(limits: RemotingServerLimits = {}): Forwarder {
    const { network, scheduler, clock, clientHub: hub, pair } = this;
    return new Forwarder({ network, scheduler, clock, logger: this.#logger, hub, pair, limits });
  }

  listen(): void {
    this.forwarder.listen(AT, (error) => ok(error === undefined));
    this.run();
  }

  connect(host = '10.0.0.9'): RawClient {
    let client: RawClient | undefined;
    this.network.from(host).connect({ ...AT, timeoutMs: 1000 }, (_, socket) => {
      if (socket) client = new RawClient(socket);
    });
    this.advance(STEP_MS);
    ok(client);
    return client;
  }

  advance(ms: number): void {
    for (let passed = 0; passed < ms; passed += STEP_MS) this.scheduler.advance(STEP_MS);
  }
}

/** An answer as far as tests look at it: flag, opaque, body. */
export const answerOf = (frame: Buffer | undefined) => {
  ok(frame);
  const headerEnd = 8 + (frame.readInt32BE(4) & 0xffffff);
  const body = frame.subarray(headerEnd);
  if (frame[4] === 1) return { opaque: frame.readInt32BE(8 + 5), body };
  const header = JSON.parse(frame.toString('utf8', 8, headerEnd)) as Record<string, number>;
  ok(header['flag'] === COMMAND_FLAG.RESPONSE);
  return { opaque: header['opaque'], body };
};

/** Bytes that may be under way to a client that reads nothing: the limit, the rings, one answer more. */
export const UNREAD_BYTES_MAX = OUTPUT_PAUSE_BYTES + 4 * MIB;
