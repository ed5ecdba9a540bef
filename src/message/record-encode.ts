import {
  copyBody,
  copyWords,
  readInt32BE,
  setInt64,
  WordView,
  writeInt32BE,
} from '../base/index.ts';
import { copyBytes } from './bytes.ts';
import { IPV6_BYTES } from './host.ts';
import { PAIR_SEPARATOR } from './properties.ts';
import {
  BLANK_MAGIC,
  HOST_V6_EXTRA_BYTES,
  RECORD_AT,
  RECORD_FIXED_BYTES,
  RECORD_MAGIC_V1,
} from './record-layout.ts';
import { SYS_FLAG } from './sys-flag.ts';

const EMPTY = Buffer.alloc(0);
const HOST_FLAGS = SYS_FLAG.BORN_HOST_V6 | SYS_FLAG.STORE_HOST_V6;

/**
 * What `encodeRecord` writes: one reusable object per writer. Bytes are given as (buffer, start, length).
 * Limits the caller keeps: topic ≤ 127 bytes, all properties together ≤ 32,767 bytes.
 */
export class RecordFields {
  queueId = 0;
  flag = 0;
  queueOffset = 0;
  commitLogOffset = 0;
  /** The two host bits are set by the encoder from the hosts' lengths. */
  sysFlag = 0;
  bornTimestamp = 0;
  /** 4 or 16 address bytes. */
  bornHost: Buffer = EMPTY;
  bornPort = 0;
  storeTimestamp = 0;
  storeHost: Buffer = EMPTY;
  storePort = 0;
  reconsumeTimes = 0;
  preparedTransactionOffset = 0;
  body: Buffer = EMPTY;
  bodyStart = 0;
  bodyBytes = 0;
  topic: Buffer = EMPTY;
  topicStart = 0;
  topicBytes = 0;
  properties: Buffer = EMPTY;
  propertiesStart = 0;
  propertiesBytes = 0;
  /** Properties of a whole batch, put behind the item's own, with a 0x02 between where the first do not end in one. */
  batchProperties: Buffer = EMPTY;
  batchPropertiesStart = 0;
  batchPropertiesBytes = 0;
}

/** Length of the properties a record will hold: the item's and the batch's, with their separator. */
export function storedPropertiesBytes(fields: RecordFields): number {
  // hot path
  if (fields.batchPropertiesBytes === 0) return fields.propertiesBytes;
  return fields.propertiesBytes + separatorBytes(fields) + fields.batchPropertiesBytes;
}

const separatorBytes = (fields: RecordFields): number => {
  if (fields.propertiesBytes === 0) return 0;
  const last = fields.properties[fields.propertiesStart + fields.propertiesBytes - 1];
  return last === PAIR_SEPARATOR ? 0 : 1;
};

/** Length of the record `fields` makes. */
export function recordBytes(fields: RecordFields): number {
  // hot path
  return (
    RECORD_FIXED_BYTES +
    (fields.bornHost.length === IPV6_BYTES ? HOST_V6_EXTRA_BYTES : 0) +
    (fields.storeHost.length === IPV6_BYTES ? HOST_V6_EXTRA_BYTES : 0) +
    fields.bodyBytes +
    fields.topicBytes +
    storedPropertiesBytes(fields)
  );
}

const writeHost = (target: WordView, at: number, host: Buffer, port: number): number => {
  // hot path
  const { bytes, words } = target;
  const isV6 = host.length === IPV6_BYTES;
  const position = isV6 ? copyBytes(host, 0, IPV6_BYTES, bytes, at) : at + 4;
  if (!isV6) words.setInt32(at, readInt32BE(host, 0));
  words.setInt32(position, port);
  return position + 4;
};

/** Writes V1 records. One object for a writer: it keeps the views of the buffers it met last. */
export class RecordEncoder {
  readonly #target = new WordView();
  readonly #body = new WordView();
  readonly #properties = new WordView();
  readonly #batchProperties = new WordView();

  /**
   * Writes a record but its first word at `target[at…]`, checksum included. Until `publishRecord` stores that word the
   * record does not exist for a reader.
   * @returns the record's length
   */
  encodeUnpublished(target: Buffer, at: number, fields: RecordFields): number {
    // hot path
    const words = this.#target.show(target);
    this.#body.show(fields.body);
    const sysFlag =
      (fields.sysFlag & ~HOST_FLAGS) |
      (fields.bornHost.length === IPV6_BYTES ? SYS_FLAG.BORN_HOST_V6 : 0) |
      (fields.storeHost.length === IPV6_BYTES ? SYS_FLAG.STORE_HOST_V6 : 0);
    words.setInt32(at + RECORD_AT.magic, RECORD_MAGIC_V1);
    words.setInt32(at + RECORD_AT.queueId, fields.queueId);
    words.setInt32(at + RECORD_AT.flag, fields.flag);
    setInt64(words, at + RECORD_AT.queueOffset, fields.queueOffset);
    setInt64(words, at + RECORD_AT.commitLogOffset, fields.commitLogOffset);
    words.setInt32(at + RECORD_AT.sysFlag, sysFlag);
    setInt64(words, at + RECORD_AT.bornTimestamp, fields.bornTimestamp);
    let position = writeHost(
      this.#target,
      at + RECORD_AT.bornHost,
      fields.bornHost,
      fields.bornPort,
    );
    setInt64(words, position, fields.storeTimestamp);
    position = writeHost(this.#target, position + 8, fields.storeHost, fields.storePort);
    words.setInt32(position, fields.reconsumeTimes);
    setInt64(words, position + 4, fields.preparedTransactionOffset);
    words.setInt32(position + 12, fields.bodyBytes);
    position += 16;
    const crc = copyBody(this.#body, fields.bodyStart, fields.bodyBytes, this.#target, position);
    words.setInt32(at + RECORD_AT.bodyCrc, crc);
    position += fields.bodyBytes;
    target[position] = fields.topicBytes;
    position = copyBytes(fields.topic, fields.topicStart, fields.topicBytes, target, position + 1);
    return this.#writeProperties(position, fields) - at;
  }

  /** `encodeUnpublished` and `publishRecord` in one. `target` must have `recordBytes(fields)` bytes from `at`. */
  encode(target: Buffer, at: number, fields: RecordFields): number {
    // hot path
    const length = this.encodeUnpublished(target, at, fields);
    publishRecord(target, at, length);
    return length;
  }

  #writeProperties(at: number, fields: RecordFields): number {
    // hot path
    const target = this.#target;
    const start = at + 2;
    this.#properties.show(fields.properties);
    const { propertiesStart, propertiesBytes } = fields;
    let end = copyWords(this.#properties, propertiesStart, propertiesBytes, target, start);
    if (fields.batchPropertiesBytes > 0) {
      if (separatorBytes(fields) === 1) {
        target.bytes[end] = PAIR_SEPARATOR;
        end += 1;
      }
      this.#batchProperties.show(fields.batchProperties);
      const { batchPropertiesStart, batchPropertiesBytes } = fields;
      const from = this.#batchProperties;
      end = copyWords(from, batchPropertiesStart, batchPropertiesBytes, target, end);
    }
    target.words.setInt16(at, end - start);
    return end;
  }
}

/** Stores the length word: from here on the record counts. */
export function publishRecord(target: Buffer, at: number, length: number): void {
  // hot path
  writeInt32BE(target, at + RECORD_AT.recordBytes, length);
}

/** Writes one record; who writes many keeps a `RecordEncoder`. */
export const encodeRecord = (target: Buffer, at: number, fields: RecordFields): number =>
  new RecordEncoder().encode(target, at, fields);

/** Writes the end-of-file blank that covers the `remaining` (≥ 8) bytes of a segment: magic first, length last. */
export function encodeBlank(target: Buffer, at: number, remaining: number): void {
  writeInt32BE(target, at + RECORD_AT.magic, BLANK_MAGIC);
  writeInt32BE(target, at + RECORD_AT.recordBytes, remaining);
}
