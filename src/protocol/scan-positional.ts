import { assert, readInt16BE, readInt32BE } from '../base/index.ts';
import { COMMANDS } from './commands/index.ts';
import { LANGUAGE_JAVA } from './language.ts';
import {
  POSITIONAL_AT,
  POSITIONAL_BYTES_MIN,
  POSITIONAL_FIELDS_MAX,
  POSITIONAL_FLAGS,
  POSITIONAL_REMARK,
} from './positional.ts';
import type { RequestView } from './request-view.ts';
import type { FieldTag, HeaderSchema } from './schema.ts';
import { SLOT_NAMES } from './slots.ts';
import { CURRENT_VERSION } from './version.ts';

const RESPONSE_FLAG = 1;

/** A request's fields as the scan needs them, by their place in the definition. */
interface ScanPlan {
  readonly count: number;
  /** Bytes of a field; 0 where its length stands in front of it. */
  readonly bytes: Uint8Array;
  /** Slot of a field; -1 where the hot path does not read it. */
  readonly slots: Int8Array;
  /** Mask of the slots that hold numbers. */
  readonly numeric: number;
}

const LENGTH_BYTES = 4;
const BYTES: Readonly<Record<FieldTag, number>> = {
  string: 0,
  int32: 4,
  int64: 8,
  boolean: 1,
  topicFilterType: 1,
};

const planOf = ({ plan }: HeaderSchema): ScanPlan => {
  assert(plan.length <= POSITIONAL_FIELDS_MAX, 'each field has a bit');
  const slots = plan.map(({ name }) => SLOT_NAMES.indexOf(name));
  let numeric = 0;
  for (const [index, { tag }] of plan.entries()) {
    const slot = slots[index] ?? -1;
    if (slot >= 0 && tag !== 'string') numeric |= 1 << slot;
  }
  return {
    count: plan.length,
    bytes: Uint8Array.from(plan, ({ tag }) => BYTES[tag]),
    slots: Int8Array.from(slots),
    numeric,
  };
};

/** A code without a definition has no fields. */
const NO_FIELDS = planOf({ fields: {}, plan: [] });

const buildPlans = (): readonly ScanPlan[] => {
  const codeMax = Math.max(...COMMANDS.map(({ code }) => code));
  const plans = new Array<ScanPlan>(codeMax + 1).fill(NO_FIELDS);
  for (const { code, request } of COMMANDS) plans[code] = planOf(request);
  return plans;
};

/** By request code. */
const PLANS = buildPlans();

const scanFields = (view: RequestView, start: number, mask: number): boolean => {
  // hot path
  const { buffer, headerEnd: end, starts, ends, code } = view;
  const plan = code < PLANS.length ? (PLANS[code] as ScanPlan) : NO_FIELDS;
  const { count, bytes, slots } = plan;
  if (mask >>> count !== 0) return false;
  let at = start;
  let present = 0;
  for (let index = 0; index < count; index++) {
    if ((mask & (1 << index)) === 0) continue;
    let length = bytes[index] as number;
    if (length === 0) {
      if (end - at < LENGTH_BYTES) return false;
      length = readInt32BE(buffer, at);
      at += LENGTH_BYTES;
      if (length < 0) return false;
    }
    if (length > end - at) return false;
    const slot = slots[index] as number;
    if (slot >= 0) {
      present |= 1 << slot;
      starts[slot] = at;
      ends[slot] = at + length;
    }
    at += length;
  }
  view.present = present;
  view.numeric = plan.numeric;
  return at === end;
};

/**
 * Scans a positional header; false where its lengths do not fit, it has unknown flags, or fields its code does not have.
 * The fields of a response are not looked at: which they are only its requester knows, see `readPositional`.
 */
export function scanPositionalHeader(view: RequestView): boolean {
  // hot path
  const { buffer, headerStart: start, headerEnd: end } = view;
  if (end - start < POSITIONAL_BYTES_MIN) return false;
  const flag = readInt16BE(buffer, start + POSITIONAL_AT.flag);
  if ((flag & ~POSITIONAL_FLAGS) !== 0) return false;
  view.code = readInt16BE(buffer, start + POSITIONAL_AT.code) & 0xffff;
  view.flag = flag & ~POSITIONAL_REMARK;
  view.opaque = readInt32BE(buffer, start + POSITIONAL_AT.opaque);
  view.language = LANGUAGE_JAVA;
  view.version = CURRENT_VERSION;
  let at = start + POSITIONAL_AT.remark;
  if ((flag & POSITIONAL_REMARK) !== 0) {
    if (end - at < LENGTH_BYTES) return false;
    const length = readInt32BE(buffer, at);
    at += LENGTH_BYTES;
    if (length < 0 || length > end - at) return false;
    at += length;
  }
  if ((flag & RESPONSE_FLAG) !== 0) return true;
  return scanFields(view, at, readInt32BE(buffer, start + POSITIONAL_AT.mask));
}
