import {
  type Clock,
  errorMessage,
  IDLE_CLOSE_MS,
  type Logger,
  type Network,
  OUTPUT_CLOSE_BYTES,
  type Scheduler,
  type Socket,
  type Timer,
} from '../base/index.ts';
import {
  COMMAND_FLAG,
  type CommandDefinition,
  encodeCommand,
  encodeCommandHead,
  encodeHeader,
  type HeaderOf,
  type HeaderSchema,
  type HeaderType,
  type RemotingCommand,
  RequestView,
  requestOf,
} from '../protocol/index.ts';
import { parseAddress } from './address.ts';
import { notSupportedAnswer } from './answers.ts';
import { FlushQueue } from './flush-queue.ts';
import { OutputPool } from './output-buffer.ts';
import { Peer } from './peer.ts';
import type { PeerOwner } from './peer-owner.ts';
import {
  type CallDone,
  closedError,
  PendingRequests,
  type RequestDone,
} from './pending-requests.ts';
import { RateLimitedLog } from './rate-limited-log.ts';
import { TransportError } from './transport-error.ts';

/** Limits of one client; each has a default. */
export interface RemotingClientLimits {
  /** Requests waiting for an answer, over all connections. */
  readonly requestsMax?: number;
  readonly connectTimeoutMs?: number;
}

/** What a client is made of. */
export interface RemotingClientOptions {
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Encoding of the headers sent: 0 JSON (default), 1 ROCKETMQ. */
  readonly headerType?: HeaderType;
  readonly limits?: RemotingClientLimits;
  /** A request the server sent; answer with `peer.reply(command, view)`. Without a handler it gets "not supported". */
  readonly onRequest?: (view: RequestView, peer: Peer, address: string) => void;
  /** A connection that was open is gone. */
  readonly onDisconnect?: (address: string, error: Error | undefined) => void;
}

/** Default of `connectTimeoutMs`. */
export const CONNECT_TIMEOUT_MS = 3000;
/** A connection that was ended and does not go away is destroyed after this time. */
const CLOSE_LINGER_MS = 1000;
/** Default of `requestsMax`. */
export const CLIENT_REQUESTS_MAX = 65_536;
/** Bytes waiting for one server above which further requests to it fail. */
export const CLIENT_OUTPUT_BYTES_MAX = OUTPUT_CLOSE_BYTES / 2;
const SWEEP_MS = 5000;

/** The connection to one address, and what was written before it was open. */
interface Link {
  readonly address: string;
  peer: Peer | undefined;
  backlog: Buffer[];
  backlogBytes: number;
}

/**
 * Calls servers over one connection per address: many requests in flight, written once per turn. A connection is made by
 * the first call that needs it and again by the first one after it broke; whatever waited on it fails at once.
 * @thread owner
 */
export class RemotingClient implements PeerOwner {
  readonly clock: Clock;
  readonly pool = new OutputPool();
  readonly view = new RequestView();
  readonly pending: PendingRequests;
  readonly flushQueue: FlushQueue;
  readonly pausesUnreadPeers = false;
  readonly idleCloseMs = IDLE_CLOSE_MS;
  readonly #options: RemotingClientOptions;
  readonly #scheduler: Scheduler;
  readonly #log: RateLimitedLog;
  readonly #headerType: HeaderType;
  readonly #links = new Map<string, Link>();
  #lastPeerId = 0;
  #sweepTimer: Timer | undefined;
  #isClosed = false;

  constructor(options: RemotingClientOptions) {
    const { scheduler, clock, limits } = options;
    this.clock = clock;
    this.#options = options;
    this.#scheduler = scheduler;
    this.#headerType = options.headerType ?? 0;
    this.#log = new RateLimitedLog(options.logger, clock);
    this.flushQueue = new FlushQueue(scheduler);
    this.pending = new PendingRequests({
      clock,
      scheduler,
      limit: limits?.requestsMax ?? CLIENT_REQUESTS_MAX,
      onTimeout: (link, sentMs) => this.#onTimeout(link as Link, sentMs),
    });
  }

  /**
   * Sends a request; `done` is called once, in a later turn, with the response or a `TransportError`. A response with an
   * error code is a response.
   */
  request(address: string, command: RemotingCommand, timeoutMs: number, done: RequestDone): void {
    const link = this.#linkFor(address);
    if ('code' in link) {
      this.#scheduler.defer(() => done(link));
      return;
    }
    const opaque = this.pending.add(link, address, timeoutMs, done);
    if (opaque >= 0) this.#write(link, encodeCommand({ ...command, opaque }, this.#headerType));
  }

  /**
   * Calls a command by its definition; `done` is called once, in a later turn, with the frame of the answer, valid during
   * the call only, or a `TransportError`.
   */
  call<Q extends HeaderSchema, S extends HeaderSchema>(
    definition: CommandDefinition<Q, S>,
    address: string,
    header: HeaderOf<Q>,
    body: Buffer | undefined,
    timeoutMs: number,
    done: CallDone,
  ): void {
    const link = this.#linkFor(address);
    if ('code' in link) {
      this.#scheduler.defer(() => done(link));
      return;
    }
    const opaque = this.pending.addCall(link, address, timeoutMs, done);
    if (opaque < 0) return;
    const extFields = encodeHeader(definition.request, header);
    try {
      this.#writeCommand(link, requestOf(definition.code, { opaque, extFields, body }));
    } catch (error) {
      // Too long for a frame.
      this.pending.failLater(opaque, error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Sends without expecting an answer; `done` is called in a later turn, once the bytes are on their way or lost. */
  oneway(address: string, command: RemotingCommand, done?: (error?: Error) => void): void {
    const link = this.#linkFor(address);
    if ('code' in link) {
      this.#scheduler.defer(() => done?.(link));
      return;
    }
    const opaque = this.pending.nextOpaque();
    const flag = command.flag | COMMAND_FLAG.ONEWAY;
    this.#write(link, encodeCommand({ ...command, opaque, flag }, this.#headerType));
    if (done) this.#scheduler.defer(() => done());
  }

  /** Writes what was requested from `address` now, and not at the end of the turn: before what this turn has yet to write. */
  flush(address: string): void {
    this.#links.get(address)?.peer?.flush();
  }

  /** True while a connection to `address` is open. */
  isConnected(address: string): boolean {
    return this.#links.get(address)?.peer !== undefined;
  }

  /** Requests waiting for an answer. */
  get requestsInFlight(): number {
    return this.pending.size;
  }

  /** Closes the connection to `address`, if any; what waits on it fails. */
  disconnect(address: string): void {
    const link = this.#links.get(address);
    if (link !== undefined) this.#drop(link, closedError(address));
  }

  /** Fails what waits and closes every connection; later calls fail. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#sweepTimer?.cancel();
    const peers = [...this.#links.values()].flatMap(({ peer }) => peer ?? []);
    this.#links.clear();
    for (const peer of peers) peer.close();
    // A server that does not answer would keep the connection, and with it the process.
    const destroy = (): void => peers.forEach((peer) => void peer.destroy());
    if (peers.length > 0) this.#scheduler.setTimer(CLOSE_LINGER_MS, destroy, false);
    this.#scheduler.defer(() => this.pending.fail(undefined, clientClosedError()));
  }

  /** @internal */
  defer(callback: () => void): void {
    this.#scheduler.defer(callback);
  }

  /** @internal */
  onRequest(view: RequestView, peer: Peer): void {
    const { onRequest } = this.#options;
    if (onRequest) onRequest(view, peer, linkOf(peer).address);
    else if (!view.isOneway) peer.reply(notSupportedAnswer(view.code), view);
  }

  /** @internal */
  onResponse(view: RequestView, peer: Peer): void {
    this.pending.settle(linkOf(peer), view);
  }

  /** @internal */
  onTurnEnd(): void {}

  /** @internal */
  onMisbehaviour(peer: Peer, reason: string): void {
    const facts = { remote: peer.remoteAddress, reason };
    this.#log.warn('misbehaviour', facts, 'closing a connection');
  }

  /** @internal */
  onFailure(peer: Peer, code: number, error: unknown): void {
    const facts = { remote: peer.remoteAddress, code, error: errorMessage(error) };
    this.#log.warn('failure', facts, 'a request from a server failed');
  }

  /** @internal */
  onPeerClose(peer: Peer, error: Error | undefined): void {
    const link = linkOf(peer);
    this.#drop(link, closedError(link.address));
    this.#options.onDisconnect?.(link.address, error);
  }

  /** The link to an address, opened when there is none; or why there can be none. */
  #linkFor(address: string): Link | TransportError {
    if (this.#isClosed) return clientClosedError();
    const link = this.#links.get(address);
    if (link !== undefined) {
      const unsentBytes = link.backlogBytes + (link.peer?.unsentBytes ?? 0);
      return unsentBytes <= CLIENT_OUTPUT_BYTES_MAX ? link : outputFullError(address, unsentBytes);
    }
    return this.#open(address);
  }

  #open(address: string): Link | TransportError {
    const timeoutMs = this.#options.limits?.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    const link: Link = { address, peer: undefined, backlog: [], backlogBytes: 0 };
    try {
      const to = { ...parseAddress(address), timeoutMs };
      this.#options.network.connect(to, (error, socket) => {
        if (socket !== undefined) this.#onConnect(link, socket);
        else this.#drop(link, connectError(address, error));
      });
    } catch (error) {
      return error instanceof TransportError ? error : connectError(address, error);
    }
    this.#links.set(address, link);
    this.#armSweep();
    return link;
  }

  #onConnect(link: Link, socket: Socket): void {
    this.#lastPeerId += 1;
    const peer = new Peer(this, socket, this.#lastPeerId);
    peer.state = link;
    if (this.#links.get(link.address) !== link) {
      peer.destroy();
      return;
    }
    link.peer = peer;
    for (const bytes of link.backlog) peer.output.append(bytes);
    link.backlog = [];
    link.backlogBytes = 0;
    peer.flush();
  }

  #writeCommand(link: Link, command: RemotingCommand): void {
    const { peer } = link;
    if (peer === undefined) {
      this.#write(link, encodeCommand(command, this.#headerType));
      return;
    }
    peer.output.append(encodeCommandHead(command, this.#headerType));
    if (command.body !== undefined) peer.output.append(command.body);
  }

  #write(link: Link, bytes: Buffer): void {
    if (link.peer !== undefined) {
      link.peer.output.append(bytes);
      return;
    }
    link.backlog.push(bytes);
    link.backlogBytes += bytes.length;
  }

  #drop(link: Link, error: Error): void {
    if (this.#links.get(link.address) === link) this.#links.delete(link.address);
    const { peer } = link;
    link.peer = undefined;
    peer?.destroy();
    this.pending.fail(link, error);
  }

  /** Nothing was read since a request that got no answer: the connection is taken for dead, the next call makes a new one. */
  #onTimeout(link: Link, sentMs: number): void {
    if (link.peer !== undefined && link.peer.readMs < sentMs) {
      this.#drop(link, closedError(link.address));
    }
  }

  #armSweep(): void {
    if (this.#sweepTimer !== undefined) return;
    const sweep = (): void => {
      this.#sweepTimer = undefined;
      const nowMs = this.clock.monotonicMs();
      for (const link of [...this.#links.values()]) link.peer?.sweep(nowMs);
      if (this.#links.size > 0) this.#armSweep();
    };
    this.#sweepTimer = this.#scheduler.setTimer(SWEEP_MS, sweep, false);
  }
}

function linkOf(peer: Peer): Link {
  return peer.state as Link;
}

function clientClosedError(): TransportError {
  return new TransportError('CLIENT_CLOSED', 'the client is closed');
}

function connectError(address: string, cause: unknown): TransportError {
  const message = `cannot connect to ${address}: ${errorMessage(cause)}`;
  return new TransportError('CONNECT_FAILED', message, { address }, cause);
}

function outputFullError(address: string, unsentBytes: number): TransportError {
  const message = `${address} does not read: ${unsentBytes} bytes wait to be sent`;
  return new TransportError('OUTPUT_FULL', message, { address, unsentBytes });
}
