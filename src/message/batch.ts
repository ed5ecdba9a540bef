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

/** Items a reader has room for at first; it doubles. */
const ITEMS_FIRST = 64;

/** The items of a batch body, found by one walk over it: their places by index. One object serves all bodies. */
export class BatchItems {
  /** Items of the body read last; the first `count` entries of the lists below are theirs. */
  count = 0;
  flags: Int32Array = new Int32Array(ITEMS_FIRST);
  bodyStarts: Int32Array = new Int32Array(ITEMS_FIRST);
  bodyLengths: Int32Array = new Int32Array(ITEMS_FIRST);
  propertiesLengths: Int32Array = new Int32Array(ITEMS_FIRST);

  /** Where the properties of an item start. */
  propertiesStart(index: number): number {
    // hot path
    return (this.bodyStarts[index] as number) + (this.bodyLengths[index] as number) + 2;
  }

  /**
   * Reads all items of `buffer[start … end)`.
   * @throws {MessageError} BATCH_MALFORMED where lengths do not fit into the body or each other; there are no items then
   */
  read(buffer: Buffer, start: number, end: number): void {
    // hot path
    this.count = 0;
    let count = 0;
    for (let at = start; at < end; count++) {
      const rest = end - at;
      if (rest < ITEM_FIXED_BYTES) throw malformed(count, 'rest', rest, at - start);
      const length = readInt32BE(buffer, at);
      if (length < ITEM_FIXED_BYTES || length > rest)
        throw malformed(count, 'item length', length, at - start);
      const bodyBytes = readInt32BE(buffer, at + BODY_LENGTH_AT);
      if (bodyBytes < 0 || bodyBytes > length - ITEM_FIXED_BYTES)
        throw malformed(count, 'body length', bodyBytes, at - start);
      const propertiesBytes = readInt16BE(buffer, at + BODY_AT + bodyBytes);
      if (propertiesBytes !== length - ITEM_FIXED_BYTES - bodyBytes)
        throw malformed(count, 'properties length', propertiesBytes, at - start);
      if (count === this.flags.length) this.#grow();
      this.flags[count] = readInt32BE(buffer, at + FLAG_AT);
      this.bodyStarts[count] = at + BODY_AT;
      this.bodyLengths[count] = bodyBytes;
      this.propertiesLengths[count] = propertiesBytes;
      at += length;
    }
    this.count = count;
  }

  #grow(): void {
    const grown = (list: Int32Array): Int32Array => {
      const larger = new Int32Array(2 * list.length);
      larger.set(list);
      return larger;
    };
    this.flags = grown(this.flags);
    this.bodyStarts = grown(this.bodyStarts);
    this.bodyLengths = grown(this.bodyLengths);
    this.propertiesLengths = grown(this.propertiesLengths);
  }
}

const malformed = (item: number, field: string, value: number, at: number): MessageError =>
  new MessageError('BATCH_MALFORMED', `batch item ${item}: bad ${field} ${value}`, {
    field,
    value,
    at,
  });
