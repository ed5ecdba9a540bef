import {
  type Clock,
  errorMessage,
  type Logger,
  type Network,
  type Scheduler,
  type Timer,
} from '../../base/index.ts';
import {
  COMMAND_FLAG,
  type CommandDefinition,
  encodeHeader,
  type HeaderOf,
  type HeaderSchema,
  type RemotingCommand,
  RequestView,
  requestOf,
} from '../../protocol/index.ts';
import { parseAddress } from '../address.ts';
import { notSupportedAnswer } from '../answers.ts';
import type { ReplyTo } from '../peer.ts';
import type { CallDone } from '../pending-requests.ts';
import { RateLimitedLog } from '../rate-limited-log.ts';
import {
  CLIENT_OUTPUT_BYTES_MAX,
  CLIENT_REQUESTS_MAX,
  CONNECT_TIMEOUT_MS,
  RemotingClient,
  type RemotingClientLimits,
} from '../remoting-client.ts';
import { TransportError } from '../transport-error.ts';
import { ChannelLink, type LinkOwner } from './channel-link.ts';
import { PENDING_CALLS_MAX, PendingCalls } from './pending-calls.ts';
import type { RingHub } from './ring-hub.ts';
import type { RingPair } from './ring-pair.ts';

/** Answers a request that a server made. */
export interface Replier {
  reply(command: RemotingCommand, to: ReplyTo): void;
}

/** What a channel is made of. */
export interface RingChannelOptions {
  readonly hub: RingHub;
  /** By `host:port`: the addresses that are reached through rings. */
  readonly pairs: ReadonlyMap<string, RingPair>;
  /** Reaches all other addresses; without it there are none. */
  readonly fallback?: Network;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
  /** This client's address as servers see it (default 127.0.0.1). */
  readonly host?: string;
  readonly limits?: RemotingClientLimits;
  /** A request the server sent. Without a handler it gets "not supported". */
  readonly onRequest?: (view: RequestView, replier: Replier, address: string) => void;
  /** A connection that was open is gone. */
  readonly onDisconnect?: (address: string, error: Error | undefined) => void;
}

/** How often connections that wait for their server are looked at. */
const SWEEP_MS = 250;

/**
 * Calls servers through rings: one connection per address, as a `RemotingClient` has. Requests are written straight into
 * the ring. A connection is made by the first call that needs it, and again by the first one after it was lost.
 * @thread owner
 */
export class RingChannel implements LinkOwner {
  readonly view = new RequestView();
  readonly #options: RingChannelOptions;
  readonly #calls: PendingCalls;
  readonly #log: RateLimitedLog;
  readonly #links = new Map<string, ChannelLink>();
  readonly #connectTimeoutMs: number;
  #fallback: RemotingClient | undefined;
  #last: ChannelLink | undefined;
  #sweepTimer: Timer | undefined;
  #isClosed = false;

  constructor(options: RingChannelOptions) {
    const { clock, scheduler, logger, limits } = options;
    this.#options = options;
    this.#log = new RateLimitedLog(logger, clock);
    this.#connectTimeoutMs = limits?.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    const limit = Math.min(limits?.requestsMax ?? CLIENT_REQUESTS_MAX, PENDING_CALLS_MAX);
    const timeoutError = (link: object): Error => noAnswerError((link as ChannelLink).address);
    this.#calls = new PendingCalls({ clock, scheduler, limit, timeoutError });
  }

  /** Calls waiting for an answer over rings. */
  get callsInFlight(): number {
    return this.#calls.size;
  }

  /**
   * Calls a command by its definition; `done` is called once, in a later turn, with the frame of the answer, which lies in
   * the ring and is valid during the call only, or with a `TransportError`.
   */
  call<Q extends HeaderSchema, S extends HeaderSchema>(
    definition: CommandDefinition<Q, S>,
    address: string,
    header: HeaderOf<Q>,
    body: Buffer | undefined,
    timeoutMs: number,
    done: CallDone,
  ): void {
    // hot path
    const link = this.#linkFor(address);
    if (link instanceof ChannelLink) {
      const opaque = this.#calls.add(link, timeoutMs, done);
      if (opaque < 0) {
        this.#failLater(done, tooManyError(this.#calls.size));
        return;
      }
      try {
        link.send(definition, 0, opaque, header, body);
      } catch (error) {
        this.#calls.cancel(opaque);
        this.#failLater(done, asError(error));
      }
      return;
    }
    if (link instanceof RemotingClient)
      link.call(definition, address, header, body, timeoutMs, done);
    else this.#failLater(done, link);
  }

  /** Sends without expecting an answer; `done` is called in a later turn, once the bytes are on their way or lost. */
  oneway<Q extends HeaderSchema>(
    definition: CommandDefinition<Q>,
    address: string,
    header: HeaderOf<Q>,
    body: Buffer | undefined,
    done?: (error?: Error) => void,
  ): void {
    const link = this.#linkFor(address);
    if (link instanceof RemotingClient) {
      const extFields = encodeHeader(definition.request, header);
      link.oneway(address, requestOf(definition.code, { extFields, body }), done);
      return;
    }
    let failure: Error | undefined;
    if (link instanceof ChannelLink) {
      try {
        link.send(definition, COMMAND_FLAG.ONEWAY, 0, header, body);
      } catch (error) {
        failure = asError(error);
      }
    } else failure = link;
    if (done) this.#options.scheduler.defer(() => done(failure));
  }

  /** Fails what waits and closes every connection; later calls fail. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#sweepTimer?.cancel();
    this.#last = undefined;
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    this.#fallback?.close();
    this.#calls.close();
    this.#options.scheduler.defer(() => this.#calls.fail(undefined, clientClosedError()));
  }

  /** @internal */
  onAnswer(link: ChannelLink, view: RequestView): void {
    // hot path
    this.#calls.settle(link, view);
  }

  /** @internal */
  onRequest(link: ChannelLink, view: RequestView): void {
    const { onRequest } = this.#options;
    if (onRequest) onRequest(view, link, link.address);
    else if (!view.isOneway) link.reply(notSupportedAnswer(view.code), view);
  }

  /** @internal */
  onFailure(link: ChannelLink, error: unknown): void {
    const facts = { remote: link.address, error: errorMessage(error) };
    this.#log.warn('failure', facts, 'a frame from a server failed');
  }

  /** @internal */
  onMisbehaviour(link: ChannelLink, reason: string): void {
    const facts = { remote: link.address, reason };
    this.#log.warn('misbehaviour', facts, 'closing a connection');
  }

  /** @internal */
  onGone(link: ChannelLink, error: Error | undefined): void {
    this.#forget(link);
    this.#calls.fail(link, error ?? clientClosedError());
    this.#options.onDisconnect?.(link.address, error);
  }

  #linkFor(address: string): ChannelLink | RemotingClient | TransportError {
    // hot path
    const last = this.#last;
    const link = last !== undefined && last.address === address ? last : this.#links.get(address);
    if (link === undefined) return this.#open(address);
    this.#last = link;
    if (link.unsentBytes <= CLIENT_OUTPUT_BYTES_MAX) return link;
    return outputFullError(address, link.unsentBytes);
  }

  #open(address: string): ChannelLink | RemotingClient | TransportError {
    if (this.#isClosed) return clientClosedError();
    const { pairs, hub, clock, host } = this.#options;
    const pair = pairs.get(address);
    if (pair === undefined) return this.#openFallback(address);
    const port = hub.use(pair);
    if (port.isAbandoned) return connectError(address);
    const link = new ChannelLink(this, port, address, clock.monotonicMs());
    link.open(parseAddress(address), host ?? '127.0.0.1');
    this.#links.set(address, link);
    if (!link.isServed) this.#armSweep();
    return link;
  }

  #openFallback(address: string): RemotingClient | TransportError {
    const { fallback: network, clock, scheduler, logger, limits } = this.#options;
    const { onRequest, onDisconnect } = this.#options;
    if (network === undefined) return connectError(address);
    this.#fallback ??= new RemotingClient({
      network,
      clock,
      scheduler,
      logger,
      ...(limits === undefined ? {} : { limits }),
      ...(onRequest === undefined ? {} : { onRequest }),
      ...(onDisconnect === undefined ? {} : { onDisconnect }),
    });
    return this.#fallback;
  }

  #forget(link: ChannelLink): void {
    if (this.#last === link) this.#last = undefined;
    if (this.#links.get(link.address) === link) this.#links.delete(link.address);
  }

  #failLater(done: CallDone, error: Error): void {
    this.#options.scheduler.defer(() => done(error));
  }

  /** Gives up connections whose server does not come. */
  #armSweep(): void {
    if (this.#sweepTimer !== undefined) return;
    const sweep = (): void => {
      this.#sweepTimer = undefined;
      const openedMs = this.#options.clock.monotonicMs() - this.#connectTimeoutMs;
      let isNeeded = false;
      for (const link of [...this.#links.values()]) {
        if (link.isServed) continue;
        if (link.openedMs > openedMs) {
          isNeeded = true;
          continue;
        }
        link.close();
        this.#forget(link);
        this.#calls.fail(link, connectError(link.address));
      }
      if (isNeeded) this.#armSweep();
    };
    this.#sweepTimer = this.#options.scheduler.setTimer(SWEEP_MS, sweep, false);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function clientClosedError(): TransportError {
  return new TransportError('CLIENT_CLOSED', 'the client is closed');
}

function connectError(address: string): TransportError {
  return new TransportError('CONNECT_FAILED', `nobody serves ${address}`, { address });
}

function noAnswerError(address: string): TransportError {
  return new TransportError('REQUEST_TIMEOUT', `no answer from ${address} in time`, { address });
}

function tooManyError(limit: number): TransportError {
  const message = `${limit} requests wait for their answers already`;
  return new TransportError('TOO_MANY_REQUESTS', message, { limit });
}

function outputFullError(address: string, unsentBytes: number): TransportError {
  const message = `${address} does not read: ${unsentBytes} bytes wait to be sent`;
  return new TransportError('OUTPUT_FULL', message, { address, unsentBytes });
}
