import type { Socket, SocketAddress, SocketHandler } from '../../base/index.ts';
import { InputWindow } from './input-window.ts';
import type { PairPort, RingEnd } from './pair-port.ts';
import { WINDOW_BYTES } from './records.ts';
import { StreamOutput } from './stream-output.ts';

/** What a socket over a pair is made of. */
export interface RingSocketOptions {
  readonly id: number;
  readonly port: PairPort;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly defer: (callback: () => void) => void;
  /** Client's end: the server it is opened for, and what to do when that is there, or never will be. */
  readonly serverEpoch?: number;
  readonly onServed?: () => void;
  readonly onLost?: (error: Error | undefined) => void;
}

/** One connection over a pair of rings. */
export class RingSocket implements Socket, RingEnd {
  readonly id: number;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly isLocal = true;
  readonly serverEpoch: number;
  readonly stream: StreamOutput;
  isTouched = false;
  readonly #options: RingSocketOptions;
  readonly #port: PairPort;
  readonly #window: InputWindow;
  #handler: SocketHandler | undefined;
  #isClosed = false;
  /** What it was lost of. */
  #error: Error | undefined;
  #isEnding = false;
  #isFarClosed = false;
  #isPaused = false;
  #isResuming = false;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(options: RingSocketOptions) {
    this.#options = options;
    this.#port = options.port;
    this.id = options.id;
    this.local = options.local;
    this.remote = options.remote;
    this.serverEpoch = options.serverEpoch ?? 0;
    this.#window = new InputWindow(options.id, options.port.output);
    this.stream = new StreamOutput(options.id, options.port.output, () => this.#onDrain());
  }

  start(handler: SocketHandler): void {
    this.#handler = handler;
    if (!this.#isClosed) return;
    const error = this.#error;
    this.#options.defer(() => handler.onClose(error)); // T4
  }

  /** With `isLent` nothing refers to `bytes` afterwards. */
  write(bytes: Buffer, isLent = false): boolean {
    // hot path
    if (this.#isClosed || this.#isEnding || this.#isFarClosed) return true;
    return this.stream.write(bytes, isLent);
  }

  get pendingBytes(): number {
    return this.stream.pendingBytes;
  }

  pause(): void {
    this.#isPaused = true;
    this.#isResuming = false;
  }

  resume(): void {
    if (!this.#isPaused || this.#isResuming) return;
    this.#isResuming = true;
    this.#options.defer(() => {
      // It was paused again, or what an earlier call has deferred did all there was to do.
      if (!this.#isResuming) return;
      this.#isResuming = false;
      this.#isPaused = false;
      this.#deliverHeld();
    });
  }

  end(): void {
    if (this.#isClosed || this.#isEnding) return;
    this.#isEnding = true;
    this.#window.use(this.#heldBytes); // Nobody takes them any more, and nobody is to wait for that.
    this.#held = [];
    this.#heldBytes = 0;
    this.stream.close();
    if (this.stream.isEmpty) this.#finish(undefined);
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.stream.drop();
    this.stream.close();
    this.#finish(undefined);
  }

  /** @internal */
  onRecord(bytes: Buffer, start: number, end: number): void {
    // hot path
    if (this.#isClosed) return;
    if (this.#isPaused && !this.#isEnding) {
      this.#hold(bytes, start, end);
      return;
    }
    this.#window.use(end - start);
    if (this.#isEnding) return;
    const handler = this.#handler;
    if (handler?.onBytes !== undefined) handler.onBytes(bytes, start, end);
    else handler?.onData(bytes.subarray(start, end));
  }

  /** @internal */
  onRecordsEnd(): void {
    // hot path
    if (!this.#isClosed) this.#handler?.onBytesEnd?.();
  }

  /** @internal */
  onCredit(bytes: number): void {
    this.stream.grant(bytes);
  }

  /** @internal */
  onServed(): void {
    this.#options.onServed?.();
  }

  /** @internal */
  onGone(error?: Error): void {
    if (this.#isClosed || this.#isFarClosed) return;
    this.stream.drop();
    if (error === undefined && this.#held.length > 0) {
      this.#isFarClosed = true; // What came before the end is delivered before the end.
      // Nobody takes what still waits to be written: whoever stopped reading because of it reads on.
      this.#options.defer(() => this.#onDrain());
      return;
    }
    // Who has not seen the other side's close yet need not be told of this one.
    if (error !== undefined) this.stream.close();
    this.#finish(error);
  }

  #onDrain(): void {
    if (this.#isClosed) return;
    if (this.#isEnding) this.#finish(undefined);
    else this.#handler?.onDrain();
  }

  #finish(error: Error | undefined): void {
    this.#isClosed = true;
    this.#error = error;
    this.#port.remove(this);
    this.#held = [];
    const handler = this.#handler;
    if (handler === undefined) this.#options.onLost?.(error);
    else this.#options.defer(() => handler.onClose(error)); // T4
  }

  #hold(bytes: Buffer, start: number, end: number): void {
    this.#held.push(Buffer.from(bytes.subarray(start, end))); // T7
    this.#heldBytes += end - start;
    if (this.#heldBytes <= WINDOW_BYTES) return;
    this.#port.misuse('more bytes than the window of a connection'); // T6
    this.destroy();
  }

  #deliverHeld(): void {
    while (!this.#isPaused && !this.#isClosed) {
      const chunk = this.#held.shift();
      if (chunk === undefined) break;
      this.#heldBytes -= chunk.length;
      this.#window.use(chunk.length);
      this.#handler?.onData(chunk);
    }
    if (this.#isFarClosed && this.#held.length === 0 && !this.#isClosed) this.#finish(undefined);
  }
}
