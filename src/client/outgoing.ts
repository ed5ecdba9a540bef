import { deflateSync } from 'node:zlib';
import {
  encodeProperties,
  isReservedProperty,
  PROPERTIES_BYTES_MAX,
  PROPERTY,
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
const NAME_VALUE = '\u0001';
const PAIR = '\u0002';
const UTF8_BYTES_PER_UNIT = 3;
/** How every message ends whose sender waits until it is stored, and of one that does not. */
const WAIT_TRUE = `${PAIR}${encodeProperties([[PROPERTY.WAIT, 'true']])}`;
const WAIT_FALSE = `${PAIR}${encodeProperties([[PROPERTY.WAIT, 'false']])}`;
const UNIQUE_KEY = `${PROPERTY.UNIQUE_KEY}${NAME_VALUE}`;

/** @throws {ClientError} BAD_ARGUMENT for a name that no broker takes */
export const checkTopic = (topic: string): void => {
  const fault =
    typeof topic === 'string' || topic === undefined
      ? topicNameFault(topic)
      : `The topic must be a text, not ${typeof topic}.`;
  if (fault !== undefined) throw new ClientError('BAD_ARGUMENT', fault, { topic });
};

/**
 * The body's bytes, checked; those of the caller, where it gave bytes.
 * @throws {ClientError} BAD_ARGUMENT, MESSAGE_TOO_LARGE
 */
export const bodyOf = ({ body }: OutgoingMessage): Buffer => {
  // hot path
  let bytes: Buffer;
  if (Buffer.isBuffer(body)) bytes = body;
  else if (typeof body === 'string') bytes = Buffer.from(body);
  else if (body instanceof Uint8Array)
    bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  else throw badBody(body);
  if (bytes.length === 0) throw new ClientError('BAD_ARGUMENT', 'the body is empty');
  if (bytes.length > BODY_BYTES_MAX) throw bodyTooLarge(bytes.length);
  return bytes;
};

const badBody = (body: unknown): ClientError =>
  new ClientError('BAD_ARGUMENT', `the body must be a text or bytes, not ${typeof body}`);

/** The error for a body, or a batch, that is too long. */
export const bodyTooLarge = (bodyBytes: number): ClientError =>
  new ClientError('MESSAGE_TOO_LARGE', `a body of ${bodyBytes} bytes exceeds ${BODY_BYTES_MAX}`, {
    bodyBytes,
  });

/** A body as `SYS_FLAG.COMPRESSED` says it is sent. */
export const compressBody = (raw: Buffer): Buffer => deflateSync(raw, { level: COMPRESSION_LEVEL });

/**
 * The properties text of a message: its own, then KEYS, TAGS, UNIQ_KEY and WAIT.
 * @throws {ClientError} BAD_ARGUMENT, MESSAGE_TOO_LARGE
 */
export const propertiesTextOf = (message: OutgoingMessage, uniqueKey: string): string => {
  // hot path
  const { tags, keys, properties, waitStoreMsgOk } = message;
  let text = '';
  if (properties !== undefined) text = ownProperties(properties);
  if (keys !== undefined) {
    const all = typeof keys === 'string' ? keys : keys.join(' ');
    text += pairOf(PROPERTY.KEYS, all) + PAIR;
  }
  if (tags !== undefined) text += pairOf(PROPERTY.TAGS, tags) + PAIR;
  text += UNIQUE_KEY + uniqueKey + (waitStoreMsgOk === false ? WAIT_FALSE : WAIT_TRUE);
  if (text.length * UTF8_BYTES_PER_UNIT > PROPERTIES_BYTES_MAX) checkLength(text);
  return text;
};

const ownProperties = (properties: Readonly<Record<string, string>>): string => {
  let text = '';
  for (const [name, value] of Object.entries(properties)) {
    if (isReservedProperty(name)) throw badProperty(name, 'is reserved');
    if (name === '') throw badProperty(name, 'has no name');
    text += pairOf(name, value) + PAIR;
  }
  return text;
};

/** What the other side's parser would drop or cut is refused here. */
const pairOf = (name: string, value: string): string => {
  if (typeof value !== 'string') throw badProperty(name, `must be a text, not ${typeof value}`);
  if (value === '') throw badProperty(name, 'is empty');
  if (isSeparated(name) || isSeparated(value)) throw badProperty(name, 'holds a control character');
  return name + NAME_VALUE + value;
};

const isSeparated = (text: string): boolean => text.includes(NAME_VALUE) || text.includes(PAIR);

const badProperty = (name: string, fault: string): ClientError =>
  new ClientError('BAD_ARGUMENT', `property ${JSON.stringify(name)} ${fault}`, { name });

const checkLength = (text: string): void => {
  const propertiesBytes = Buffer.byteLength(text);
  if (propertiesBytes <= PROPERTIES_BYTES_MAX) return;
  const why = `${propertiesBytes} bytes of properties exceed ${PROPERTIES_BYTES_MAX}`;
  throw new ClientError('MESSAGE_TOO_LARGE', why, { propertiesBytes });
};
