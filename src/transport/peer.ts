import {
  FRAME_BYTES_MAX,
  FRAME_COMPLETE_MS,
  OUTPUT_CLOSE_BYTES,
  OUTPUT_PAUSE_BYTES,
  type Socket,
  type SocketHandler,
} from '../base/index.ts';
import {
  COMMAND_FLAG,
  encodeCommandHead,
  FrameDecoder,
  type FrameSink,
  frameFaultText,
  HEADER_TYPE,
  type HeaderType,
  type RemotingCommand,
  type RequestView,
} from '../protocol/index.ts';
import { formatAddress, ipBytes } from './address.ts';
import { failureAnswer } from './answers.ts';
import { OutputBuffer, type OutputOwner } from './output-buffer.ts';
import type { PeerOwner } from './peer-owner.ts';
import { closedError, type RequestDone } from './pending-requests.ts';

/** Where an answer goes: a request's view, or the two values kept of it. */
export interface ReplyTo {
  readonly opaque: number;
  readonly headerType: HeaderType;
}

/**
 * Answers of one read event above which they are sent before its remaining frames run: some fifty of sends. A client that
 * waits for them then works at the same time as this thread and not in turn with it.
 */
const OUTPUT_FLUSH_BYTES = 8 * 1024;
/** A connection that was ended and does not go away is destroyed after this time. */
const CLOSE_LINGER_MS = 5000;
const NO_BYTES = Buffer.alloc(0);

/**
 * One connection: decodes what arrives, collects what is answered, sends it in few pieces per read event (or once per
 * turn, when it was written elsewhere), and carries calls in the other direction.
 * @thread owner
 */
export class Peer implements SocketHandler, OutputOwner, FrameSink {
  readonly id: number;
  /** `ip:port`, an IPv6 address in brackets. */
  readonly remoteAddress: string;
  /** Without brackets. */
  readonly remoteHost: string;
  /** 4 or 16 bytes. */
  readonly remoteIp: Buffer;
  readonly remotePort: number;
  /** The port it came in on. */
  readonly localPort: number;
  readonly output: OutputBuffer;
  /** Whatever the handler keeps about this connection. */
  state: unknown;
  isClosed = false;
  /** Encoding of the last frame received; requests to the peer use it too. */
  headerType: HeaderType = HEADER_TYPE.JSON;
  readonly #owner: PeerOwner;
  readonly #socket: Socket;
  readonly #decoder: FrameDecoder;
  #inFlight: Buffer | undefined;
  #isInTurn = false;
  #isQueued = false;
  #isHeldByHandler = false;
  #isHeldByOutput = false;
  #flushes = 0;
  #readMs: number;
  #writtenMs: number;
  #frames = 0;
  #frameStartMs = 0;
  #closingMs = 0;

  constructor(owner: PeerOwner, socket: Socket, id: number) {
    this.#owner = owner;
    this.#socket = socket;
    const headerTypeMax = socket.isLocal === true ? HEADER_TYPE.POSITIONAL : HEADER_TYPE.ROCKETMQ;
    this.#decoder = new FrameDecoder(FRAME_BYTES_MAX, headerTypeMax);
    this.id = id;
    this.remoteAddress = formatAddress(socket.remote);
    this.remoteHost = socket.remote.host;
    this.remoteIp = ipBytes(socket.remote.host);
    this.remotePort = socket.remote.port;
    this.localPort = socket.local.port;
    this.output = new OutputBuffer(owner.pool, this);
    this.#readMs = owner.clock.monotonicMs();
    this.#writtenMs = this.#readMs;
    socket.start(this);
  }

  /**
   * Answers a request: sets opaque, the response bit and the encoding of the request.
   * With `release` the body is sent from where it lies, and `release` called once, when it may change.
   * @throws {ProtocolError} FRAME_TOO_LONG; nothing was written then, and nothing is released.
   */
  reply(command: RemotingCommand, to: ReplyTo, release?: () => void): void {
    const flag = command.flag | COMMAND_FLAG.RESPONSE;
    this.#write({ ...command, opaque: to.opaque, flag }, to.headerType, release);
  }

  /** Asks the peer; `done` is called once, in a later turn. */
  request(command: RemotingCommand, timeoutMs: number, done: RequestDone): void {
    const { pending } = this.#owner;
    const opaque = pending.add(this, this.remoteAddress, timeoutMs, done);
    if (opaque < 0) return;
    if (this.isClosed) pending.failLater(opaque, closedError(this.remoteAddress));
    else this.#write({ ...command, opaque }, this.headerType);
  }

  /** Tells the peer without expecting an answer. */
  oneway(command: RemotingCommand): void {
    const opaque = this.#owner.pending.nextOpaque();
    const flag = command.flag | COMMAND_FLAG.ONEWAY;
    this.#write({ ...command, opaque, flag }, this.headerType);
  }

  /** Bytes written and not yet taken by the kernel. */
  get unsentBytes(): number {
    const inFlight = this.#inFlight === undefined ? 0 : this.#socket.pendingBytes;
    return inFlight + this.output.size;
  }

  /** Monotonic time of the last byte read. */
  get readMs(): number {
    return this.#readMs;
  }

  /** Sends what was written once it is long enough for a piece of its own. */
  flushLong(): void {
    // hot path
    if (this.output.size >= OUTPUT_FLUSH_BYTES) this.flush();
  }

  /** Sends what was written. Only needed where the end of the turn is too late. */
  flush(): void {
    // hot path
    this.#isQueued = false;
    if (this.output.length === 0 || this.isClosed) {
      this.output.release();
      return;
    }
    if (this.#inFlight !== undefined) {
      this.#checkUnsent();
      return;
    }
    this.#flushes += 1;
    this.#writtenMs = this.#owner.clock.monotonicMs();
    if (this.output.writeTo(this.#socket)) {
      this.output.release();
      return;
    }
    this.#inFlight = this.output.handOver();
    this.#checkUnsent();
  }

  /** Stops reading this peer: whoever runs its requests is behind. */
  pauseReading(): void {
    this.#isHeldByHandler = true;
    this.#socket.pause();
  }

  /** Reads on, in a later turn. */
  resumeReading(): void {
    if (!this.#isHeldByHandler) return;
    this.#isHeldByHandler = false;
    this.#owner.defer(() => this.#readOn());
  }

  /** Sends what was written, then closes. */
  close(): void {
    if (this.isClosed) return;
    const { output } = this;
    this.#markClosed();
    if (output.length > 0) {
      output.writeTo(this.#socket);
      output.handOver(); // The socket may keep a reference: the memory is not used again.
    }
    this.#socket.end();
  }

  /** Closes at once; what was not sent is lost. */
  destroy(): void {
    this.#markClosed();
    this.#socket.destroy();
  }

  /** Closes at once, and lets the peer know that what it has asked is answered by nobody. What was written may be lost. */
  reset(): void {
    this.flush();
    this.#markClosed();
    if (this.#socket.reset === undefined) this.#socket.destroy();
    else this.#socket.reset();
  }

  /** Called every few seconds: deadlines need no timer of their own. */
  sweep(nowMs: number): void {
    if (this.isClosed) {
      if (nowMs - this.#closingMs >= CLOSE_LINGER_MS) this.#socket.destroy();
      return;
    }
    if (this.#frameStartMs > 0 && nowMs - this.#frameStartMs >= FRAME_COMPLETE_MS) {
      this.#misbehave(`a frame was not complete after ${FRAME_COMPLETE_MS} ms`);
      return;
    }
    if (nowMs - Math.max(this.#readMs, this.#writtenMs) >= this.#owner.idleCloseMs) this.destroy();
  }

  /** @internal */
  onData(chunk: Buffer): void {
    // hot path
    if (this.isClosed) return;
    this.#readMs = this.#owner.clock.monotonicMs();
    this.#runFrames(chunk);
  }

  /** @internal */
  onBytes(buffer: Buffer, start: number, end: number): void {
    // hot path
    if (this.isClosed) return;
    if (!this.#isInTurn) this.#beginTurn();
    this.#push(buffer, start, end);
  }

  /** @internal */
  onBytesEnd(): void {
    // hot path
    if (!this.#isInTurn) return;
    this.#readMs = this.#owner.clock.monotonicMs();
    this.#endTurn();
  }

  /** @internal */
  onDrain(): void {
    if (this.#inFlight !== undefined) this.#owner.pool.give(this.#inFlight);
    this.#inFlight = undefined;
    this.output.settle();
    this.flush();
    if (this.#isHeldByOutput && this.unsentBytes < OUTPUT_PAUSE_BYTES / 2) {
      this.#isHeldByOutput = false;
      this.#readOn();
    }
    this.#owner.onPeerDrain?.(this);
  }

  /** @internal */
  onClose(error?: Error): void {
    this.#markClosed();
    this.#inFlight = undefined;
    this.output.settle();
    this.output.release();
    this.#owner.onPeerClose(this, error);
  }

  /** @internal */
  onFirstBytes(): void {
    // hot path
    if (this.#isInTurn || this.#isQueued || this.#inFlight !== undefined) return;
    this.#isQueued = true;
    this.#owner.flushQueue.add(this);
  }

  /** @internal */
  onGrow(bytes: number): void {
    // Only growth is looked at here: while bytes are in flight no flush does.
    const unsentBytes = this.unsentBytes - this.output.size + bytes;
    if (unsentBytes > OUTPUT_CLOSE_BYTES) this.#closeUnread(unsentBytes);
  }

  /** @internal */
  onFrame(buffer: Buffer, frameStart: number, frameEnd: number): boolean {
    // hot path
    const { view, onFrame } = this.#owner;
    if (onFrame !== undefined) {
      this.#frames += 1;
      onFrame(buffer, frameStart, frameEnd, this);
      return !this.#isHeld && !this.isClosed;
    }
    if (!view.scan(buffer, frameStart, frameEnd)) {
      this.#misbehave('a frame whose header cannot be read');
      return false;
    }
    this.#frames += 1;
    // Requests to the peer are never positional: its answers are read without their definition.
    if (view.headerType !== HEADER_TYPE.POSITIONAL) this.headerType = view.headerType;
    this.#runFrame(view);
    this.flushLong();
    return !this.#isHeld && !this.isClosed;
  }

  #write(command: RemotingCommand, headerType: HeaderType, release?: () => void): void {
    const { output } = this;
    output.append(encodeCommandHead(command, headerType));
    if (release !== undefined) output.attach(output.length, command.body ?? NO_BYTES, release);
    else if (command.body !== undefined) output.append(command.body);
  }

  #runFrames(chunk: Buffer): void {
    // hot path
    this.#beginTurn();
    this.#push(chunk, 0, chunk.length);
    this.#endTurn();
  }

  #beginTurn(): void {
    // hot path
    this.#frames = 0;
    this.#isInTurn = true;
  }

  #push(buffer: Buffer, start: number, end: number): void {
    // hot path
    const outcome = this.#decoder.push(buffer, this, start, end);
    if (outcome !== 'taken' && outcome !== 'stopped') this.#misbehave(frameFaultText(outcome));
  }

  #endTurn(): void {
    // hot path
    this.#isInTurn = false;
    this.#noteHalfFrame();
    this.#owner.onTurnEnd();
    this.flush();
  }

  #runFrame(view: RequestView): void {
    // hot path
    const { output } = this;
    const { code, opaque, headerType, flag } = view;
    const start = output.length;
    const flushes = this.#flushes;
    try {
      if ((flag & COMMAND_FLAG.RESPONSE) === 0) this.#owner.onRequest(view, this);
      else this.#owner.onResponse(view, this);
    } catch (error) {
      // A half-written answer would break the stream: whatever this frame wrote is taken back.
      output.truncate(this.#flushes === flushes ? start : 0);
      this.#owner.onFailure(this, code, error);
      if ((flag & (COMMAND_FLAG.ONEWAY | COMMAND_FLAG.RESPONSE)) === 0) {
        this.reply(failureAnswer(error), { opaque, headerType });
      }
    }
  }

  /** A frame that has begun must be complete in time, however slowly its bytes drip. */
  #noteHalfFrame(): void {
    // hot path
    if (this.#decoder.keptBytes === 0 || this.#isHeld) this.#frameStartMs = 0;
    else if (this.#frames > 0 || this.#frameStartMs === 0) this.#frameStartMs = this.#readMs;
  }

  get #isHeld(): boolean {
    return this.#isHeldByHandler || this.#isHeldByOutput;
  }

  #readOn(): void {
    if (this.isClosed || this.#isHeld) return;
    this.#readMs = this.#owner.clock.monotonicMs();
    this.#runFrames(NO_BYTES);
    if (!this.#isHeld) this.#socket.resume();
  }

  /** Only while bytes are in flight: their drain is what ends the pause. */
  #checkUnsent(): void {
    const { unsentBytes } = this;
    if (unsentBytes > OUTPUT_CLOSE_BYTES) {
      this.#closeUnread(unsentBytes);
    } else if (unsentBytes > OUTPUT_PAUSE_BYTES && this.#owner.pausesUnreadPeers) {
      this.#isHeldByOutput = true;
      this.#socket.pause();
    }
  }

  #closeUnread(unsentBytes: number): void {
    this.#misbehave(`${unsentBytes} bytes of answers were not read`);
  }

  #misbehave(reason: string): void {
    if (this.isClosed) return;
    this.#owner.onMisbehaviour(this, reason);
    this.destroy();
  }

  #markClosed(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#closingMs = this.#owner.clock.monotonicMs();
  }
}
