import { ok } from 'uvu/assert';
import {
  ManualClock,
  ManualScheduler,
  type Network,
  seededRandom,
} from '../../../src/base/index.ts';
import {
  COMMAND_FLAG,
  decodeCommand,
  HEADER_TYPE,
  type HeaderOf,
  type RemotingCommand,
  SendMessageV2,
} from '../../../src/protocol/index.ts';
import { Doorbell, type DoorbellConsumer, RingReader } from '../../../src/ring/index.ts';
import {
  createRingPair,
  type HubBell,
  MemoryNetwork,
  markClientGone,
  markServerGone,
  PairState,
  RemotingServer,
  type RemotingServerLimits,
  type RequestHandler,
  RingChannel,
  type RingChannelOptions,
  RingHub,
  type RingHubOptions,
  type RingPair,
  scheduledBells,
} from '../../../src/transport/index.ts';
import { PairOutput, type PairOutputOptions } from '../../../src/transport/ring/pair-output.ts';
import { type LogLine, recordingLogger } from '../recording-logger.ts';

export const BROKER = '127.0.0.1:10911';

/** The header of a send, as tests use it. */
export const sendHeader: HeaderOf<typeof SendMessageV2.request> = {
  producerGroup: 'group',
  topic: 'TopicTest',
  defaultTopic: 'TBW102',
  defaultTopicQueueNums: 4,
  queueId: 0,
  sysFlag: 0,
  bornTimestamp: 1_700_000_000_000,
  flag: 0,
  properties: '',
  reconsumeTimes: 0,
  unitMode: false,
  batch: false,
};

/** What became of a call. */
export interface Outcome {
  error?: Error;
  response?: RemotingCommand;
  times: number;
}

/** Two hubs in one thread on manual time: everything a pair does, step by step. */
export class RingWorld {
  readonly clock = new ManualClock();
  readonly scheduler = new ManualScheduler(this.clock);
  readonly lines: LogLine[];
  readonly pair: RingPair;
  readonly network: MemoryNetwork;
  readonly clientHub: RingHub;
  server: RemotingServer;
  serverHub: RingHub;
  readonly #handler: RequestHandler;
  readonly #limits: RemotingServerLimits;
  readonly #parts;

  constructor(handler: RequestHandler, bytes = 64 * 1024, limits: RemotingServerLimits = {}) {
    const { logger, lines } = recordingLogger();
    this.lines = lines;
    this.#handler = handler;
    this.#limits = limits;
    const { clock, scheduler } = this;
    this.pair = createRingPair({ bytes });
    this.network = new MemoryNetwork({ scheduler, random: seededRandom(1) });
    this.#parts = { clock, scheduler, logger, openBell: scheduledBells(scheduler) };
    this.clientHub = this.hub(this.pair.clientDoorbell, 0);
    this.serverHub = this.hub(this.pair.serverDoorbell);
    this.server = this.#createServer();
  }

  hub(doorbell = Doorbell.memory(), spinUs = 2, over: Partial<RingHubOptions> = {}): RingHub {
    return new RingHub({ ...this.#parts, doorbell, spinUs, ...over });
  }

  /** The bell of a thread, to be rung. */
  bell(doorbell: SharedArrayBuffer, consumer?: DoorbellConsumer): HubBell {
    return this.#parts.openBell(doorbell, consumer);
  }

  /** Serves the pair; again after the server's thread was replaced. */
  serve(): void {
    this.serverHub.serve(this.pair, (socket) => this.server.adopt(socket));
  }

  /** The server's thread dies without a word and another one stands ready: `serve` lets it begin. */
  replaceServer(): void {
    // What the dead thread would still do is nothing: nobody wakes its hub.
    this.#parts.openBell(this.pair.serverDoorbell).close();
    this.serverHub = this.hub(this.pair.serverDoorbell);
    this.server = this.#createServer();
  }

  markServerGone(isFinal = false): void {
    markServerGone(this.pair, isFinal, this.#parts.openBell);
  }

  markClientGone(): void {
    markClientGone(this.pair, this.#parts.openBell);
  }

  channel(over: Partial<RingChannelOptions> = {}): RingChannel {
    const { clock, scheduler, logger } = this.#parts;
    const pairs = new Map([[BROKER, this.pair]]);
    return new RingChannel({ hub: this.clientHub, pairs, clock, scheduler, logger, ...over });
  }

  /** Calls, and keeps what becomes of it. */
  call(channel: RingChannel, body = Buffer.alloc(0), timeoutMs = 3000, address = BROKER): Outcome {
    const outcome: Outcome = { times: 0 };
    channel.call(SendMessageV2, address, sendHeader, body, timeoutMs, (error, view) => {
      outcome.times += 1;
      if (error !== undefined) outcome.error = error;
      if (view !== undefined) outcome.response = decodeCommand(view);
    });
    ok(outcome.times === 0, 'never inside of call');
    return outcome;
  }

  run(): void {
    this.scheduler.runDeferred();
  }

  #createServer(): RemotingServer {
    const { clock, scheduler, logger } = this.#parts;
    const { network } = this as { network: Network };
    const limits = this.#limits;
    return new RemotingServer({
      network,
      scheduler,
      clock,
      logger,
      handler: this.#handler,
      limits,
    });
  }
}

/** A client's ring of a pair, its writer, and who reads it by hand. */
export const createOutput = (
  bytes = 1024,
  over: Partial<Pick<PairOutputOptions, 'bell' | 'ringLater'>> = {},
) => {
  const pair = createRingPair({ bytes });
  const state = new PairState(pair.state);
  const output = new PairOutput({
    ring: pair.toServer,
    bell: { ring: () => true },
    state,
    side: 'client',
    ringLater: () => undefined,
    ...over,
  });
  const giveRoom = (): void => {
    state.giveRoom('client');
    if (output.hasRoomGiven) output.serveWaiters();
  };
  return { output, state, reader: new RingReader(pair.toServer), giveRoom };
};

/** The code of an error. */
export const codeOf = (error: Error | undefined): string =>
  (error as { code?: string } | undefined)?.code ?? 'none';

/** A positional response of 20 bytes: code 0, no fields, no body. */
export const positionalAnswer = (opaque: number): Buffer => {
  const bytes = Buffer.alloc(20);
  bytes.writeInt32BE(16, 0);
  bytes.writeInt32BE((HEADER_TYPE.POSITIONAL << 24) | 12, 4);
  bytes.writeInt16BE(COMMAND_FLAG.RESPONSE, 10);
  bytes.writeInt32BE(opaque, 12);
  return bytes;
};
