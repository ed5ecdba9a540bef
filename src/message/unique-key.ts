import type { Clock } from '../base/index.ts';
import { MessageError } from './errors.ts';
import { IPV4_BYTES } from './host.ts';

// The id a client gives a message (property UNIQ_KEY):
//
// | bytes | content |
// |---|---|
// | 4 or 16 | the client's address |
// | 2 | process id, low 16 bits |
// | 4 | a number that tells clients of one process apart (Java: hash of the class loader) |
// | 4 | milliseconds since the first of the month, local time |
// | 2 | counter |
//
// in upper-case hex: 32 or 56 digits.

const FIXED_BYTES = 12;
const UNIQUE_KEY_V4_DIGITS = 2 * (IPV4_BYTES + FIXED_BYTES);

/** What the ids of one client are made of. */
export interface UniqueKeyOptions {
  readonly clock: Clock;
  /** 4 or 16 address bytes. */
  readonly host: Uint8Array;
  readonly processId: number;
  /** Tells clients of one process apart; random is fine. */
  readonly instanceId: number;
  /** First counter value, default 0. */
  readonly firstCounter?: number;
}

const monthStartMs = (nowMs: number): number => {
  const now = new Date(nowMs);
  return new Date(now.getFullYear(), now.getMonth(), 1).getTime();
};

const nextMonthStartMs = (nowMs: number): number => {
  const now = new Date(nowMs);
  return new Date(now.getFullYear(), now.getMonth() + 1, 1).getTime();
};

const hex = (value: number, digits: number): string =>
  (value >>> 0).toString(16).toUpperCase().padStart(digits, '0').slice(-digits);

/** `00` to `FF`. */
const HEX_PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => hex(byte, 2));

/**
 * Makes unique ids; each call of the result gives the next. Who knows the time hands it over.
 * @source rocketmq 4.9.2 common/message/MessageClientIDSetter.java
 */
export function createUniqueKeyMaker(options: UniqueKeyOptions): (nowMs?: number) => string {
  const prefix =
    Buffer.from(options.host).toString('hex').toUpperCase() +
    hex(options.processId & 0xffff, 4) +
    hex(options.instanceId, 8);
  let counter = (options.firstCounter ?? 0) & 0xffff;
  let startMs = 0;
  let endMs = 0;
  let lastMs = -1;
  let start = '';
  let stem = '';
  return (nowMs = options.clock.now()) => {
    // hot path
    if (nowMs !== lastMs) {
      if (nowMs >= endMs || nowMs < startMs) {
        startMs = monthStartMs(nowMs);
        endMs = nextMonthStartMs(nowMs);
      }
      lastMs = nowMs;
      start = prefix + hex(nowMs - startMs, 8);
      stem = '';
    }
    const low = counter & 0xff;
    if (stem === '' || low === 0) stem = start + HEX_PAIRS[counter >>> 8];
    counter = (counter + 1) & 0xffff;
    return stem + HEX_PAIRS[low];
  };
}

/** What a unique id says about its maker. */
export interface UniqueKeyFacts {
  readonly host: Buffer;
  readonly processId: number;
  readonly instanceId: number;
  readonly millisSinceMonthStart: number;
  readonly counter: number;
}

/**
 * Takes a unique id apart.
 * @throws {MessageError} MESSAGE_ID_MALFORMED
 */
export function parseUniqueKey(id: string): UniqueKeyFacts {
  const isLength = id.length === UNIQUE_KEY_V4_DIGITS || id.length === UNIQUE_KEY_V4_DIGITS + 24;
  if (!isLength || !/^[0-9a-fA-F]+$/.test(id)) {
    throw new MessageError('MESSAGE_ID_MALFORMED', `"${id}" is no unique message id`, { id });
  }
  const bytes = Buffer.from(id, 'hex');
  const at = bytes.length - FIXED_BYTES;
  return {
    host: bytes.subarray(0, at),
    processId: bytes.readUInt16BE(at),
    instanceId: bytes.readInt32BE(at + 2),
    millisSinceMonthStart: bytes.readInt32BE(at + 6),
    counter: bytes.readUInt16BE(at + 10),
  };
}

/** When a unique id was made, milliseconds since the epoch, seen from `nowMs` (ids do not carry their month). */
export function uniqueKeyTimeMs(id: string, nowMs: number): number {
  const { millisSinceMonthStart } = parseUniqueKey(id);
  const timeMs = monthStartMs(nowMs) + millisSinceMonthStart;
  if (timeMs <= nowMs) return timeMs;
  return monthStartMs(monthStartMs(nowMs) - 1) + millisSinceMonthStart;
}
