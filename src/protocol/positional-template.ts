import { assert, writeInt32BE, writeInt64BE } from '../base/index.ts';
import { copyBytes, writeHex64 } from '../message/index.ts';
import { FRAME_PREFIX_BYTES } from './frame.ts';
import { HEX_DIGITS, type HotField, holeOf } from './hot-field.ts';
import {
  POSITIONAL_AT,
  POSITIONAL_BYTES_MIN,
  POSITIONAL_REMARK,
  positionalBytesMax,
  writePositional,
} from './positional.ts';
import { decodeHeader, type FieldPlan, type HeaderSchema } from './schema.ts';

const RESPONSE_FLAG = 1;
const LENGTH_BYTES = 4;
const NO_BYTES = Buffer.alloc(0);

/** How a field is written. */
const INT32 = 0;
const INT64 = 1;
const HEX = 2;
const TEXT = 3;
const CONSTANT = 4;

/** One field of the definition that the response has. */
interface Step {
  readonly kind: number;
  /** Index of its number. */
  readonly hole: number;
  /** What is always the same: a constant's value, or length and prefix in front of hex digits. */
  readonly literal: Buffer;
  /** Bytes of the value, without those of a text. */
  readonly bytes: number;
}

const stringHead = (prefix: string): Buffer => {
  const text = Buffer.from(prefix);
  const literal = Buffer.alloc(LENGTH_BYTES + text.length);
  writeInt32BE(literal, 0, text.length + HEX_DIGITS);
  literal.set(text, LENGTH_BYTES);
  return literal;
};

/** A constant as `writePositional` writes it. */
const constantBytes = (plan: FieldPlan, constant: string): Buffer => {
  const alone: HeaderSchema = { fields: {}, plan: [plan] };
  const header = decodeHeader(alone, { [plan.key]: constant });
  const frame = Buffer.alloc(positionalBytesMax(alone, header));
  const facts = { code: 0, flag: 0, opaque: 0 };
  const end = writePositional(frame, 0, facts, alone, header, 0);
  return frame.subarray(FRAME_PREFIX_BYTES + POSITIONAL_BYTES_MIN, end);
};

const stepOf = (plan: FieldPlan, field: HotField, hole: number): Step => {
  if ('constant' in field) {
    const literal = constantBytes(plan, field.constant);
    return { kind: CONSTANT, hole: 0, literal, bytes: literal.length };
  }
  if ('number' in field) {
    assert(plan.tag === 'int32' || plan.tag === 'int64', `${plan.name} is a number`);
    return plan.tag === 'int32'
      ? { kind: INT32, hole, literal: NO_BYTES, bytes: 4 }
      : { kind: INT64, hole, literal: NO_BYTES, bytes: 8 };
  }
  assert(plan.tag === 'string', `${plan.name} is a text`);
  if ('text' in field) return { kind: TEXT, hole, literal: NO_BYTES, bytes: LENGTH_BYTES };
  const literal = stringHead(field.hexAfter);
  return { kind: HEX, hole, literal, bytes: literal.length + HEX_DIGITS };
};

/** The positional form of a hot response: those of its fields that the definition has, in the definition's order. */
export class PositionalTemplate {
  readonly #steps: readonly Step[];
  readonly #mask: number;
  readonly #bytes: number;
  /** Hole of the text; -1 where there is none. */
  readonly #textHole: number;

  constructor(fields: readonly HotField[], schema: HeaderSchema) {
    const holes = fields.filter((field) => holeOf(field) !== undefined);
    const steps: Step[] = [];
    let mask = 0;
    for (const [index, plan] of schema.plan.entries()) {
      const field = fields.find(({ key }) => key === plan.key);
      assert(field !== undefined || !plan.isRequired, `the response has ${plan.name}`);
      if (field === undefined) continue;
      mask |= 1 << index;
      steps.push(stepOf(plan, field, holes.indexOf(field)));
    }
    this.#steps = steps;
    this.#mask = mask;
    this.#bytes = steps.reduce((sum, { bytes }) => sum + bytes, POSITIONAL_BYTES_MIN);
    this.#textHole = steps.find(({ kind }) => kind === TEXT)?.hole ?? -1;
  }

  /** Length of the header for these numbers. */
  headerBytes(numbers: Float64Array, remark: Buffer): number {
    // hot path
    const texts = this.#textHole < 0 ? 0 : (numbers[this.#textHole] as number);
    return this.#bytes + texts + (remark.length === 0 ? 0 : LENGTH_BYTES + remark.length);
  }

  /** Writes the header at `at`; returns the position behind it. */
  write(
    target: Buffer,
    at: number,
    opaque: number,
    code: number,
    numbers: Float64Array,
    text: Buffer,
    remark: Buffer,
  ): number {
    // hot path
    let flag = RESPONSE_FLAG;
    let position = at + POSITIONAL_AT.remark;
    if (remark.length > 0) {
      flag |= POSITIONAL_REMARK;
      position = writeBytes(target, position, remark, remark.length);
    }
    writeInt32BE(target, at + POSITIONAL_AT.code, (code << 16) | flag);
    writeInt32BE(target, at + POSITIONAL_AT.opaque, opaque);
    writeInt32BE(target, at + POSITIONAL_AT.mask, this.#mask);
    const steps = this.#steps;
    for (let index = 0; index < steps.length; index++) {
      const { kind, hole, literal } = steps[index] as Step;
      // Here and not in a function: a number that is passed on may be put on the heap.
      const value = numbers[hole] as number;
      if (kind === INT32) {
        writeInt32BE(target, position, value | 0);
        position += 4;
      } else if (kind === INT64) {
        writeInt64BE(target, position, value);
        position += 8;
      } else if (kind === TEXT) {
        position = writeBytes(target, position, text, value);
      } else {
        position = copyBytes(literal, 0, literal.length, target, position);
        if (kind === HEX) position = writeHex64(target, position, value);
      }
    }
    return position;
  }
}

const writeBytes = (target: Buffer, at: number, bytes: Buffer, length: number): number => {
  // hot path
  writeInt32BE(target, at, length);
  return copyBytes(bytes, 0, length, target, at + LENGTH_BYTES);
};
