import { readInt32BE, readInt64BE, writeInt32BE, writeInt64BE } from '../base/index.ts';
import { MessageError } from './errors.ts';
import { writeHex64 } from './hex.ts';

// An offset message id names where a broker stored a message:
//
// | bytes | content |
// |---|---|
// | 4 or 16 | store host |
// | 4 | store port |
// | 8 | commit-log offset |
//
// in upper-case hex: 32 or 56 digits.

const ID_V4_DIGITS = 32;
const ID_V6_DIGITS = 56;
/** Digits of the commit-log offset, at the end of an id. */
const OFFSET_DIGITS = 16;

/** Where a message is stored. */
export interface MessageAddress {
  /** 4 or 16 address bytes of the broker. */
  readonly host: Buffer;
  readonly port: number;
  readonly commitLogOffset: number;
}

/**
 * The id of the message at `commitLogOffset` of the broker at `host:port`.
 * @source rocketmq 4.9.2 common/message/MessageDecoder.java createMessageId
 */
export function offsetMessageId(host: Uint8Array, port: number, commitLogOffset: number): string {
  const bytes = Buffer.alloc(host.length + 12);
  bytes.set(host);
  writeInt32BE(bytes, host.length, port);
  writeInt64BE(bytes, host.length + 4, commitLogOffset);
  return bytes.toString('hex').toUpperCase();
}

/** The part of an offset message id that is the same for all messages of one broker: hex digits as bytes. */
export const offsetMessageIdPrefix = (host: Uint8Array, port: number): Buffer =>
  Buffer.from(offsetMessageId(host, port, 0).slice(0, -OFFSET_DIGITS));

/** Writes the digits of an id that follow its prefix; returns the position behind them. */
export const writeOffsetDigits = (
  target: Uint8Array,
  at: number,
  commitLogOffset: number,
): number => writeHex64(target, at, commitLogOffset);

/**
 * Reads an offset message id; lower-case digits are fine.
 * @throws {MessageError} MESSAGE_ID_MALFORMED
 */
export function parseOffsetMessageId(id: string): MessageAddress {
  const isLength = id.length === ID_V4_DIGITS || id.length === ID_V6_DIGITS;
  if (!isLength || !/^[0-9a-fA-F]+$/.test(id)) {
    throw new MessageError('MESSAGE_ID_MALFORMED', `"${id}" is no offset message id`, { id });
  }
  const bytes = Buffer.from(id, 'hex');
  const hostLength = bytes.length - 12;
  return {
    host: bytes.subarray(0, hostLength),
    port: readInt32BE(bytes, hostLength),
    commitLogOffset: readInt64BE(bytes, hostLength + 4),
  };
}
