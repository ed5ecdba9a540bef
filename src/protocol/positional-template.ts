import { assert, writeInt16BE, writeInt32BE, writeInt64BE } from '../base/index.ts';
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

/** One field of the definition that the response has. */
interface Step {
  readonly kind: 'int32' | 'int64' | 'hex' | 'text' | 'constant';
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
    return { kind: 'constant', hole: 0, literal, bytes: literal.length };
  }
  if ('number' in field) {
    assert(plan.tag === 'int32' || plan.tag === 'int64', `${plan.name} is a number`);
    return { kind: plan.tag, hole, literal: NO_BYTES, bytes: plan.tag === 'int32' ? 4 : 8 };
  }
  assert(plan.tag === 'string', `${plan.name} is a text`);
  if ('text' in field) return { kind: 'text', hole, literal: NO_BYTES, bytes: LENGTH_BYTES };
  const literal = stringHead(field.hexAfter);
  return { kind: 'hex', hole, literal, bytes: literal.length + HEX_DIGITS };
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
    this.#textHole = steps.find(({ kind }) => kind === 'text')?.hole ?? -1;
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
    const hasRemark = remark.length > 0;
    writeInt16BE(target, at + POSITIONAL_AT.code, code);
    writeInt16BE(
      target,
      at + POSITIONAL_AT.flag,
      RESPONSE_FLAG | (hasRemark ? POSITIONAL_REMARK : 0),
    );
    writeInt32BE(target, at + POSITIONAL_AT.opaque, opaque);
    writeInt32BE(target, at + POSITIONAL_AT.mask, this.#mask);
    let position = at + POSITIONAL_AT.remark;
    if (hasRemark) {
      writeInt32BE(target, position, remark.length);
      position = copyBytes(remark, 0, remark.length, target, position + LENGTH_BYTES);
    }
    const steps = this.#steps;
    for (let index = 0; index < steps.length; index++) {
      const step = steps[index] as Step;
      position = writeStep(target, position, step, numbers[step.hole] as number, text);
    }
    return position;
  }
}

const writeStep = (target: Buffer, at: number, step: Step, value: number, text: Buffer): number => {
  // hot path
  switch (step.kind) {
    case 'int32':
      writeInt32BE(target, at, value);
      return at + 4;
    case 'int64':
      writeInt64BE(target, at, value);
      return at + 8;
    case 'hex':
      return writeHex64(target, copyBytes(step.literal, 0, step.literal.length, target, at), value);
    case 'text':
      writeInt32BE(target, at, value);
      return copyBytes(text, 0, value, target, at + LENGTH_BYTES);
    default:
      return copyBytes(step.literal, 0, step.literal.length, target, at);
  }
};
