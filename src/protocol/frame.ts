import { FRAME_BYTES_MAX, readInt32BE, writeInt32BE } from '../base/index.ts';
import { ProtocolError } from './errors.ts';

// One frame, all integers big-endian:
//
// | bytes | field |
// |---|---|
// | 4 | bytes that follow this field: 4 + header + body |
// | 1 | header type: 0 JSON, 1 ROCKETMQ binary, 2 positional (between threads only) |
// | 3 | header length |
// | h | header |
// | b | body: the rest |

/**
 * How a header is written. A frame says it in its fifth byte; an answer takes the type of its request, but that cold answers
 * to positional requests are JSON. POSITIONAL is for threads of one program: see `positional.ts`.
 */
export const HEADER_TYPE = { JSON: 0, ROCKETMQ: 1, POSITIONAL: 2 } as const;
/** One of `HEADER_TYPE`. */
export type HeaderType = (typeof HEADER_TYPE)[keyof typeof HEADER_TYPE];

/** Bytes in front of the header: the length word and the header word. */
export const FRAME_PREFIX_BYTES = 8;
const LENGTH_BYTES = 4;
const HEADER_LENGTH_MASK = 0xffffff;
/** Smallest value of the length word: an empty header is refused later, where headers are read. */
const FRAME_LENGTH_MIN = 4;

/** Why a byte stream is given up. */
export type FrameFault =
  | 'NEGATIVE_LENGTH'
  | 'TINY_LENGTH'
  | 'FRAME_TOO_LONG'
  | 'HEADER_TOO_LONG'
  | 'UNKNOWN_HEADER_TYPE'
  | 'HTTP_REQUEST'
  | 'TLS_HELLO'
  | 'PROXY_PROTOCOL';

const FAULT_TEXT: Readonly<Record<FrameFault, string>> = {
  NEGATIVE_LENGTH: 'a frame with a negative length',
  TINY_LENGTH: 'a frame too short to hold a header length',
  FRAME_TOO_LONG: 'a frame longer than the limit, or bytes of another protocol',
  HEADER_TOO_LONG: 'a header longer than its frame',
  UNKNOWN_HEADER_TYPE: 'a header type that is neither JSON nor ROCKETMQ',
  HTTP_REQUEST: 'an HTTP request (this port speaks the RocketMQ remoting protocol)',
  TLS_HELLO: 'a TLS handshake (this port does not speak TLS)',
  PROXY_PROTOCOL: 'a PROXY protocol header',
};

/** A sentence for a log line: what the peer sent. */
export const frameFaultText = (fault: FrameFault): string => FAULT_TEXT[fault];

/** First four bytes of protocols that end up on the wrong port. */
const FOREIGN: ReadonlyMap<string, FrameFault> = new Map([
  ...['GET ', 'POST', 'PUT ', 'HEAD', 'DELE', 'OPTI', 'PATC', 'CONN', 'TRAC', 'PRI '].map(
    (word) => [word, 'HTTP_REQUEST'] as const,
  ),
  ['PROX', 'PROXY_PROTOCOL'],
  ['\r\n\r\n', 'PROXY_PROTOCOL'],
]);
const TLS_HANDSHAKE = 0x16;
const TLS_MAJOR_VERSION = 3;

const foreignFault = (buffer: Buffer, at: number): FrameFault | undefined => {
  if (buffer[at] === TLS_HANDSHAKE && buffer[at + 1] === TLS_MAJOR_VERSION) return 'TLS_HELLO';
  return FOREIGN.get(buffer.toString('latin1', at, at + LENGTH_BYTES));
};

const lengthFault = (
  buffer: Buffer,
  at: number,
  length: number,
  frameBytesMax: number,
): FrameFault | undefined => {
  // hot path
  if (length >= FRAME_LENGTH_MIN && length <= frameBytesMax - LENGTH_BYTES) return undefined;
  if (length < 0) return 'NEGATIVE_LENGTH';
  if (length < FRAME_LENGTH_MIN) return 'TINY_LENGTH';
  return foreignFault(buffer, at) ?? 'FRAME_TOO_LONG';
};

const headerFault = (
  buffer: Buffer,
  at: number,
  length: number,
  headerTypeMax: HeaderType,
): FrameFault | undefined => {
  // hot path
  const word = readInt32BE(buffer, at + LENGTH_BYTES);
  if (word >>> 24 > headerTypeMax) return 'UNKNOWN_HEADER_TYPE';
  return (word & HEADER_LENGTH_MASK) > length - LENGTH_BYTES ? 'HEADER_TOO_LONG' : undefined;
};

/** Takes complete frames. */
export interface FrameSink {
  /**
   * One complete frame: `buffer[frameStart … frameEnd)`, its length word included. Valid during the call only.
   * @returns false to stop: what follows is kept by the decoder until its next `push`
   */
  onFrame(buffer: Buffer, frameStart: number, frameEnd: number): boolean;
}

/** What `push` ended with: everything taken, stopped by the sink, or bytes that are no frame. */
export type PushOutcome = 'taken' | 'stopped' | FrameFault;

const EMPTY = Buffer.alloc(0);
const KEPT_BYTES_MIN = 512;
/** A kept buffer above this is let go once it is empty. */
const KEPT_BYTES_IDLE_MAX = 64 * 1024;

/**
 * Cuts a byte stream into frames. Frames that lie complete in a chunk are handed over in place; only an unfinished rest is
 * copied. D1: memory grows with bytes that arrived, never with a length that was claimed. D2: a fault is final.
 */
export class FrameDecoder {
  readonly #frameBytesMax: number;
  readonly #headerTypeMax: HeaderType;
  /** Bytes of an unfinished frame (or, after a stop, of several frames): `#kept[#start … #end)`. */
  #kept: Buffer = EMPTY;
  #start = 0;
  #end = 0;
  #fault: FrameFault | undefined;
  #isStopped = false;
  /** Position behind the last frame handed over by `#drain`. */
  #drained = 0;

  /**
   * @param frameBytesMax longest frame, length word included
   * @param headerTypeMax greatest `HEADER_TYPE` taken: what comes from the network is never positional
   */
  constructor(frameBytesMax = FRAME_BYTES_MAX, headerTypeMax: HeaderType = HEADER_TYPE.ROCKETMQ) {
    this.#frameBytesMax = frameBytesMax;
    this.#headerTypeMax = headerTypeMax;
  }

  /** Bytes kept for a frame that is not complete, or not yet asked for after a stop. */
  get keptBytes(): number {
    return this.#end - this.#start;
  }

  /** Memory held for kept bytes. */
  get keptCapacity(): number {
    return this.#kept.length;
  }

  /**
   * Takes the next bytes of the stream (none: goes on after a stop). `chunk` may be reused once this returns.
   * A fault's bytes and all that follow are dropped; further calls return the same fault.
   * @param start where the bytes begin in `chunk`
   * @param end and where they end
   */
  push(chunk: Buffer, sink: FrameSink, start = 0, end = chunk.length): PushOutcome {
    // hot path
    if (this.#fault !== undefined) return this.#fault;
    this.#isStopped = false;
    let at = start;
    if (this.#end > this.#start) {
      at = this.#pushKept(chunk, sink, start, end);
      if (this.#fault !== undefined) return this.#fault;
      if (at < 0) return this.#isStopped ? 'stopped' : 'taken';
    }
    this.#drain(chunk, at, end, sink);
    if (this.#fault !== undefined) return this.#fault;
    if (this.#drained < end) this.#keep(chunk, this.#drained, end);
    return this.#isStopped ? 'stopped' : 'taken';
  }

  /** Hands over the complete frames of `buffer[at … end)`; leaves `#drained` behind the last of them. */
  #drain(buffer: Buffer, at: number, end: number, sink: FrameSink): void {
    // hot path
    this.#drained = at;
    while (end - this.#drained >= LENGTH_BYTES) {
      const frameStart = this.#drained;
      const frameEnd = this.#frameEnd(buffer, frameStart, end);
      if (frameEnd < 0 || frameEnd > end) return;
      this.#drained = frameEnd;
      if (!sink.onFrame(buffer, frameStart, frameEnd)) {
        this.#isStopped = true;
        return;
      }
    }
  }

  /** Where the frame at `at` ends, as far as its first bytes say so; -1 after a fault. */
  #frameEnd(buffer: Buffer, at: number, end: number): number {
    // hot path
    const length = readInt32BE(buffer, at);
    let fault = lengthFault(buffer, at, length, this.#frameBytesMax);
    if (fault === undefined && end - at >= FRAME_PREFIX_BYTES) {
      fault = headerFault(buffer, at, length, this.#headerTypeMax);
    }
    if (fault !== undefined) {
      this.#fault = fault;
      this.#kept = EMPTY;
      this.#start = 0;
      this.#end = 0;
      return -1;
    }
    return at + LENGTH_BYTES + length;
  }

  /**
   * Completes kept frames with bytes of `chunk`.
   * @returns where in `chunk` the bytes of the last kept frame end, or -1 where all of it was kept
   */
  #pushKept(chunk: Buffer, sink: FrameSink, start: number, end: number): number {
    let at = start;
    for (;;) {
      this.#drain(this.#kept, this.#start, this.#end, sink);
      if (this.#fault !== undefined) return -1;
      this.#start = this.#drained;
      if (this.#isStopped) {
        this.#keep(chunk, at, end);
        return -1;
      }
      if (this.#start === this.#end) {
        this.#release();
        return at;
      }
      if (at === end) return -1;
      // First the prefix, which tells how much of the chunk belongs to this frame.
      const have = this.#end - this.#start;
      const want =
        have < FRAME_PREFIX_BYTES
          ? FRAME_PREFIX_BYTES - have
          : this.#frameEnd(this.#kept, this.#start, this.#end) - this.#end;
      const take = Math.min(want, end - at);
      this.#keep(chunk, at, at + take);
      at += take;
    }
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    const have = this.#end - this.#start;
    const need = have + to - from;
    if (this.#start > 0 || need > this.#kept.length) {
      // D1: at most twice of what has arrived.
      const isRoom = need <= this.#kept.length;
      const grown = isRoom ? this.#kept : Buffer.allocUnsafe(Math.max(need * 2, KEPT_BYTES_MIN));
      this.#kept.copy(grown, 0, this.#start, this.#end);
      this.#kept = grown;
      this.#start = 0;
      this.#end = have;
    }
    chunk.copy(this.#kept, this.#end, from, to);
    this.#end += to - from;
  }

  #release(): void {
    if (this.#kept.length > KEPT_BYTES_IDLE_MAX) this.#kept = EMPTY;
    this.#start = 0;
    this.#end = 0;
  }
}

/**
 * Writes length and header word of a frame whose header takes `headerBytes`.
 * @throws {ProtocolError} FRAME_TOO_LONG
 */
export function writeFramePrefix(
  target: Buffer,
  at: number,
  headerType: HeaderType,
  headerBytes: number,
  bodyBytes: number,
): void {
  // hot path
  const length = LENGTH_BYTES + headerBytes + bodyBytes;
  if (length + LENGTH_BYTES > FRAME_BYTES_MAX) throw frameTooLong(length + LENGTH_BYTES);
  writeInt32BE(target, at, length);
  writeInt32BE(target, at + LENGTH_BYTES, (headerType << 24) | headerBytes);
}

const frameTooLong = (bytes: number): ProtocolError =>
  new ProtocolError('FRAME_TOO_LONG', `a frame of ${bytes} bytes exceeds ${FRAME_BYTES_MAX}`, {
    bytes,
    limit: FRAME_BYTES_MAX,
  });
