import { readInt32BE, readInt64BE } from '../base/index.ts';
import { copyBytes, equalsBytes, isTrueText, parseDecimal } from '../message/index.ts';
import { HEADER_TYPE, type HeaderType } from './frame.ts';
import { unescapeTo } from './json-bytes.ts';
import { scanBinaryHeader } from './scan-binary.ts';
import { scanJsonHeader } from './scan-json.ts';
import { scanPositionalHeader } from './scan-positional.ts';
import { scanTolerantly } from './scan-tolerant.ts';
import { Skeletons } from './skeleton.ts';
import { SEND_REQUIRED_SLOTS, SLOT_COUNT, wireName } from './slots.ts';
import { TextCache } from './text-cache.ts';

const EMPTY = Buffer.alloc(0);
/** The least int64 that is safe, its sign included. */
const NUMBER_TEXT_BYTES_MAX = 17;
/** Bits of a command's flag. */
export const COMMAND_FLAG = { RESPONSE: 1, ONEWAY: 2 } as const;

/**
 * One frame, scanned in place: fixed fields and, for the hot commands, header fields by slot. One object serves all
 * frames of a thread; what it says is valid until the next `scan` and while the frame's buffer is.
 *
 * V1: a slot's bytes are `values[starts[slot] … ends[slot])`; `values` is the frame's buffer but for odd headers.
 * V2: only slots whose bit is set in `present` have bytes; those in `escaped` hold JSON escapes, checked by the scan.
 * V3: slots in `numeric` hold a number of a positional header: 4 or 8 bytes of an int32 or int64, 1 of a boolean.
 */
export class RequestView {
  /** Holds the frame. */
  buffer: Buffer = EMPTY;
  frameStart = 0;
  headerType: HeaderType = HEADER_TYPE.JSON;
  headerStart = 0;
  headerEnd = 0;
  bodyStart = 0;
  bodyEnd = 0;
  code = 0;
  opaque = 0;
  flag = 0;
  version = 0;
  /** Language code, see `LANGUAGES`. */
  language = 0;
  /** V1 */
  values: Buffer = EMPTY;
  present = 0;
  escaped = 0;
  /** V3 */
  numeric = 0;
  /** Slots filled by a one-letter and by a long name: which of them count depends on the code. */
  shortSeen = 0;
  longSeen = 0;
  /** Where a JSON header has its opaque. */
  opaqueStart = 0;
  opaqueEnd = 0;
  readonly starts = new Int32Array(SLOT_COUNT);
  readonly ends = new Int32Array(SLOT_COUNT);
  readonly #skeletons = new Skeletons();
  readonly #texts = new TextCache();

  /**
   * Reads the header of `buffer[frameStart … frameEnd)`, a complete frame as `FrameDecoder` gives it.
   * @returns false where no reader makes sense of the header; the connection is of no more use
   */
  scan(buffer: Buffer, frameStart: number, frameEnd: number): boolean {
    // hot path
    const word = readInt32BE(buffer, frameStart + 4);
    this.buffer = buffer;
    this.frameStart = frameStart;
    this.headerType = (word >>> 24) as HeaderType;
    this.headerStart = frameStart + 8;
    this.headerEnd = this.headerStart + (word & 0xffffff);
    this.bodyStart = this.headerEnd;
    this.bodyEnd = frameEnd;
    this.reset();
    if (this.headerType === HEADER_TYPE.ROCKETMQ) return scanBinaryHeader(this);
    if (this.headerType === HEADER_TYPE.POSITIONAL) return scanPositionalHeader(this);
    if (this.#skeletons.match(this)) return true;
    this.reset();
    if (scanJsonHeader(this)) {
      this.#skeletons.learn(this);
      return true;
    }
    this.reset();
    return scanTolerantly(this);
  }

  /** Forgets all fields. */
  reset(): void {
    // hot path
    this.values = this.buffer;
    this.code = 0;
    this.opaque = 0;
    this.flag = 0;
    this.version = 0;
    this.language = 0;
    this.present = 0;
    this.escaped = 0;
    this.numeric = 0;
    this.shortSeen = 0;
    this.longSeen = 0;
    this.opaqueStart = 0;
  }

  get isOneway(): boolean {
    return (this.flag & COMMAND_FLAG.ONEWAY) !== 0;
  }

  get isResponse(): boolean {
    return (this.flag & COMMAND_FLAG.RESPONSE) !== 0;
  }

  get bodyBytes(): number {
    return this.bodyEnd - this.bodyStart;
  }

  has(slot: number): boolean {
    // hot path
    return (this.present & (1 << slot)) !== 0;
  }

  /** An int32 field; `fallback` where it is absent or, as in Java, its text is no int32. */
  int(slot: number, fallback: number): number {
    // hot path
    if ((this.present & (1 << slot)) === 0) return fallback;
    const value = this.#number(slot);
    return value >= -0x80000000 && value <= 0x7fffffff ? value : fallback;
  }

  /** An int64 field, saturated to ±Number.MAX_SAFE_INTEGER; `fallback` where it is absent or no number. */
  int64(slot: number, fallback: number): number {
    // hot path
    if ((this.present & (1 << slot)) === 0) return fallback;
    const value = this.#number(slot);
    return Number.isNaN(value) ? fallback : value;
  }

  /** True only for the text `true` in any case; `fallback` where it is absent. */
  boolean(slot: number, fallback = false): boolean {
    // hot path
    if ((this.present & (1 << slot)) === 0) return fallback;
    const start = this.starts[slot] as number;
    if ((this.numeric & (1 << slot)) !== 0) return this.values[start] === 1;
    return isTrueText(this.values, start, (this.ends[slot] as number) - start);
  }

  /** A field as text. A text that was read before costs no new string. */
  string(slot: number): string | undefined {
    // hot path
    if ((this.present & (1 << slot)) === 0) return undefined;
    const start = this.starts[slot] as number;
    const end = this.ends[slot] as number;
    if ((this.numeric & (1 << slot)) !== 0) return this.#numericText(slot);
    if ((this.escaped & (1 << slot)) !== 0) return this.#unescaped(start, end);
    return this.#texts.get(this.values, start, end);
  }

  /** Upper bound of what `copyTo` writes. */
  bytesMax(slot: number): number {
    // hot path
    if (!this.has(slot)) return 0;
    if ((this.numeric & (1 << slot)) !== 0) return NUMBER_TEXT_BYTES_MAX;
    return (this.ends[slot] as number) - (this.starts[slot] as number);
  }

  /** Copies a field's UTF-8 bytes, escapes undone; returns how many. `target` needs `bytesMax(slot)` bytes from `at`. */
  copyTo(slot: number, target: Buffer, at: number): number {
    // hot path
    if (!this.has(slot)) return 0;
    if ((this.numeric & (1 << slot)) !== 0) return target.write(this.#numericText(slot), at);
    const start = this.starts[slot] as number;
    const end = this.ends[slot] as number;
    const last =
      (this.escaped & (1 << slot)) === 0
        ? copyBytes(this.values, start, end - start, target, at)
        : unescapeTo(this.values, start, end, target, at);
    return last - at;
  }

  /** Whether a field's bytes can be used in place: `values[starts[slot] … ends[slot])`. */
  isPlain(slot: number): boolean {
    // hot path
    return ((this.escaped | this.numeric) & (1 << slot)) === 0;
  }

  /** Whether a field has exactly these bytes. A field that `isPlain` denies equals nothing. */
  equals(slot: number, expected: Buffer): boolean {
    // hot path
    if (!this.has(slot) || !this.isPlain(slot)) return false;
    const start = this.starts[slot] as number;
    return equalsBytes(this.values, start, (this.ends[slot] as number) - start, expected);
  }

  /**
   * Wire name of the first required field of the send header that is absent; `undefined` where all are there.
   * The broker answers `the custom field <name> is null`.
   */
  missingSendField(): string | undefined {
    // hot path
    if ((this.present & SEND_REQUIRED_SLOTS) === SEND_REQUIRED_SLOTS) return undefined;
    let slot = 0;
    while (this.has(slot)) slot += 1;
    return wireName(slot, this.code);
  }

  #unescaped(start: number, end: number): string {
    const bytes = Buffer.allocUnsafe(end - start);
    return bytes.toString('utf8', 0, unescapeTo(this.values, start, end, bytes, 0));
  }

  #number(slot: number): number {
    // hot path
    if ((this.numeric & (1 << slot)) !== 0) return this.#binaryNumber(slot);
    if ((this.escaped & (1 << slot)) !== 0) return this.#escapedNumber(slot);
    return parseDecimal(this.values, this.starts[slot] as number, this.ends[slot] as number);
  }

  /** V3; a boolean is no number. */
  #binaryNumber(slot: number): number {
    // hot path
    const start = this.starts[slot] as number;
    const bytes = (this.ends[slot] as number) - start;
    if (bytes === 4) return readInt32BE(this.values, start);
    return bytes === 8 ? readInt64BE(this.values, start) : Number.NaN;
  }

  /** V3: the text that the other header types have for it. */
  #numericText(slot: number): string {
    const value = this.#binaryNumber(slot);
    return String(Number.isNaN(value) ? this.boolean(slot) : value);
  }

  #escapedNumber(slot: number): number {
    const bytes = Buffer.from(this.string(slot) ?? '');
    return parseDecimal(bytes, 0, bytes.length);
  }
}
