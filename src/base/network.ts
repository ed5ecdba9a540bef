/** Sockets as the transport sees them: real TCP, or the simulator's links. Callbacks run on the owner's thread. */
export interface Network {
  /**
   * Starts to accept connections. `ready` is called once, later, with an error or the bound address.
   * `{ fd }` listens on a descriptor that is bound already.
   */
  listen(
    at: { readonly host: string; readonly port: number } | { readonly fd: number },
    onSocket: (socket: Socket) => void,
    ready: (error: Error | undefined, address?: SocketAddress) => void,
  ): NetworkListener;
  /** Connects to `host:port`; `ready` is called once, later. */
  connect(
    to: { readonly host: string; readonly port: number; readonly timeoutMs: number },
    ready: (error: Error | undefined, socket?: Socket) => void,
  ): void;
}

/** One end of a connection. */
export interface SocketAddress {
  /** Text form of the address, without brackets. */
  readonly host: string;
  readonly port: number;
}

/** A port that accepts connections. */
export interface NetworkListener {
  /** Stops accepting; open sockets stay. `done` is called in a later turn. */
  close(done?: () => void): void;
}

/** What a socket tells its owner. */
export interface SocketHandler {
  /** Bytes arrived. `chunk` is valid during the call only: keep what must outlive it by copying. */
  onData(chunk: Buffer): void;
  /**
   * Bytes `buffer[start … end)` arrived, valid during the call only; more may follow at once, and after the last of them
   * `onBytesEnd`. Sockets that read into the same memory again and again use these where they are there.
   */
  onBytes?(buffer: Buffer, start: number, end: number): void;
  onBytesEnd?(): void;
  /** All accepted bytes have left; `write` may be called freely again. */
  onDrain(): void;
  /** Last call, exactly once; `error` where the socket failed. */
  onClose(error?: Error): void;
}

/** One connected stream socket, Nagle's algorithm off. */
export interface Socket {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** Both ends are threads of this process: frames may have positional headers. */
  readonly isLocal?: boolean;
  /** Must be called once, at once, by who receives the socket. */
  start(handler: SocketHandler): void;
  /**
   * Queues bytes. Returns true when the kernel took them all at once and `bytes` may be reused now; false when the
   * socket keeps a reference to `bytes` until `onDrain`.
   */
  write(bytes: Buffer): boolean;
  /** `write` for several pieces that follow each other, where one call is cheaper. */
  writeAll?(pieces: readonly Buffer[]): boolean;
  /** Bytes accepted by `write` that the kernel has not taken yet. */
  readonly pendingBytes: number;
  /** Stops and restarts `onData` (back-pressure towards the peer). */
  pause(): void;
  resume(): void;
  /** Sends what was written, then closes. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
  /** Closes at once, and as a failure to the other end, whose requests are answered by nobody; default: `destroy`. */
  reset?(): void;
}
