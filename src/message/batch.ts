import { readInt16BE, readInt32BE, writeInt16BE, writeInt32BE } from '../base/index.ts';
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

const FLAG_AT = 12;
const BODY_LENGTH_AT = 16;
const BODY_AT = 20;
/** Bytes of an item with nothing in body and properties. */
const ITEM_FIXED_BYTES = BODY_AT + 2;

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
  const encoded = items.map((item) => Buffer.from(encodeProperties(item.properties)));
  let total = 0;
  for (const [index, item] of items.entries()) {
    const propertiesBytes = encoded[index]?.length ?? 0;
    if (propertiesBytes > PROPERTIES_BYTES_MAX) {
      throw new MessageError('BATCH_MALFORMED', `item ${index}: properties are too long`, {
        index,
        propertiesBytes,
      });
    }
    total += ITEM_FIXED_BYTES + item.body.length + propertiesBytes;
  }
  const target = Buffer.alloc(total);
  let at = 0;
  for (const [index, { flag, body }] of items.entries()) {
    const properties = encoded[index] ?? Buffer.alloc(0);
    const length = ITEM_FIXED_BYTES + body.length + properties.length;
    writeInt32BE(target, at, length);
    writeInt32BE(target, at + FLAG_AT, flag);
    writeInt32BE(target, at + BODY_LENGTH_AT, body.length);
    target.set(body, at + BODY_AT);
    writeInt16BE(target, at + BODY_AT + body.length, properties.length);
    target.set(properties, at + BODY_AT + body.length + 2);
    at += length;
  }
  return target;
}

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
