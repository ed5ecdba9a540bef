import { inflateSync } from 'node:zlib';
import { errorMessage, type Logger, readInt16BE, readInt32BE, readInt64BE } from '../base/index.ts';
import {
  addressText,
  type ByteRange,
  findProperty,
  hostExtraBytes,
  IPV4_BYTES,
  IPV6_BYTES,
  offsetMessageId,
  PROPERTY,
  parseProperties,
  RECORD_AT,
  RECORD_MAGIC_V2,
  SYS_FLAG,
} from '../message/index.ts';
import type { ReceivedMessage } from './types.ts';

/** A compressed body that grows beyond this stays compressed: a small message must not fill the memory. */
export const INFLATED_BYTES_MAX = 64 * 1024 * 1024;
/** Compression types of 5.x clients that mean zlib. */
const ZLIB_TYPES: ReadonlySet<number> = new Set([0, 0x300]);
const TAGS = Buffer.from(PROPERTY.TAGS);
const KEYS = Buffer.from(PROPERTY.KEYS);
const UNIQUE_KEY = Buffer.from(PROPERTY.UNIQUE_KEY);

interface PlainBody {
  readonly body: Buffer;
  readonly sysFlag: number;
}

/**
 * A message that is decoded when it is looked at: a whole well-formed record in memory of this client's own, which the
 * messages of one pull share. M1: the caller has checked the record.
 *
 * Its values are accessors: a copy by spread has none of them, `toJSON` gives them all.
 */
export class StoredMessage implements ReceivedMessage {
  readonly brokerName: string;
  readonly queueOffset: number;
  readonly #source: Buffer;
  readonly #at: number;
  readonly #logger: Logger;
  #topic: string | undefined;
  #plain: PlainBody | undefined;
  #properties: ReadonlyMap<string, string> | undefined;

  constructor(source: Buffer, at: number, brokerName: string, logger: Logger, topic?: string) {
    // hot path
    this.#source = source;
    this.#at = at;
    this.#logger = logger;
    this.brokerName = brokerName;
    this.queueOffset = readInt64BE(source, at + RECORD_AT.queueOffset);
    this.#topic = topic;
    this.#plain = undefined;
    this.#properties = undefined;
  }

  /** The same message under another topic. */
  withTopic(topic: string): StoredMessage {
    return new StoredMessage(this.#source, this.#at, this.brokerName, this.#logger, topic);
  }

  get topic(): string {
    if (this.#topic !== undefined) return this.#topic;
    const at = this.#topicAt;
    const start = at + this.#topicLengthBytes;
    this.#topic = this.#source.toString('utf8', start, start + this.#topicBytes(at));
    return this.#topic;
  }

  get body(): Buffer {
    return this.#plainBody().body;
  }

  /** Length of the body as it is stored, maybe compressed. */
  get storedBodyBytes(): number {
    // hot path
    return readInt32BE(this.#source, this.#moved(RECORD_AT.bodyBytes));
  }

  get sysFlag(): number {
    const { storedSysFlag } = this;
    return (storedSysFlag & SYS_FLAG.COMPRESSED) === 0 ? storedSysFlag : this.#plainBody().sysFlag;
  }

  /** `sysFlag` as it is stored: the bit of a compressed body is set although it can be decompressed. */
  get storedSysFlag(): number {
    // hot path
    return readInt32BE(this.#source, this.#at + RECORD_AT.sysFlag);
  }

  get properties(): ReadonlyMap<string, string> {
    if (this.#properties === undefined) {
      const start = this.#propertiesAt;
      const end = start + readInt16BE(this.#source, start - 2);
      this.#properties = parseProperties(this.#source.toString('utf8', start, end));
    }
    return this.#properties;
  }

  get msgId(): string {
    return this.#property(PROPERTY.UNIQUE_KEY, UNIQUE_KEY) ?? this.offsetMessageId;
  }

  get tags(): string | undefined {
    return this.#property(PROPERTY.TAGS, TAGS);
  }

  get keys(): string | undefined {
    return this.#property(PROPERTY.KEYS, KEYS);
  }

  get flag(): number {
    return readInt32BE(this.#source, this.#at + RECORD_AT.flag);
  }

  get queueId(): number {
    return readInt32BE(this.#source, this.#at + RECORD_AT.queueId);
  }

  get commitLogOffset(): number {
    return readInt64BE(this.#source, this.#at + RECORD_AT.commitLogOffset);
  }

  get bornTimestamp(): number {
    return readInt64BE(this.#source, this.#at + RECORD_AT.bornTimestamp);
  }

  get bornHost(): string {
    const { host, port } = this.#host(this.#at + RECORD_AT.bornHost, SYS_FLAG.BORN_HOST_V6);
    return addressText(host, port);
  }

  get storeTimestamp(): number {
    return readInt64BE(this.#source, this.#at + RECORD_AT.storeTimestamp + this.#bornExtra);
  }

  get storeHost(): string {
    const { host, port } = this.#storeHost;
    return addressText(host, port);
  }

  get reconsumeTimes(): number {
    return readInt32BE(this.#source, this.#moved(RECORD_AT.reconsumeTimes));
  }

  get preparedTransactionOffset(): number {
    return readInt64BE(this.#source, this.#moved(RECORD_AT.preparedTransactionOffset));
  }

  get bodyCrc(): number {
    return readInt32BE(this.#source, this.#at + RECORD_AT.bodyCrc);
  }

  get storeBytes(): number {
    return readInt32BE(this.#source, this.#at + RECORD_AT.recordBytes);
  }

  get offsetMessageId(): string {
    const { host, port } = this.#storeHost;
    return offsetMessageId(host, port, this.commitLogOffset);
  }

  /** All values, properties as a plain object. */
  toJSON(): Record<string, unknown> {
    const { topic, body, properties, brokerName, queueId, queueOffset, commitLogOffset } = this;
    const { msgId, offsetMessageId: id, tags, keys, flag, sysFlag, reconsumeTimes } = this;
    const { bornTimestamp, bornHost, storeTimestamp, storeHost, storeBytes, bodyCrc } = this;
    return {
      topic,
      brokerName,
      queueId,
      queueOffset,
      msgId,
      tags,
      keys,
      properties: Object.fromEntries(properties),
      body,
      flag,
      sysFlag,
      reconsumeTimes,
      bornTimestamp,
      bornHost,
      storeTimestamp,
      storeHost,
      storeBytes,
      bodyCrc,
      commitLogOffset,
      offsetMessageId: id,
      preparedTransactionOffset: this.preparedTransactionOffset,
    };
  }

  /** What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): object {
    return this.toJSON();
  }

  get #bornExtra(): number {
    return hostExtraBytes(this.storedSysFlag & SYS_FLAG.BORN_HOST_V6);
  }

  /** Position of a field behind both hosts. */
  #moved(field: number): number {
    // hot path
    return this.#at + field + hostExtraBytes(this.storedSysFlag);
  }

  get #topicAt(): number {
    // hot path
    return this.#moved(RECORD_AT.body) + this.storedBodyBytes;
  }

  get #topicLengthBytes(): number {
    // hot path
    return readInt32BE(this.#source, this.#at + RECORD_AT.magic) === RECORD_MAGIC_V2 ? 2 : 1;
  }

  #topicBytes(at: number): number {
    // hot path
    const isLong = this.#topicLengthBytes === 2;
    return isLong ? readInt16BE(this.#source, at) : (this.#source[at] as number);
  }

  /** Where the properties begin; their length stands in the two bytes before. */
  get #propertiesAt(): number {
    // hot path
    const at = this.#topicAt;
    return at + this.#topicLengthBytes + this.#topicBytes(at) + 2;
  }

  get #storeHost(): { readonly host: Buffer; readonly port: number } {
    const at = this.#at + RECORD_AT.storeHost + this.#bornExtra;
    return this.#host(at, SYS_FLAG.STORE_HOST_V6);
  }

  #host(at: number, v6Flag: number): { readonly host: Buffer; readonly port: number } {
    const bytes = (this.storedSysFlag & v6Flag) === 0 ? IPV4_BYTES : IPV6_BYTES;
    const source = this.#source;
    return { host: source.subarray(at, at + bytes), port: readInt32BE(source, at + bytes) };
  }

  /** One property, without the others being taken apart. */
  #property(name: string, bytes: Buffer): string | undefined {
    if (this.#properties !== undefined) return this.#properties.get(name);
    const source = this.#source;
    const start = this.#propertiesAt;
    const range: ByteRange = { start: 0, length: 0 };
    const length = readInt16BE(source, start - 2);
    if (!findProperty(source, start, length, bytes, range)) return undefined;
    return source.toString('utf8', range.start, range.start + range.length);
  }

  #plainBody(): PlainBody {
    if (this.#plain !== undefined) return this.#plain;
    const start = this.#moved(RECORD_AT.body);
    const body = this.#source.subarray(start, start + this.storedBodyBytes);
    const sysFlag = this.storedSysFlag;
    const isPlain = (sysFlag & SYS_FLAG.COMPRESSED) === 0;
    this.#plain = isPlain ? { body, sysFlag } : this.#inflated(body, sysFlag);
    return this.#plain;
  }

  #inflated(body: Buffer, sysFlag: number): PlainBody {
    try {
      const isZlib = ZLIB_TYPES.has(sysFlag & SYS_FLAG.COMPRESSION_TYPE_MASK);
      if (!isZlib) throw new Error('its compression is not zlib');
      const plain = inflateSync(body, { maxOutputLength: INFLATED_BYTES_MAX });
      return { body: plain, sysFlag: sysFlag & ~SYS_FLAG.COMPRESSED };
    } catch (error) {
      const facts = { offsetMessageId: this.offsetMessageId, error: errorMessage(error) };
      this.#logger.warn(facts, 'a body stays compressed');
      return { body, sysFlag };
    }
  }
}
