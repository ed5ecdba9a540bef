import { readInt16BE, readInt32BE } from '../base/index.ts';
import type { RequestView } from './request-view.ts';
import { hasShortNames, longSlot, SHORT_SLOT_COUNT, shortSlot } from './slots.ts';

// ROCKETMQ binary header, all integers big-endian:
//
// | bytes | field |
// |---|---|
// | 2 | code |
// | 1 | language |
// | 2 | version |
// | 4 | opaque |
// | 4 | flag |
// | 4 + n | remark length, remark |
// | 4 + n | length of the fields, then per field: 2 + n name, 4 + n value |

/** Position of each fixed field, the remark's length last. */
export const BINARY_AT = {
  code: 0,
  language: 2,
  version: 3,
  opaque: 5,
  flag: 9,
  remarkBytes: 13,
  remark: 17,
} as const;

/** Bytes of a binary header without remark and fields. */
export const BINARY_HEADER_BYTES_MIN = BINARY_AT.remark + 4;

const noteSlot = (
  view: RequestView,
  keyStart: number,
  keyEnd: number,
  valueStart: number,
  valueEnd: number,
): void => {
  // hot path
  const isShort = keyEnd - keyStart === 1;
  const slot = isShort
    ? shortSlot(view.buffer[keyStart] as number)
    : longSlot(view.buffer, keyStart, keyEnd);
  if (slot < 0) return;
  // A field with a short name answers to it under the three codes only, and then not to its long one.
  if (slot < SHORT_SLOT_COUNT && isShort !== hasShortNames(view.code)) return;
  view.present |= 1 << slot;
  view.starts[slot] = valueStart;
  view.ends[slot] = valueEnd;
};

const scanFields = (view: RequestView, start: number, end: number): boolean => {
  // hot path
  const { buffer } = view;
  let at = start;
  while (at < end) {
    if (at + 2 > end) return false;
    const keyStart = at + 2;
    const keyEnd = keyStart + readInt16BE(buffer, at);
    if (keyEnd < keyStart || keyEnd + 4 > end) return false;
    const valueStart = keyEnd + 4;
    const valueBytes = readInt32BE(buffer, keyEnd);
    if (valueBytes < 0 || valueBytes > end - valueStart) return false;
    at = valueStart + valueBytes;
    noteSlot(view, keyStart, keyEnd, valueStart, at);
  }
  return true;
};

/** Scans a ROCKETMQ binary header; false where its lengths do not fit. */
export function scanBinaryHeader(view: RequestView): boolean {
  // hot path
  const { buffer, headerStart: start, headerEnd: end } = view;
  if (end - start < BINARY_HEADER_BYTES_MIN) return false;
  view.code = readInt16BE(buffer, start + BINARY_AT.code);
  view.language = buffer[start + BINARY_AT.language] as number;
  view.version = readInt16BE(buffer, start + BINARY_AT.version);
  view.opaque = readInt32BE(buffer, start + BINARY_AT.opaque);
  view.flag = readInt32BE(buffer, start + BINARY_AT.flag);
  const remarkBytes = Math.max(0, readInt32BE(buffer, start + BINARY_AT.remarkBytes));
  if (remarkBytes > end - start - BINARY_HEADER_BYTES_MIN) return false;
  const fieldsAt = start + BINARY_AT.remark + remarkBytes;
  const fieldsBytes = Math.max(0, readInt32BE(buffer, fieldsAt));
  if (fieldsBytes > end - fieldsAt - 4) return false;
  return scanFields(view, fieldsAt + 4, fieldsAt + 4 + fieldsBytes);
}
