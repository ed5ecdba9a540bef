import type { Clock, Logger, Network, Scheduler, SocketAddress } from '../../base/index.ts';
import type { Peer } from '../peer.ts';
import {
  type FrameHandler,
  type ListenAt,
  RemotingServer,
  type RemotingServerLimits,
} from '../remoting-server.ts';
import type { ClientPort } from './client-port.ts';
import { ForwardedPeer } from './forwarded-peer.ts';
import type { RingHub } from './ring-hub.ts';
import type { RingPair } from './ring-pair.ts';

/** What a forwarder is made of. */
export interface ForwarderOptions {
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
  /** This thread's hub. */
  readonly hub: RingHub;
  /** Leads to the thread whose server answers. */
  readonly pair: RingPair;
  /** Those of the server that answers. */
  readonly limits?: RemotingServerLimits;
}

/** Frames of one read event up to this length are handed over together. */
const STAGE_BYTES = 64 * 1024;
/** The server has read by then what was asked before the end, or never does. */
const DRAIN_MS = 1000;

/**
 * Accepts connections for a server of another thread: frames are cut here, and pass as they came through a
 * connection of the pair that each client has for itself. The server sees the client's own address, and keeps its limits;
 * what it answers and asks goes back the same way.
 * @thread owner
 */
export class Forwarder implements FrameHandler {
  readonly #server: RemotingServer;
  readonly #scheduler: Scheduler;
  readonly #hub: RingHub;
  readonly #port: ClientPort;
  readonly #stage = Buffer.allocUnsafeSlow(STAGE_BYTES);
  #staged = 0;
  /** Whose frames are in the stage. */
  #current: ForwardedPeer | undefined;
  #isClosing = false;

  constructor(options: ForwarderOptions) {
    const { network, scheduler, clock, logger, hub, pair, limits } = options;
    this.#scheduler = scheduler;
    this.#hub = hub;
    this.#port = hub.use(pair);
    this.#server = new RemotingServer({
      network,
      scheduler,
      clock,
      logger,
      handler: this,
      ...(limits === undefined ? {} : { limits }),
    });
  }

  /** Open connections. */
  get connections(): number {
    return this.#server.peers.size;
  }

  /** Starts to accept; may be called for several addresses. */
  listen(at: ListenAt, ready: (error?: Error, address?: SocketAddress) => void): void {
    this.#server.listen(at, ready);
  }

  /**
   * Accepts and asks nothing more, sends on what the server answers when it has read all that was asked, and closes every
   * connection. What the server answers later, such as a send that waits for its flush, reaches nobody.
   */
  close(done: () => void): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#server.stopListening();
    let isDrained = false;
    const end = (): void => {
      if (isDrained) return;
      isDrained = true;
      limit.cancel();
      this.#server.close(done);
    };
    const limit = this.#scheduler.setTimer(DRAIN_MS, end);
    if (this.#port.isAbandoned) end();
    else this.#port.echo(end);
  }

  /** @internal */
  onOpen(peer: Peer): void {
    if (this.#isClosing || this.#port.isAbandoned) peer.destroy();
    else peer.state = new ForwardedPeer(peer, this.#port, this.#scheduler);
  }

  /** @internal */
  readonly onFrame = (buffer: Buffer, frameStart: number, frameEnd: number, peer: Peer): void => {
    // hot path
    const target = peer.state as ForwardedPeer | undefined;
    if (target === undefined || this.#isClosing) return;
    const bytes = frameEnd - frameStart;
    if (this.#current !== target || this.#staged + bytes > STAGE_BYTES) this.#handOver();
    if (bytes > STAGE_BYTES) {
      target.forward(buffer.subarray(frameStart, frameEnd));
      return;
    }
    this.#current = target;
    buffer.copy(this.#stage, this.#staged, frameStart, frameEnd);
    this.#staged += bytes;
  };

  /** @internal */
  onTurnEnd(): void {
    // hot path
    this.#hub.readLater();
    this.#handOver();
  }

  /** @internal */
  onDrain(peer: Peer): void {
    (peer.state as ForwardedPeer | undefined)?.onSent();
  }

  /** @internal */
  onClose(peer: Peer): void {
    (peer.state as ForwardedPeer | undefined)?.onClientGone();
  }

  #handOver(): void {
    // hot path
    const target = this.#current;
    if (target === undefined) return;
    const bytes = this.#staged;
    this.#current = undefined;
    this.#staged = 0;
    target.forward(this.#stage.subarray(0, bytes));
  }
}
