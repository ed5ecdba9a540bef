import {
  createServer,
  connect as dial,
  type Server,
  type SocketConstructorOpts,
  Socket as TcpStream,
} from 'node:net';
import {
  assert,
  type Network,
  type NetworkListener,
  type Socket,
  type SocketAddress,
  type SocketHandler,
} from '../base/index.ts';

/** What a TCP network can be told. */
export interface TcpNetworkOptions {
  /** Connections the kernel may hold before they are accepted (default 1024, RocketMQ's). */
  readonly backlog?: number;
}

const BACKLOG = 1024;
const READ_BYTES = 64 * 1024;
/** The one memory of all accepted connections: what 64 sends of 1 KiB take is one read. */
const ACCEPTED_READ_BYTES = 128 * 1024;
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Real sockets of this thread's event loop; works in worker threads too. */
export function tcpNetwork(options: TcpNetworkOptions = {}): Network {
  const backlog = options.backlog ?? BACKLOG;
  return {
    listen: (at, onSocket, ready) => listen({ ...at, backlog, exclusive: true }, onSocket, ready),
    connect,
  };
}

type ListenAt = { readonly backlog: number; readonly exclusive: boolean };

function listen(
  at: ListenAt,
  onSocket: (socket: Socket) => void,
  ready: (error: Error | undefined, address?: SocketAddress) => void,
): NetworkListener {
  const memory = Buffer.allocUnsafeSlow(ACCEPTED_READ_BYTES);
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (accepted) => {
    let socket: TcpSocket | undefined;
    const onRead = (bytes: number): void => socket?.onBytes(memory, bytes);
    socket = new TcpSocket(readInto(memory, accepted, onRead));
    onSocket(socket);
  });
  let isReady = false;
  const settle = (error: Error | undefined, address?: SocketAddress): void => {
    if (isReady) return;
    isReady = true;
    ready(error, address);
  };
  // After it listens, a failed accept (no descriptor left) concerns one connection only: the kernel offers it again.
  server.on('error', (error) => settle(error));
  server.listen(at, () => settle(undefined, boundAddress(server)));
  return { close: (done) => closeServer(server, done) };
}

/**
 * Goes on with an accepted connection in a stream that reads into `memory`. One serves all connections of a thread: what
 * is read is used up before the next read. A read then allocates nothing, where 64 KiB each were a tenth of the work of
 * sends of 1 KiB. Node has `onread` for streams that connect only, so the handle moves into a stream made here.
 */
function readInto(memory: Buffer, accepted: TcpStream, onRead: (bytes: number) => void): TcpStream {
  const held = accepted as unknown as { _handle: unknown };
  const handle = held._handle;
  assert(typeof handle === 'object' && handle !== null, 'an accepted connection has a handle');
  held._handle = null;
  const callback = (bytes: number): boolean => {
    onRead(bytes);
    return true;
  };
  const options = { handle, pauseOnCreate: true, onread: { buffer: memory, callback } };
  return new TcpStream(options as SocketConstructorOpts);
}

function closeServer(server: Server, done: (() => void) | undefined): void {
  if (!server.listening) {
    server.close();
    if (done) setImmediate(done);
    return;
  }
  // The callback of `close` waits for open connections, which stay; the descriptor is closed at once.
  server.close();
  if (done) setImmediate(done);
}

function boundAddress(server: Server): SocketAddress {
  const address = server.address();
  if (address === null || typeof address === 'string') return { host: '', port: 0 };
  return { host: address.address, port: address.port };
}

function connect(
  to: { readonly host: string; readonly port: number; readonly timeoutMs: number },
  ready: (error: Error | undefined, socket?: Socket) => void,
): void {
  let target: TcpSocket | undefined;
  const stream = dial({
    host: to.host,
    port: to.port,
    noDelay: true,
    // One buffer of the connection receives every read, so a read allocates no memory for its bytes.
    onread: {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (bytes, buffer) => {
        target?.onBytes(buffer as Buffer, bytes);
        return true;
      },
    },
  });
  let failure: Error | undefined;
  const limit = setTimeout(() => {
    const error: NodeJS.ErrnoException = new Error(
      `no connection to ${to.host}:${to.port} within ${to.timeoutMs} ms`,
    );
    error.code = 'ETIMEDOUT';
    stream.destroy(error);
  }, to.timeoutMs);
  const onError = (error: Error): void => {
    failure = error;
  };
  const onClose = (): void => {
    clearTimeout(limit);
    ready(failure ?? new Error(`the connection to ${to.host}:${to.port} was closed`));
  };
  stream.on('error', onError);
  stream.on('close', onClose);
  stream.once('connect', () => {
    clearTimeout(limit);
    stream.off('error', onError);
    stream.off('close', onClose);
    target = new TcpSocket(stream);
    ready(undefined, target);
  });
}

class TcpSocket implements Socket {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly #stream: TcpStream;
  #handler: SocketHandler | undefined;
  #isDraining = false;

  constructor(stream: TcpStream) {
    this.#stream = stream;
    // A connection that is gone already has no address any more.
    this.local = { host: plainHost(stream.localAddress), port: stream.localPort ?? 0 };
    this.remote = { host: plainHost(stream.remoteAddress), port: stream.remotePort ?? 0 };
  }

  start(handler: SocketHandler): void {
    this.#handler = handler;
    let failure: Error | undefined;
    this.#stream.on('error', (error) => {
      failure = error;
    });
    this.#stream.on('close', () => handler.onClose(failure));
    this.#stream.resume();
  }

  /** `buffer[0 … bytes)` was read. */
  onBytes(buffer: Buffer, bytes: number): void {
    // hot path
    const handler = this.#handler;
    if (handler?.onBytes === undefined) {
      handler?.onData(buffer.subarray(0, bytes));
      return;
    }
    handler.onBytes(buffer, 0, bytes);
    handler.onBytesEnd?.();
  }

  write(bytes: Buffer): boolean {
    this.#stream.write(bytes, this.#onWritten);
    if (this.#stream.writableLength === 0) return true;
    this.#isDraining = true;
    return false;
  }

  /** One call of the kernel. */
  writeAll(pieces: readonly Buffer[]): boolean {
    this.#stream.cork();
    for (const piece of pieces) this.#stream.write(piece, this.#onWritten);
    this.#stream.uncork();
    if (this.#stream.writableLength === 0) return true;
    this.#isDraining = true;
    return false;
  }

  get pendingBytes(): number {
    return this.#stream.writableLength;
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  end(): void {
    this.#stream.end();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  reset(): void {
    this.#stream.resetAndDestroy();
  }

  // One function for all writes: the stream then merges the callbacks of a turn.
  readonly #onWritten = (): void => {
    if (!this.#isDraining || this.#stream.writableLength > 0 || this.#stream.destroyed) return;
    this.#isDraining = false;
    this.#handler?.onDrain();
  };
}

/** A dual-stack listener shows IPv4 peers as mapped IPv6 addresses; the rest of the program wants the plain one. */
function plainHost(host: string | undefined): string {
  if (host === undefined) return '0.0.0.0';
  return MAPPED_IPV4.exec(host)?.[1] ?? host;
}
