import { readInt16BE, readInt32BE, writeInt16BE, writeInt32BE } from '../base/index.ts';
import { copyBytes } from './bytes.ts';
import { MessageError } from './errors.ts';
import { encodeProperties, PROPERTIES_BYTES_MAX, type PropertyPairs } from './properties.ts';

// Body of a batch send: items back to back. All integers are big-endian; magic and CRC are written as 0 and not read.
//
// | bytes | field |
// |---|---|
// | 4 | length of the item |
// | 4 | magic |
// | 4 | body CRC |
// | 4 | flag |
// | 4 + n | body length, body |
// | 2 + n | properties length, properties |

const MAGIC_AT = 4;
const CRC_AT = 8;
const FLAG_AT = 12;
const BODY_LENGTH_AT = 16;
const BODY_AT = 20;
/** Bytes of an item with nothing in body and properties. */
const ITEM_FIXED_BYTES = BODY_AT + 2;

const UTF8_BYTES_PER_UNIT = 3;
/** Up to here a loop beats the way into the engine (58 characters: 125 ns against 65). */
const SHORT_UNITS_MAX = 24;

/** One message of a batch, before it is sent. */
export interface BatchItem {
  readonly flag: number;
  readonly body: Uint8Array;
  readonly properties: PropertyPairs;
}

/**
 * The body of a batch send.
 * @throws {MessageError} BATCH_MALFORMED where an item's properties exceed 32,767 bytes
 */
export function encodeBatch(items: readonly BatchItem[]): Buffer {
  const texts = items.map(({ properties }) => encodeProperties(properties));
  let bytesMax = 0;
  for (const [index, { body }] of items.entries())
    bytesMax += batchItemBytesMax(body.length, texts[index] ?? '');
  const target = Buffer.alloc(bytesMax);
  let at = 0;
  for (const [index, { flag, body }] of items.entries()) {
    const end = writeBatchItem(target, at, flag, body, texts[index] ?? '');
    if (end < 0) throw propertiesTooLong(index, texts[index] ?? '');
    at = end;
  }
  return target.subarray(0, at);
}

const propertiesTooLong = (index: number, text: string): MessageError => {
  const propertiesBytes = Buffer.byteLength(text);
  const details = { index, propertiesBytes };
  return new MessageError('BATCH_MALFORMED', `item ${index}: properties are too long`, details);
};

/** Room `writeBatchItem` may need for a body of `bodyBytes` and a properties text. */
export const batchItemBytesMax = (bodyBytes: number, propertiesText: string): number =>
  ITEM_FIXED_BYTES + bodyBytes + UTF8_BYTES_PER_UNIT * propertiesText.length;

/**
 * Writes one item of a batch body; returns the position behind it, or -1 where its properties exceed 32,767 bytes. `target`
 * needs `batchItemBytesMax` bytes from `at`.
 */
export function writeBatchItem(
  target: Buffer,
  at: number,
  flag: number,
  body: Uint8Array,
  propertiesText: string,
): number {
  // hot path
  writeInt32BE(target, at + MAGIC_AT, 0);
  writeInt32BE(target, at + CRC_AT, 0);
  writeInt32BE(target, at + FLAG_AT, flag);
  writeInt32BE(target, at + BODY_LENGTH_AT, body.length);
  const propertiesAt = copyBytes(body, 0, body.length, target, at + BODY_AT);
  const end = writeText(target, propertiesAt + 2, propertiesText);
  const propertiesBytes = end - propertiesAt - 2;
  if (propertiesBytes > PROPERTIES_BYTES_MAX) return -1;
  writeInt16BE(target, propertiesAt, propertiesBytes);
  writeInt32BE(target, at, end - at);
  return end;
}

/** Short ASCII is written here. */
const writeText = (target: Buffer, at: number, text: string): number => {
  // hot path
  const { length } = text;
  if (length > SHORT_UNITS_MAX) return at + target.write(text, at);
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return at + target.write(text, at);
    target[at + index] = unit;
  }
  return at + length;
};

/** Walks the items of a batch body without allocating: `reset`, then `next` until it is false. One object serves all. */
export class BatchReader {
  flag = 0;
  bodyStart = 0;
  bodyBytes = 0;
  propertiesStart = 0;
  propertiesBytes = 0;
  /** Items read so far. */
  count = 0;
  #buffer: Buffer = Buffer.alloc(0);
  #start = 0;
  #position = 0;
  #end = 0;

  /** Starts at the first item of `buffer[start … end)`. */
  reset(buffer: Buffer, start: number, end: number): void {
    this.#buffer = buffer;
    this.#start = start;
    this.#position = start;
    this.#end = end;
    this.count = 0;
  }

  /**
   * Reads the next item; false behind the last.
   * @throws {MessageError} BATCH_MALFORMED where lengths do not fit into the body or each other
   */
  next(): boolean {
    // hot path
    const at = this.#position;
    const rest = this.#end - at;
    if (rest === 0) return false;
    if (rest < ITEM_FIXED_BYTES) throw this.#malformed('rest', rest);
    const length = readInt32BE(this.#buffer, at);
    if (length < ITEM_FIXED_BYTES || length > rest) throw this.#malformed('item length', length);
    const bodyBytes = readInt32BE(this.#buffer, at + BODY_LENGTH_AT);
    if (bodyBytes < 0 || bodyBytes > length - ITEM_FIXED_BYTES) {
      throw this.#malformed('body length', bodyBytes);
    }
    const propertiesBytes = readInt16BE(this.#buffer, at + BODY_AT + bodyBytes);
    if (propertiesBytes !== length - ITEM_FIXED_BYTES - bodyBytes) {
      throw this.#malformed('properties length', propertiesBytes);
    }
    this.flag = readInt32BE(this.#buffer, at + FLAG_AT);
    this.bodyStart = at + BODY_AT;
    this.bodyBytes = bodyBytes;
    this.propertiesStart = at + BODY_AT + bodyBytes + 2;
    this.propertiesBytes = propertiesBytes;
    this.#position = at + length;
    this.count += 1;
    return true;
  }

  /**
   * Counts the items of the whole body and starts again: what must hold before the first item is stored.
   * @throws {MessageError} BATCH_MALFORMED
   */
  countAll(): number {
    while (this.next());
    const { count } = this;
    this.reset(this.#buffer, this.#start, this.#end);
    return count;
  }

  #malformed(field: string, value: number): MessageError {
    const at = this.#position - this.#start;
    return new MessageError('BATCH_MALFORMED', `batch item ${this.count}: bad ${field} ${value}`, {
      field,
      value,
      at,
    });
  }
}
