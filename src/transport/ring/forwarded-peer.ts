import type { Scheduler, SocketHandler } from '../../base/index.ts';
import type { Peer } from '../peer.ts';
import type { ClientPort } from './client-port.ts';
import { RingSocket } from './ring-socket.ts';

/** Bytes a client has not taken above which its server is told to send no more: that one has the limits. */
const UNSENT_BYTES_MAX = 512 * 1024;
/** The address a client came in on, as its server sees it: only the port is looked at. */
const LOCAL_HOST = '0.0.0.0';

/**
 * One client of a forwarder, and its connection to the server. F1: neither side takes more from one than the other will:
 * a client is not read while the ring is full or the server does not read it, and a server does not send what the client
 * does not read. F2: the end of one is the end of the other, behind what was sent before it.
 */
export class ForwardedPeer implements SocketHandler {
  readonly #peer: Peer;
  readonly #socket: RingSocket;
  #isStopped = false;

  constructor(peer: Peer, port: ClientPort, scheduler: Scheduler) {
    this.#peer = peer;
    const { remoteHost: host, remotePort } = peer;
    const local = { host: LOCAL_HOST, port: peer.localPort };
    this.#socket = new RingSocket({
      id: port.state.nextConnectionId(),
      port,
      serverEpoch: port.targetEpoch,
      local: { host, port: remotePort },
      remote: local,
      defer: (callback) => scheduler.defer(callback),
    });
    this.#socket.start(this);
    port.open(this.#socket, this.#socket.stream, local, host, remotePort);
  }

  /** Whole frames of the client; `frames` may change afterwards. */
  forward(frames: Buffer): void {
    // hot path
    if (!this.#socket.write(frames, true)) this.#peer.pauseReading(); // F1
  }

  /** The client has taken what it was sent. */
  onSent(): void {
    if (!this.#isStopped || this.#peer.unsentBytes > UNSENT_BYTES_MAX / 2) return;
    this.#isStopped = false;
    this.#socket.resume();
  }

  /** F2 */
  onClientGone(): void {
    this.#socket.end();
  }

  /** @internal */
  onData(chunk: Buffer): void {
    this.onBytes(chunk, 0, chunk.length);
    this.onBytesEnd();
  }

  /** @internal */
  onBytes(buffer: Buffer, start: number, end: number): void {
    // hot path
    const { output, isClosed } = this.#peer;
    if (isClosed) return;
    const at = output.reserve(end - start);
    buffer.copy(output.buffer, at, start, end);
    output.length = at + end - start;
    this.#peer.flushLong();
  }

  /** @internal */
  onBytesEnd(): void {
    // hot path
    this.#peer.flush();
    if (this.#isStopped || this.#peer.unsentBytes <= UNSENT_BYTES_MAX) return;
    this.#isStopped = true; // F1
    this.#socket.pause();
  }

  /** @internal */
  onDrain(): void {
    this.#peer.resumeReading();
  }

  /** @internal */
  onClose(error?: Error): void {
    // F2. The server’s thread is gone: clients that wait for it must not take this for an orderly end.
    if (error === undefined) this.#peer.close();
    else this.#peer.reset();
  }
}
