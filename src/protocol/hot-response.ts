import { WordView, writeInt16BE, writeInt32BE } from '../base/index.ts';
import { copyBytes, decimalBytes, writeDecimal, writeHex64 } from '../message/index.ts';
import { FRAME_PREFIX_BYTES, HEADER_TYPE, type HeaderType, writeFramePrefix } from './frame.ts';
import { HEX_DIGITS, type Hole, type HotField, holeOf } from './hot-field.ts';
import { Literal } from './literal.ts';
import { PositionalTemplate } from './positional-template.ts';
import type { HeaderSchema } from './schema.ts';
import { CURRENT_VERSION } from './version.ts';

/** Bytes around the holes: literal 0, hole 0, literal 1, … */
interface Template {
  readonly literals: readonly Literal[];
  readonly bytes: number;
}

const JSON_START = new Literal(Buffer.from('{"code":'));
const JSON_FIELDS = ',"extFields":{';
const JSON_OPAQUE = '},"flag":1,"language":"JAVA","opaque":';
const JSON_REMARK = Buffer.from(',"remark":"');
const JSON_QUOTE = Buffer.from('"');
const JSON_END = new Literal(
  Buffer.from(`,"serializeTypeCurrentRPC":"JSON","version":${CURRENT_VERSION}}`),
);
/** code 2, language 1, version 2, opaque 4, flag 4, remark length 4, fields length 4. */
const BINARY_FIXED_BYTES = 21;
const RESPONSE_FLAG = 1;
const NO_TEXT = Buffer.alloc(0);

const jsonTemplate = (fields: readonly HotField[]): Template => {
  const literals: string[] = [JSON_FIELDS];
  for (const [index, field] of fields.entries()) {
    const text = 'constant' in field ? field.constant : 'hexAfter' in field ? field.hexAfter : '';
    const value = JSON.stringify(text).slice(1, -1);
    literals[literals.length - 1] += `${index === 0 ? '' : ','}"${field.key}":"${value}`;
    if (holeOf(field) !== undefined) literals.push('');
    literals[literals.length - 1] += '"';
  }
  literals[literals.length - 1] += JSON_OPAQUE;
  return template(literals.map((text) => Buffer.from(text)));
};

/** Like the JSON form, but the length of a decimal number stands in front of it, and is part of its hole. */
const binaryTemplate = (fields: readonly HotField[]): Template => {
  const literals: Buffer[] = [Buffer.alloc(0)];
  const append = (bytes: Buffer): void => {
    literals.push(Buffer.concat([literals.pop() ?? NO_TEXT, bytes]));
  };
  for (const field of fields) {
    const key = Buffer.from(field.key);
    const head = Buffer.alloc(2);
    writeInt16BE(head, 0, key.length);
    append(Buffer.concat([head, key]));
    if ('number' in field || 'text' in field) {
      literals.push(Buffer.alloc(0));
      continue;
    }
    const text = Buffer.from('constant' in field ? field.constant : field.hexAfter);
    const length = Buffer.alloc(4);
    writeInt32BE(length, 0, text.length + ('hexAfter' in field ? HEX_DIGITS : 0));
    append(Buffer.concat([length, text]));
    if ('hexAfter' in field) literals.push(Buffer.alloc(0));
  }
  return template(literals);
};

const template = (literals: readonly Buffer[]): Template => ({
  literals: literals.map((literal) => new Literal(literal)),
  bytes: literals.reduce((sum, literal) => sum + literal.length, 0),
});

/**
 * Writes the frames of one hot response in place: literal bytes around numbers, in each header encoding.
 *
 * Set `numbers` (one entry per field that is no constant, in their order) and `text`, then call `write`.
 */
export class HotResponse {
  readonly numbers: Float64Array;
  /** Bytes of the field that is a text. */
  text: Buffer = NO_TEXT;
  readonly #holes: readonly Hole[];
  /** Length words that stand in holes of the binary form. */
  readonly #lengthWords: number;
  readonly #json: Template;
  readonly #binary: Template;
  readonly #positional: PositionalTemplate | undefined;
  readonly #target = new WordView();

  /**
   * @param schema the response's definition: which of the fields a positional header has, and in which order. Without it
   *     positional requests are answered in JSON.
   */
  constructor(fields: readonly HotField[], schema?: HeaderSchema) {
    this.#holes = fields.map(holeOf).filter((hole) => hole !== undefined);
    this.numbers = new Float64Array(this.#holes.length);
    this.#lengthWords = this.#holes.filter((hole) => hole !== 'hex').length;
    this.#json = jsonTemplate(fields);
    this.#binary = binaryTemplate(fields);
    this.#positional = schema === undefined ? undefined : new PositionalTemplate(fields, schema);
  }

  /** Length of the frame without its body, for the present `numbers`. `remark` is plain ASCII. */
  headBytes(
    headerType: HeaderType,
    opaque: number,
    code: number,
    remark: Buffer = NO_TEXT,
  ): number {
    // hot path
    if (headerType === HEADER_TYPE.POSITIONAL && this.#positional !== undefined) {
      return FRAME_PREFIX_BYTES + this.#positional.headerBytes(this.numbers, remark);
    }
    const digits = this.#digits();
    if (headerType === HEADER_TYPE.ROCKETMQ) {
      const lengths = 4 * this.#lengthWords;
      const fixed = FRAME_PREFIX_BYTES + BINARY_FIXED_BYTES + remark.length;
      return fixed + this.#binary.bytes + lengths + digits;
    }
    const quoted = remark.length === 0 ? 0 : remark.length + JSON_REMARK.length + 1;
    const fixed = FRAME_PREFIX_BYTES + JSON_START.bytes.length + JSON_END.bytes.length + quoted;
    return fixed + decimalBytes(code) + decimalBytes(opaque) + this.#json.bytes + digits;
  }

  /** Writes everything of a frame but its body, which has `bodyBytes`; returns the position behind it. */
  write(
    target: Buffer,
    at: number,
    headerType: HeaderType,
    opaque: number,
    code: number,
    bodyBytes: number,
    remark: Buffer = NO_TEXT,
  ): number {
    // hot path
    const start = at + FRAME_PREFIX_BYTES;
    let end = 0;
    let written = headerType;
    if (headerType === HEADER_TYPE.POSITIONAL && this.#positional !== undefined) {
      const { numbers, text } = this;
      end = this.#positional.write(target, start, opaque, code, numbers, text, remark);
    } else if (headerType === HEADER_TYPE.ROCKETMQ) {
      end = this.#writeBinary(target, start, opaque, code, remark);
    } else {
      end = this.#writeJson(target, start, opaque, code, remark);
      written = HEADER_TYPE.JSON;
    }
    writeFramePrefix(target, at, written, end - start, bodyBytes);
    return end;
  }

  #writeJson(target: Buffer, at: number, opaque: number, code: number, remark: Buffer): number {
    // hot path
    const view = this.#target;
    view.show(target);
    let position = JSON_START.write(view, at);
    position = writeDecimal(target, position, code);
    const { literals } = this.#json;
    for (let index = 0; index < literals.length; index++) {
      position = (literals[index] as Literal).write(view, position);
      if (index < this.#holes.length) position = this.#writeHole(target, position, index);
    }
    position = writeDecimal(target, position, opaque);
    if (remark.length > 0) {
      position = copyBytes(JSON_REMARK, 0, JSON_REMARK.length, target, position);
      position = copyBytes(remark, 0, remark.length, target, position);
      position = copyBytes(JSON_QUOTE, 0, 1, target, position);
    }
    return JSON_END.write(view, position);
  }

  #writeBinary(target: Buffer, at: number, opaque: number, code: number, remark: Buffer): number {
    // hot path
    writeInt16BE(target, at, code);
    target[at + 2] = 0;
    writeInt16BE(target, at + 3, CURRENT_VERSION);
    writeInt32BE(target, at + 5, opaque);
    writeInt32BE(target, at + 9, RESPONSE_FLAG);
    writeInt32BE(target, at + 13, remark.length);
    const view = this.#target;
    view.show(target);
    const lengthAt = copyBytes(remark, 0, remark.length, target, at + 17);
    let position = lengthAt + 4;
    const { literals } = this.#binary;
    for (let index = 0; index < literals.length; index++) {
      position = (literals[index] as Literal).write(view, position);
      if (index >= this.#holes.length) continue;
      if (this.#holes[index] !== 'hex') {
        writeInt32BE(target, position, this.#holeBytes(index));
        position += 4;
      }
      position = this.#writeHole(target, position, index);
    }
    writeInt32BE(target, lengthAt, position - lengthAt - 4);
    return position;
  }

  #writeHole(target: Buffer, at: number, index: number): number {
    // hot path
    const value = this.numbers[index] as number;
    switch (this.#holes[index]) {
      case 'hex':
        return writeHex64(target, at, value);
      case 'text':
        return copyBytes(this.text, 0, value, target, at);
      default:
        return writeDecimal(target, at, value);
    }
  }

  #holeBytes(index: number): number {
    // hot path
    const value = this.numbers[index] as number;
    switch (this.#holes[index]) {
      case 'hex':
        return HEX_DIGITS;
      case 'text':
        return value;
      default:
        return decimalBytes(value);
    }
  }

  #digits(): number {
    // hot path
    let digits = 0;
    for (let index = 0; index < this.#holes.length; index++) digits += this.#holeBytes(index);
    return digits;
  }
}
