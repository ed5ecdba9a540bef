import { readInt16BE, readInt32BE } from '../../base/index.ts';
import { decodeCommand, HEADER_TYPE, RequestView, responseCodeName } from '../../protocol/index.ts';

const OPAQUE_KEY = Buffer.from('"opaque":');
const CODE_KEY = Buffer.from('{"code":');
const COMMA = 0x2c;
const ZERO = 48;
const PREFIX_BYTES = 8;

const isAt = (buffer: Buffer, at: number, text: Buffer): boolean => {
  // hot path
  for (let index = 0; index < text.length; index++)
    if (buffer[at + index] !== text[index]) return false;
  return true;
};

/**
 * Code and opaque of an answer, without an object. JSON headers of one server look alike: where the opaque stood in the
 * last one, counted from the end, it is tried first; everything else goes through the scanner that servers use.
 */
export class AnswerView {
  buffer: Buffer = Buffer.alloc(0);
  code = 0;
  opaque = 0;
  isResponse = true;
  headerStart = 0;
  bodyStart = 0;
  bodyEnd = 0;
  readonly #view = new RequestView();
  /** Bytes from the first digit of the opaque to the end of the header; 0 while unknown. */
  #opaqueTail = 0;

  /** False where the header makes no sense. */
  scan(buffer: Buffer, frameStart: number, frameEnd: number): boolean {
    // hot path
    const word = readInt32BE(buffer, frameStart + 4);
    this.buffer = buffer;
    this.headerStart = frameStart + PREFIX_BYTES;
    this.bodyStart = this.headerStart + (word & 0xffffff);
    this.bodyEnd = frameEnd;
    if (word >>> 24 === HEADER_TYPE.JSON) {
      if (this.#opaqueTail > 0 && this.#scanAlike(buffer)) return true;
    } else if (this.bodyStart - this.headerStart >= 13) {
      this.code = readInt16BE(buffer, this.headerStart);
      this.opaque = readInt32BE(buffer, this.headerStart + 5);
      this.isResponse = (readInt32BE(buffer, this.headerStart + 9) & 1) === 1;
      return true;
    }
    return this.#scanAny(buffer, frameStart, frameEnd);
  }

  #scanAlike(buffer: Buffer): boolean {
    // hot path
    const opaqueAt = this.bodyStart - this.#opaqueTail;
    if (opaqueAt - OPAQUE_KEY.length < this.headerStart + CODE_KEY.length) return false;
    if (!isAt(buffer, opaqueAt - OPAQUE_KEY.length, OPAQUE_KEY)) return false;
    if (!isAt(buffer, this.headerStart, CODE_KEY)) return false;
    const opaque = this.#digits(buffer, opaqueAt);
    const code = this.#digits(buffer, this.headerStart + CODE_KEY.length);
    if (opaque < 0 || code < 0) return false;
    this.opaque = opaque;
    this.code = code;
    this.isResponse = true;
    return true;
  }

  /** A number up to the comma behind it, or -1. */
  #digits(buffer: Buffer, at: number): number {
    // hot path
    let value = 0;
    for (let index = at; index < this.bodyStart; index++) {
      const byte = buffer[index] as number;
      if (byte === COMMA && index > at) return value;
      if (byte < ZERO || byte > ZERO + 9) return -1;
      value = value * 10 + (byte - ZERO);
    }
    return -1;
  }

  #scanAny(buffer: Buffer, frameStart: number, frameEnd: number): boolean {
    const view = this.#view;
    if (!view.scan(buffer, frameStart, frameEnd)) return false;
    this.code = view.code;
    this.opaque = view.opaque;
    this.isResponse = view.isResponse;
    const isPlain = view.headerType === HEADER_TYPE.JSON && view.opaqueStart > 0;
    if (isPlain && view.isResponse) this.#opaqueTail = this.bodyStart - view.opaqueStart;
    return true;
  }

  /** The refusal as a sentence. */
  problem(): string {
    const frameStart = this.headerStart - PREFIX_BYTES;
    const name = `${responseCodeName(this.code)} (${this.code})`;
    if (!this.#view.scan(this.buffer, frameStart, this.bodyEnd)) return name;
    const { remark } = decodeCommand(this.#view);
    return remark === undefined ? name : `${name}: ${remark}`;
  }

  /** An integer among the extFields, whichever way the header is written; -1 where it is absent. */
  field(name: Buffer): number {
    // hot path
    const { buffer, bodyStart } = this;
    let at = buffer.indexOf(name, this.headerStart) + name.length;
    if (at < name.length || at >= bodyStart) return -1;
    // `":"` in JSON, the value's length in a ROCKETMQ header.
    while (at < bodyStart && !isDigit(buffer[at] as number)) at += 1;
    let value = 0;
    for (; at < bodyStart && isDigit(buffer[at] as number); at++)
      value = value * 10 + ((buffer[at] as number) - ZERO);
    return value;
  }
}

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= ZERO + 9;
