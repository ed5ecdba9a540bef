import { assert } from '../base/index.ts';
import { equalsBytes } from '../message/index.ts';

/**
 * Header fields of the hot commands by number. The first fourteen are the send header in the order of its short names
 * `a` … `n`: for codes 310, 320 and 325 the short names fill them, for all other codes the long ones.
 */
export const SLOT = {
  producerGroup: 0,
  topic: 1,
  defaultTopic: 2,
  defaultTopicQueueNums: 3,
  queueId: 4,
  sysFlag: 5,
  bornTimestamp: 6,
  flag: 7,
  properties: 8,
  reconsumeTimes: 9,
  unitMode: 10,
  maxReconsumeTimes: 11,
  batch: 12,
  bname: 13,
  consumerGroup: 14,
  queueOffset: 15,
  maxMsgNums: 16,
  commitOffset: 17,
  suspendTimeoutMillis: 18,
  subscription: 19,
  subVersion: 20,
  expressionType: 21,
  maxMsgBytes: 22,
  AccessKey: 23,
  Signature: 24,
  SecurityToken: 25,
} as const;

/** One of `SLOT`. */
export type Slot = (typeof SLOT)[keyof typeof SLOT];

/** How many slots there are; a mask of them fits into an int32. */
export const SLOT_COUNT = 26;
/** Slots that have a short name. */
export const SHORT_SLOT_COUNT = 14;
/** Mask of the slots that have a short name. */
export const SHORT_SLOTS = (1 << SHORT_SLOT_COUNT) - 1;
/** Mask of the send header's required fields, `a` … `h`. */
export const SEND_REQUIRED_SLOTS = 0xff;
const FIRST_SHORT_NAME = 0x61;

/** Field names by slot. */
export const SLOT_NAMES: readonly string[] = Object.keys(SLOT);

/** Whether a request code carries the send header under its short names. */
export const hasShortNames = (code: number): boolean =>
  code === 310 || code === 320 || code === 325;

/** The name a slot's field has on the wire of `code`. */
export const wireName = (slot: number, code: number): string =>
  slot < SHORT_SLOT_COUNT && hasShortNames(code)
    ? String.fromCharCode(FIRST_SHORT_NAME + slot)
    : (SLOT_NAMES[slot] ?? '');

const NAME_BYTES: readonly Buffer[] = SLOT_NAMES.map((name) => Buffer.from(name));
const TABLE_MASK = 63;

/** Without collisions for the names above; the table below checks it. */
const tableIndex = (length: number, first: number, last: number): number =>
  (length + first * 20 + last * 14) & TABLE_MASK;

const buildTable = (): Int8Array => {
  const table = new Int8Array(TABLE_MASK + 1).fill(-1);
  for (const [slot, bytes] of NAME_BYTES.entries()) {
    const index = tableIndex(bytes.length, bytes[0] ?? 0, bytes[bytes.length - 1] ?? 0);
    assert(table[index] === -1, `two field names share place ${index}`);
    table[index] = slot;
  }
  return table;
};

const TABLE = buildTable();

/** Slot of a long field name; -1 for an unknown one. */
export function longSlot(buffer: Buffer, start: number, end: number): number {
  // hot path
  const length = end - start;
  if (length === 0) return -1;
  const index = tableIndex(length, buffer[start] as number, buffer[end - 1] as number);
  const slot = TABLE[index] as number;
  if (slot < 0 || !equalsBytes(buffer, start, length, NAME_BYTES[slot] as Buffer)) return -1;
  return slot;
}

/** Slot of a one-byte field name; -1 for an unknown one. */
export function shortSlot(name: number): number {
  // hot path
  const slot = name - FIRST_SHORT_NAME;
  return slot >= 0 && slot < SHORT_SLOT_COUNT ? slot : -1;
}
