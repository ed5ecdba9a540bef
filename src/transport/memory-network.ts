import type {
  Network,
  NetworkListener,
  Random,
  Scheduler,
  Socket,
  SocketAddress,
  SocketHandler,
} from '../base/index.ts';
import { type LinkSettings, MemoryPipe } from './memory-pipe.ts';

/** What the simulator's network is made of; every fault comes from `random`, so a seed replays a run. */
export interface MemoryNetworkOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly latencyMsMin?: number;
  readonly latencyMsMax?: number;
  readonly socketBytes?: number;
  readonly chunkBytesMax?: number;
}

type OnSocket = (socket: Socket) => void;
type Ready<T> = (error: Error | undefined, value?: T) => void;

const SOCKET_BYTES = 256 * 1024;
const CHUNK_BYTES_MAX = 64 * 1024;
const FIRST_PORT = 40_000;
const LOOPBACK = '127.0.0.1';

/**
 * A network inside one thread: links with latency, bounded socket buffers and chunks cut at random; connections overtake
 * each other, bytes inside one never do. `cut` resets links, `silence` leaves both ends in the belief that they are connected.
 */
export class MemoryNetwork implements Network {
  readonly #settings: LinkSettings;
  readonly #listeners = new Map<string, OnSocket>();
  readonly #links = new Set<MemoryLink>();
  readonly #unreachable = new Set<string>();
  #nextPort = FIRST_PORT;

  constructor(options: MemoryNetworkOptions) {
    this.#settings = {
      scheduler: options.scheduler,
      random: options.random,
      latencyMsMin: options.latencyMsMin ?? 0,
      latencyMsMax: options.latencyMsMax ?? 0,
      socketBytes: options.socketBytes ?? SOCKET_BYTES,
      chunkBytesMax: options.chunkBytesMax ?? CHUNK_BYTES_MAX,
    };
  }

  /** The network as seen from `host`: its connections carry that address. */
  from(host: string): Network {
    return {
      listen: (at, onSocket, ready) => this.listen(at, onSocket, ready),
      connect: (to, ready) => this.#connect(host, to, ready),
    };
  }

  listen(
    at: { readonly host: string; readonly port: number } | { readonly fd: number },
    onSocket: OnSocket,
    ready: Ready<SocketAddress>,
  ): NetworkListener {
    const { scheduler } = this.#settings;
    const close = (key: string) => (done?: () => void) => {
      if (this.#listeners.get(key) === onSocket) this.#listeners.delete(key);
      if (done) scheduler.defer(done);
    };
    if ('fd' in at) {
      scheduler.defer(() => ready(networkError('EINVAL', 'no descriptors in a simulated network')));
      return { close: close('') };
    }
    const address = { host: at.host, port: at.port === 0 ? this.#nextPort++ : at.port };
    const key = `${address.host}:${address.port}`;
    if (this.#listeners.has(key)) {
      scheduler.defer(() => ready(networkError('EADDRINUSE', `address in use: ${key}`)));
      return { close: close('') };
    }
    this.#listeners.set(key, onSocket);
    scheduler.defer(() => ready(undefined, address));
    return { close: close(key) };
  }

  connect(
    to: { readonly host: string; readonly port: number; readonly timeoutMs: number },
    ready: Ready<Socket>,
  ): void {
    this.#connect(LOOPBACK, to, ready);
  }

  /** Resets every link that touches `host:port` at either end, or every link. */
  cut(address?: string): void {
    for (const link of [...this.#links]) if (link.touches(address)) link.reset();
  }

  /** Bytes on these links vanish from here on, and no end is told: a pulled cable. */
  silence(address?: string): void {
    for (const link of this.#links) if (link.touches(address)) link.silence();
  }

  /** New connections to `host:port` get no answer until `reach`. */
  unreach(address: string): void {
    this.#unreachable.add(address);
  }

  reach(address: string): void {
    this.#unreachable.delete(address);
  }

  /** Links that exist. */
  get linkCount(): number {
    return this.#links.size;
  }

  #connect(
    fromHost: string,
    to: { readonly host: string; readonly port: number; readonly timeoutMs: number },
    ready: Ready<Socket>,
  ): void {
    const { scheduler, latencyMsMax } = this.#settings;
    const key = `${to.host}:${to.port}`;
    if (this.#unreachable.has(key)) {
      const late = networkError('ETIMEDOUT', `no answer from ${key}`);
      scheduler.setTimer(to.timeoutMs, () => ready(late));
      return;
    }
    const local = { host: fromHost, port: this.#nextPort++ };
    scheduler.setTimer(latencyMsMax, () => {
      const onSocket = this.#listeners.get(key) ?? this.#listeners.get(`0.0.0.0:${to.port}`);
      if (onSocket === undefined) {
        ready(networkError('ECONNREFUSED', `nobody listens on ${key}`));
        return;
      }
      const link = new MemoryLink(this.#settings, local, to, () => this.#links.delete(link));
      this.#links.add(link);
      onSocket(link.accepted);
      ready(undefined, link.dialled);
    });
  }
}

/** Both ends of a connection. */
class MemoryLink {
  readonly dialled: MemorySocket;
  readonly accepted: MemorySocket;

  constructor(settings: LinkSettings, from: SocketAddress, to: SocketAddress, onGone: () => void) {
    const { scheduler } = settings;
    let open = 2;
    const onClosed = (): void => {
      open -= 1;
      if (open === 0) onGone();
    };
    const near = { host: from.host, port: from.port };
    const far = { host: to.host, port: to.port };
    const reset = (): void => this.reset();
    const dialled: MemorySocket = new MemorySocket(scheduler, near, far, onClosed, reset);
    const accepted: MemorySocket = new MemorySocket(scheduler, far, near, onClosed, reset);
    join(settings, dialled, accepted);
    join(settings, accepted, dialled);
    this.dialled = dialled;
    this.accepted = accepted;
  }

  touches(address: string | undefined): boolean {
    if (address === undefined) return true;
    const { local, remote } = this.dialled;
    return [local, remote].some(
      (end) => address === end.host || address === `${end.host}:${end.port}`,
    );
  }

  reset(): void {
    const error = networkError('ECONNRESET', 'the link was cut');
    this.dialled.fail(error);
    this.accepted.fail(error);
  }

  silence(): void {
    this.dialled.silence();
    this.accepted.silence();
  }
}

function join(settings: LinkSettings, writer: MemorySocket, reader: MemorySocket): void {
  const pipe = new MemoryPipe(settings, {
    onData: (chunk) => reader.onData(chunk),
    onDrain: () => writer.onDrain(),
    onEnd: () => reader.onPeerEnd(),
  });
  writer.output = pipe;
  reader.input = pipe;
}

class MemorySocket implements Socket {
  readonly reset: () => void;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  output: MemoryPipe | undefined;
  input: MemoryPipe | undefined;
  readonly #scheduler: Scheduler;
  readonly #onClosed: () => void;
  #handler: SocketHandler | undefined;
  #isClosed = false;
  #hasEnded = false;
  #peerEnded = false;

  constructor(
    scheduler: Scheduler,
    local: SocketAddress,
    remote: SocketAddress,
    onClosed: () => void,
    reset: () => void,
  ) {
    this.reset = reset;
    this.#scheduler = scheduler;
    this.local = local;
    this.remote = remote;
    this.#onClosed = onClosed;
  }

  start(handler: SocketHandler): void {
    this.#handler = handler;
  }

  write(bytes: Buffer): boolean {
    if (this.#isClosed || this.#hasEnded) return true;
    return this.output?.write(bytes) ?? true;
  }

  get pendingBytes(): number {
    return this.output?.waitingBytes ?? 0;
  }

  pause(): void {
    this.input?.pause();
  }

  resume(): void {
    this.input?.resume();
  }

  end(): void {
    if (this.#hasEnded || this.#isClosed) return;
    this.#hasEnded = true;
    this.output?.end();
    if (this.#peerEnded && this.pendingBytes === 0) this.#close();
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.output?.abandon();
    this.#close();
  }

  /** The link broke: nothing under way arrives. */
  fail(error: Error): void {
    this.output?.cut();
    this.#close(error);
  }

  silence(): void {
    this.output?.silence();
  }

  onData(chunk: Buffer): void {
    if (!this.#isClosed) this.#handler?.onData(chunk);
  }

  onDrain(): void {
    if (this.#isClosed) return;
    this.#handler?.onDrain();
    if (this.#peerEnded && this.#hasEnded && this.pendingBytes === 0) this.#close();
  }

  /** As real sockets here do: the peer's end makes this side send what it has and end too. */
  onPeerEnd(): void {
    if (this.#isClosed) return;
    this.#peerEnded = true;
    if (this.#hasEnded && this.pendingBytes === 0) this.#close();
    else this.end();
  }

  #close(error?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.input?.cut();
    this.#scheduler.defer(() => {
      this.#handler?.onClose(error);
      this.#onClosed();
    });
  }
}

function networkError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
