import { deflateSync } from 'node:zlib';
import {
  encodeProperties,
  isReservedProperty,
  PROPERTIES_BYTES_MAX,
  PROPERTY,
  SYS_FLAG,
  topicNameFault,
} from '../message/index.ts';
import { ClientError } from './errors.ts';
import type { OutgoingMessage } from './types.ts';

/** Largest body, before compression. */
export const BODY_BYTES_MAX = 4 * 1024 * 1024;
/** Bodies from here on are compressed. */
export const COMPRESS_BODY_BYTES_MIN = 4096;
const COMPRESSION_LEVEL = 5;
/** What separates names and values in a stored message. */
const SEPARATORS = ['\u0001', '\u0002'] as const;

/** A message ready to be put into a request. */
export interface PreparedMessage {
  readonly topic: string;
  readonly flag: number;
  readonly sysFlag: number;
  readonly body: Buffer;
  readonly properties: ReadonlyMap<string, string>;
  readonly propertiesText: string;
  readonly uniqueKey: string;
}

/** Turns a message into its sent form: checks it and adds UNIQ_KEY, WAIT, TAGS and KEYS. */
export interface PrepareOptions {
  readonly uniqueKey: string;
  /** Bodies of at least so many bytes are compressed; Infinity: none. */
  readonly compressBodyBytesMin: number;
}

/** @throws {ClientError} BAD_ARGUMENT for a name that no broker takes */
export const checkTopic = (topic: string): void => {
  const fault = topicNameFault(topic);
  if (fault !== undefined) throw new ClientError('BAD_ARGUMENT', fault, { topic });
};

/** @throws {ClientError} BAD_ARGUMENT, MESSAGE_TOO_LARGE */
export const prepareMessage = (
  message: OutgoingMessage,
  { uniqueKey, compressBodyBytesMin }: PrepareOptions,
): PreparedMessage => {
  checkTopic(message.topic);
  const raw = bodyOf(message);
  const properties = propertiesOf(message, uniqueKey);
  const propertiesText = encodeProperties(properties);
  const propertiesBytes = Buffer.byteLength(propertiesText);
  if (propertiesBytes > PROPERTIES_BYTES_MAX) {
    const text = `${propertiesBytes} bytes of properties exceed ${PROPERTIES_BYTES_MAX}`;
    throw new ClientError('MESSAGE_TOO_LARGE', text, { propertiesBytes });
  }
  const isCompressed = raw.length >= compressBodyBytesMin;
  return {
    topic: message.topic,
    flag: message.flag ?? 0,
    sysFlag: isCompressed ? SYS_FLAG.COMPRESSED : 0,
    body: isCompressed ? deflateSync(raw, { level: COMPRESSION_LEVEL }) : raw,
    properties,
    propertiesText,
    uniqueKey,
  };
};

const bodyOf = ({ body }: OutgoingMessage): Buffer => {
  const bytes =
    typeof body === 'string'
      ? Buffer.from(body)
      : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes.length === 0) throw new ClientError('BAD_ARGUMENT', 'the body is empty');
  if (bytes.length > BODY_BYTES_MAX) throw bodyTooLarge(bytes.length);
  return bytes;
};

/** The error for a body, or a batch, that is too long. */
export const bodyTooLarge = (bodyBytes: number): ClientError =>
  new ClientError('MESSAGE_TOO_LARGE', `a body of ${bodyBytes} bytes exceeds ${BODY_BYTES_MAX}`, {
    bodyBytes,
  });

const propertiesOf = (message: OutgoingMessage, uniqueKey: string): Map<string, string> => {
  const { tags, keys, properties = {}, waitStoreMsgOk = true } = message;
  const result = new Map<string, string>();
  for (const [name, value] of Object.entries(properties)) {
    if (isReservedProperty(name)) throw badProperty(name, 'is reserved');
    if (name === '') throw badProperty(name, 'has no name');
    setProperty(result, name, value);
  }
  if (keys !== undefined) {
    setProperty(result, PROPERTY.KEYS, typeof keys === 'string' ? keys : keys.join(' '));
  }
  if (tags !== undefined) setProperty(result, PROPERTY.TAGS, tags);
  result.set(PROPERTY.UNIQUE_KEY, uniqueKey);
  result.set(PROPERTY.WAIT, String(waitStoreMsgOk));
  return result;
};

/** What the other side's parser would drop or cut is refused here. */
const setProperty = (target: Map<string, string>, name: string, value: string): void => {
  if (value === '') throw badProperty(name, 'is empty');
  const text = name + value;
  if (SEPARATORS.some((separator) => text.includes(separator))) {
    throw badProperty(name, 'holds a control character');
  }
  target.set(name, value);
};

const badProperty = (name: string, fault: string): ClientError =>
  new ClientError('BAD_ARGUMENT', `property ${JSON.stringify(name)} ${fault}`, { name });
