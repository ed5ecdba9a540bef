import type {
  Clock,
  Logger,
  Network,
  NetworkListener,
  Scheduler,
  Socket,
  SocketAddress,
  Timer,
} from '../base/index.ts';
import { errorMessage, IDLE_CLOSE_MS } from '../base/index.ts';
import { RequestView } from '../protocol/index.ts';
import { formatAddress } from './address.ts';
import { FlushQueue } from './flush-queue.ts';
import { OutputPool } from './output-buffer.ts';
import { Peer } from './peer.ts';
import type { FrameTaker, PeerOwner } from './peer-owner.ts';
import { PendingRequests } from './pending-requests.ts';
import { RateLimitedLog } from './rate-limited-log.ts';

/** What is told of a server's connections. All calls are synchronous, on the server's thread. */
export interface ConnectionHandler {
  /** All complete frames of one read event have run; their answers are sent next. */
  onTurnEnd(): void;
  onOpen?(peer: Peer): void;
  /** What could not be sent at once has left. */
  onDrain?(peer: Peer): void;
  /** The connection is gone. */
  onClose(peer: Peer): void;
}

/** What runs the requests of a server's connections. */
export interface RequestHandler extends ConnectionHandler {
  /** One request; `view` is valid during the call only. A throw is answered with SYSTEM_ERROR, unless one-way. */
  onRequest(view: RequestView, peer: Peer): void;
}

/** What takes the frames of a server's connections as they came, requests and answers, whatever their headers say. */
export interface FrameHandler extends ConnectionHandler {
  readonly onFrame: FrameTaker;
}

/** Limits of one server; each has a default. */
export interface RemotingServerLimits {
  /** Connections beyond this are closed as soon as they are accepted. */
  readonly connectionsMax?: number;
  /** Server → client requests waiting for an answer, over all connections. */
  readonly requestsMax?: number;
  /** Silence in both directions after which a connection is closed. */
  readonly idleCloseMs?: number;
}

/** What a server is made of. */
export interface RemotingServerOptions {
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly handler: RequestHandler | FrameHandler;
  readonly limits?: RemotingServerLimits;
}

/** Where a server listens: an address, or a descriptor that is bound already. */
export type ListenAt = { readonly host: string; readonly port: number } | { readonly fd: number };

/** Default of `connectionsMax`. */
export const CONNECTIONS_MAX = 20_000;
/** Default of `requestsMax`. */
export const SERVER_REQUESTS_MAX = 10_000;
/** Deadlines of connections are looked at this often. */
const SWEEP_MS = 5000;
/** Connections that do not go away by themselves when the server closes are destroyed after this time. */
const CLOSE_LINGER_MS = 1000;

/** Listens on one or more addresses and runs every connection's frames through one handler. */
export class RemotingServer implements PeerOwner {
  readonly clock: Clock;
  readonly pool = new OutputPool();
  readonly view = new RequestView();
  readonly pending: PendingRequests;
  readonly flushQueue: FlushQueue;
  readonly pausesUnreadPeers = true;
  readonly idleCloseMs: number;
  readonly #network: Network;
  readonly #scheduler: Scheduler;
  readonly #logger: Logger;
  readonly #log: RateLimitedLog;
  readonly onFrame: FrameTaker | undefined;
  readonly #handler: ConnectionHandler;
  readonly #requests: Pick<RequestHandler, 'onRequest'> | undefined;
  readonly #connectionsMax: number;
  readonly #listeners: NetworkListener[] = [];
  readonly #peers = new Map<number, Peer>();
  #lastPeerId = 0;
  #sweepTimer: Timer | undefined;
  #lingerTimer: Timer | undefined;
  #onClosed: (() => void)[] = [];
  #isClosing = false;

  constructor(options: RemotingServerOptions) {
    const { scheduler, clock, logger, limits } = options;
    this.clock = clock;
    this.#network = options.network;
    this.#scheduler = scheduler;
    this.#logger = logger;
    const { handler } = options;
    this.#handler = handler;
    this.onFrame = 'onFrame' in handler ? handler.onFrame : undefined;
    this.#requests = 'onFrame' in handler ? undefined : handler;
    this.idleCloseMs = limits?.idleCloseMs ?? IDLE_CLOSE_MS;
    this.#connectionsMax = limits?.connectionsMax ?? CONNECTIONS_MAX;
    this.#log = new RateLimitedLog(logger, clock);
    this.flushQueue = new FlushQueue(scheduler);
    this.pending = new PendingRequests({
      clock,
      scheduler,
      limit: limits?.requestsMax ?? SERVER_REQUESTS_MAX,
    });
  }

  /** Open connections by `peer.id`. */
  get peers(): ReadonlyMap<number, Peer> {
    return this.#peers;
  }

  /** Starts to listen; may be called for several addresses. */
  listen(at: ListenAt, ready: (error?: Error, address?: SocketAddress) => void): void {
    const listener = this.#network.listen(
      at,
      (socket) => this.adopt(socket),
      (error, address) => ready(error, address),
    );
    this.#listeners.push(listener);
    this.#armSweep();
  }

  /** Serves a connection that came in some other way than by `listen`. */
  adopt(socket: Socket): void {
    if (this.#isClosing || this.#peers.size >= this.#connectionsMax) {
      this.#refuse(socket);
      return;
    }
    this.#armSweep();
    this.#lastPeerId += 1;
    const peer = new Peer(this, socket, this.#lastPeerId);
    this.#peers.set(peer.id, peer);
    this.#handler.onOpen?.(peer);
  }

  /** Accepts nobody any more; open connections stay. */
  stopListening(): void {
    for (const listener of this.#listeners) listener.close();
    this.#listeners.length = 0;
  }

  /** Stops listening, sends what was answered and closes every connection; `done` is called when all are gone. */
  close(done?: () => void): void {
    if (done) this.#onClosed.push(done);
    this.#scheduler.defer(() => this.#finishClose());
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.stopListening();
    for (const peer of this.#peers.values()) peer.close();
    this.#lingerTimer = this.#scheduler.setTimer(CLOSE_LINGER_MS, () => {
      for (const peer of [...this.#peers.values()]) peer.destroy();
    });
  }

  /** @internal */
  defer(callback: () => void): void {
    this.#scheduler.defer(callback);
  }

  /** @internal */
  onRequest(view: RequestView, peer: Peer): void {
    // hot path
    this.#requests?.onRequest(view, peer);
  }

  /** @internal */
  onResponse(view: RequestView, peer: Peer): void {
    this.pending.settle(peer, view);
  }

  /** @internal */
  onPeerDrain(peer: Peer): void {
    this.#handler.onDrain?.(peer);
  }

  /** @internal */
  onTurnEnd(): void {
    // hot path
    this.#handler.onTurnEnd();
  }

  /** @internal */
  onMisbehaviour(peer: Peer, reason: string): void {
    const facts = { remote: peer.remoteAddress, reason };
    this.#log.warn('misbehaviour', facts, 'closing a connection');
  }

  /** @internal */
  onFailure(peer: Peer, code: number, error: unknown): void {
    const facts = { remote: peer.remoteAddress, code, error: errorMessage(error) };
    this.#log.warn('failure', facts, 'a request failed');
  }

  /** @internal */
  onPeerClose(peer: Peer, error: Error | undefined): void {
    if (!this.#peers.delete(peer.id)) return;
    this.pending.failPeer(peer, peer.remoteAddress);
    const facts = { remote: peer.remoteAddress, error: error && errorMessage(error) };
    this.#logger.debug(facts, 'connection closed');
    this.#handler.onClose(peer);
    this.#finishClose();
  }

  #refuse(socket: Socket): void {
    if (!this.#isClosing) {
      const facts = { remote: formatAddress(socket.remote), connectionsMax: this.#connectionsMax };
      this.#log.warn('connections', facts, 'refusing a connection: the limit is reached');
    }
    socket.start(IGNORE);
    socket.destroy();
  }

  #armSweep(): void {
    if (this.#sweepTimer !== undefined) return;
    const sweep = (): void => {
      this.#sweepTimer = undefined;
      if (this.#isClosing && this.#peers.size === 0) return;
      const nowMs = this.clock.monotonicMs();
      for (const peer of [...this.#peers.values()]) peer.sweep(nowMs);
      this.#armSweep();
    };
    this.#sweepTimer = this.#scheduler.setTimer(SWEEP_MS, sweep, false);
  }

  #finishClose(): void {
    if (!this.#isClosing || this.#peers.size > 0) return;
    this.#sweepTimer?.cancel();
    this.#lingerTimer?.cancel();
    const waiting = this.#onClosed;
    this.#onClosed = [];
    for (const done of waiting) done();
  }
}

const IGNORE = { onData: () => undefined, onDrain: () => undefined, onClose: () => undefined };
