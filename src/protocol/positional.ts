import {
  readInt32BE,
  readInt64BE,
  writeInt16BE,
  writeInt32BE,
  writeInt64BE,
} from '../base/index.ts';
import { ProtocolError } from './errors.ts';
import { FRAME_PREFIX_BYTES, HEADER_TYPE, writeFramePrefix } from './frame.ts';
import type { ExtFields } from './header-facts.ts';
import type { RequestView } from './request-view.ts';
import type { FieldPlan, FieldTag, HeaderOf, HeaderSchema } from './schema.ts';

// Positional header, only between threads of one program: both sides derive it from the same command definition, so names
// need not travel. All integers big-endian:
//
// | at | bytes | field |
// |---|---|---|
// | 0 | 2 | code, unsigned |
// | 2 | 2 | flag: 1 response, 2 one-way, 4 a remark follows; others must be 0 |
// | 4 | 4 | opaque |
// | 8 | 4 | mask: bit n is set where the n-th field of the definition is present |
// | 12 | 4 + n | remark, UTF-8, only with its flag |
// | | | the present fields in the definition's order, nothing behind the last |
//
// | tag | bytes |
// |---|---|
// | int32 | 4 |
// | int64 | 8 |
// | boolean | 1: 1 true, all else false |
// | topicFilterType | 1: 0 SINGLE_TAG, 1 MULTI_TAG |
// | string | 4 + n: length, UTF-8 |
//
// The remark stands first, so that it is found without the definition: a response does not say what it answers.

/** Position of each part of a positional header. */
export const POSITIONAL_AT = { code: 0, flag: 2, opaque: 4, mask: 8, remark: 12 } as const;
/** Bytes of a positional header without remark and fields. */
export const POSITIONAL_BYTES_MIN = 12;
/** Flag of a positional header that has a remark. */
export const POSITIONAL_REMARK = 4;
/** Fields a definition can have: a bit each in a positive int32. */
export const POSITIONAL_FIELDS_MAX = 31;
/** The flags a reader knows. */
export const POSITIONAL_FLAGS = 7;
/** Bits of a flag that all header types have. */
const COMMAND_FLAGS = 3;
const LENGTH_BYTES = 4;
/** Of a field without its text. */
const FIELD_BYTES_MAX = 8;
const UTF8_BYTES_PER_UNIT = 3;
/** Longer texts, and those with other than ASCII, are written by the engine: a call costs as much as 32 turns of a loop. */
const SHORT_UNITS_MAX = 32;
const FILTER_TYPES = ['SINGLE_TAG', 'MULTI_TAG'] as const;

/** What a positional frame says beside its fields. Mutable: a writer may use one object for all. */
export interface PositionalFacts {
  code: number;
  /** See `COMMAND_FLAG`. */
  flag: number;
  opaque: number;
  /** Empty counts as none. */
  remark?: string | undefined;
}

type FieldValue = string | number | boolean;
type FieldValues = Readonly<Record<string, FieldValue | undefined>>;

const malformed = (reason: string): ProtocolError =>
  new ProtocolError('HEADER_MALFORMED', `positional header: ${reason}`, { reason });

const invalidValue = (field: FieldPlan, value: unknown): ProtocolError =>
  new ProtocolError('FIELD_INVALID', `${field.key} = [${String(value)}] is no ${field.tag}`, {
    field: field.key,
  });

/** Upper bound of the bytes `writePositional` writes. `remark` is the text that goes with it. */
export function positionalBytesMax<S extends HeaderSchema>(
  schema: S,
  header: HeaderOf<S>,
  remark = '',
): number {
  // hot path
  const values = header as FieldValues;
  let bytes = FRAME_PREFIX_BYTES + POSITIONAL_BYTES_MIN + FIELD_BYTES_MAX * schema.plan.length;
  if (remark !== '') bytes += LENGTH_BYTES + UTF8_BYTES_PER_UNIT * remark.length;
  for (const name in values) {
    const value = values[name];
    if (typeof value === 'string') bytes += UTF8_BYTES_PER_UNIT * value.length;
  }
  return bytes;
}

const writeText = (target: Buffer, at: number, text: string): number => {
  // hot path
  const { length } = text;
  const start = at + LENGTH_BYTES;
  let index = length > SHORT_UNITS_MAX ? length + 1 : 0;
  for (; index < length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) break;
    target[start + index] = unit;
  }
  const bytes = index === length ? length : target.write(text, start);
  writeInt32BE(target, at, bytes);
  return start + bytes;
};

const writeValue = (target: Buffer, at: number, field: FieldPlan, value: FieldValue): number => {
  // hot path
  switch (field.tag) {
    case 'string':
      return writeText(target, at, value as string);
    case 'int32':
      if (((value as number) | 0) !== value) throw invalidValue(field, value);
      writeInt32BE(target, at, value);
      return at + 4;
    case 'int64':
      if (!Number.isSafeInteger(value)) throw invalidValue(field, value);
      writeInt64BE(target, at, value as number);
      return at + 8;
    case 'boolean':
      target[at] = value === true ? 1 : 0;
      return at + 1;
    default: {
      const index = value === FILTER_TYPES[0] ? 0 : 1;
      if (value !== FILTER_TYPES[index]) throw invalidValue(field, value);
      target[at] = index;
      return at + 1;
    }
  }
};

/**
 * Writes mask and fields of a header whose members are in the definition's order, which the engine walks in a fifth of the
 * time that looking up their names takes. Returns the position behind the fields; -1 for another order.
 */
const writeInOrder = (
  target: Buffer,
  start: number,
  at: number,
  plan: readonly FieldPlan[],
  values: FieldValues,
): number => {
  // hot path
  let position = at;
  let mask = 0;
  let index = 0;
  for (const name in values) {
    const value = values[name];
    while (index < plan.length && (plan[index] as FieldPlan).name !== name) index += 1;
    if (index === plan.length) return -1;
    if (value !== undefined) {
      mask |= 1 << index;
      position = writeValue(target, position, plan[index] as FieldPlan, value);
    }
    index += 1;
  }
  writeInt32BE(target, start + POSITIONAL_AT.mask, mask);
  return position;
};

/** Writes mask and fields of any header; returns the position behind them. */
const writeByName = (
  target: Buffer,
  start: number,
  at: number,
  plan: readonly FieldPlan[],
  values: FieldValues,
): number => {
  let position = at;
  let mask = 0;
  for (const [index, field] of plan.entries()) {
    const value = values[field.name];
    if (value === undefined) continue;
    mask |= 1 << index;
    position = writeValue(target, position, field, value);
  }
  writeInt32BE(target, start + POSITIONAL_AT.mask, mask);
  return position;
};

/**
 * Writes a whole positional frame but its body, which has `bodyBytes`; returns the position behind it. `target` needs
 * `positionalBytesMax` bytes from `at`. A field that is `undefined` is absent, also a required one: its reader refuses it.
 * @throws {ProtocolError} FIELD_INVALID for a number that does not fit its type, FRAME_TOO_LONG
 */
export function writePositional<S extends HeaderSchema>(
  target: Buffer,
  at: number,
  facts: PositionalFacts,
  schema: S,
  header: HeaderOf<S>,
  bodyBytes: number,
): number {
  // hot path
  const { plan } = schema;
  const values = header as FieldValues;
  const start = at + FRAME_PREFIX_BYTES;
  const { remark } = facts;
  let flag = facts.flag & COMMAND_FLAGS;
  let position = start + POSITIONAL_AT.remark;
  if (remark !== undefined && remark !== '') {
    flag |= POSITIONAL_REMARK;
    position = writeText(target, position, remark);
  }
  const end = writeInOrder(target, start, position, plan, values);
  position = end < 0 ? writeByName(target, start, position, plan, values) : end;
  writeInt16BE(target, start + POSITIONAL_AT.code, facts.code);
  writeInt16BE(target, start + POSITIONAL_AT.flag, flag);
  writeInt32BE(target, start + POSITIONAL_AT.opaque, facts.opaque);
  writeFramePrefix(target, at, HEADER_TYPE.POSITIONAL, position - start, bodyBytes);
  return position;
}

/** Bytes of the value at `at`, a length word included; -1 where it does not fit in front of `end`. */
const valueBytes = (tag: FieldTag, source: Buffer, at: number, end: number): number => {
  // hot path
  const room = end - at;
  switch (tag) {
    case 'int32':
      return room < 4 ? -1 : 4;
    case 'int64':
      return room < 8 ? -1 : 8;
    case 'string': {
      if (room < LENGTH_BYTES) return -1;
      const length = readInt32BE(source, at);
      return length < 0 || length > room - LENGTH_BYTES ? -1 : LENGTH_BYTES + length;
    }
    default:
      return room < 1 ? -1 : 1;
  }
};

const valueAt = (tag: FieldTag, source: Buffer, at: number, bytes: number): FieldValue => {
  // hot path
  switch (tag) {
    case 'int32':
      return readInt32BE(source, at);
    case 'int64':
      return readInt64BE(source, at);
    case 'string':
      return bytes === LENGTH_BYTES ? '' : source.toString('utf8', at + LENGTH_BYTES, at + bytes);
    case 'boolean':
      return source[at] === 1;
    default: {
      const name = FILTER_TYPES[source[at] as number];
      if (name === undefined) throw malformed('an unknown topicFilterType');
      return name;
    }
  }
};

/** Where the fields begin. The view's scan has checked that the remark fits. */
const fieldsStart = (view: RequestView): number => {
  // hot path
  const at = view.headerStart + POSITIONAL_AT.remark;
  return hasRemark(view) ? at + LENGTH_BYTES + readInt32BE(view.buffer, at) : at;
};

const hasRemark = (view: RequestView): boolean =>
  ((view.buffer[view.headerStart + POSITIONAL_AT.flag + 1] as number) & POSITIONAL_REMARK) !== 0;

/** The remark of a positional frame. */
export function positionalRemark(view: RequestView): string | undefined {
  if (!hasRemark(view)) return undefined;
  const at = view.headerStart + POSITIONAL_AT.remark;
  return view.buffer.toString('utf8', at + LENGTH_BYTES, fieldsStart(view));
}

const readFields = (
  view: RequestView,
  plan: readonly FieldPlan[],
  isText: boolean,
): Record<string, FieldValue> => {
  // hot path
  const { buffer, headerStart, headerEnd: end } = view;
  const mask = readInt32BE(buffer, headerStart + POSITIONAL_AT.mask);
  if (mask >>> plan.length !== 0) throw malformed('fields beyond the definition');
  const fields: Record<string, FieldValue> = {};
  let at = fieldsStart(view);
  for (let index = 0; index < plan.length; index++) {
    const { tag, name, key, isRequired } = plan[index] as FieldPlan;
    if ((mask & (1 << index)) === 0) {
      if (!isRequired || isText) continue;
      throw new ProtocolError('FIELD_MISSING', `the custom field <${key}> is null`, { field: key });
    }
    const bytes = valueBytes(tag, buffer, at, end);
    if (bytes < 0) throw malformed(`<${key}> is cut`);
    const value = valueAt(tag, buffer, at, bytes);
    if (isText) fields[key] = String(value);
    else fields[name] = value;
    at += bytes;
  }
  if (at !== end) throw malformed('bytes behind the last field');
  return fields;
};

/**
 * The typed header of a scanned positional frame, request or response. Nothing of it refers to the frame's buffer.
 * @throws {ProtocolError} HEADER_MALFORMED, FIELD_MISSING
 */
export function readPositional<S extends HeaderSchema>(schema: S, view: RequestView): HeaderOf<S> {
  // hot path
  return readFields(view, schema.plan, false) as unknown as HeaderOf<S>;
}

/**
 * The fields of a scanned positional frame as the other header types have them: text by wire name.
 * @throws {ProtocolError} HEADER_MALFORMED
 */
export const readPositionalText = (schema: HeaderSchema, view: RequestView): ExtFields =>
  readFields(view, schema.plan, true) as Record<string, string>;
