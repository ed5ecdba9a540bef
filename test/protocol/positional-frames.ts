import fc from 'fast-check';
import {
  type FieldPlan,
  type HeaderSchema,
  type PositionalFacts,
  positionalBytesMax,
  writePositional,
} from '../../src/protocol/index.ts';

const int32 = fc.oneof(
  fc.integer({ min: -0x80000000, max: 0x7fffffff }),
  fc.constantFrom(0, -1, -0x80000000, 0x7fffffff),
);
const int64 = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(0, -1, 2 ** 31, 2 ** 32, -(2 ** 32), 2 ** 32 - 1),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
);
/** Around the length from which texts are written another way, and in each length of UTF-8. */
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.integer({ min: 60, max: 70 }).map((length) => 'x'.repeat(length)),
  fc.integer({ min: 60, max: 70 }).map((length) => `${'x'.repeat(length - 1)}é`),
);
const ARBITRARY: Readonly<Record<FieldPlan['tag'], fc.Arbitrary<string | number | boolean>>> = {
  string: text,
  int32,
  int64,
  boolean: fc.boolean(),
  topicFilterType: fc.constantFrom('SINGLE_TAG', 'MULTI_TAG'),
};

/** Headers of a definition, optional fields present or not. */
export const headerArbitrary = ({ plan }: HeaderSchema): fc.Arbitrary<object> =>
  fc.record(Object.fromEntries(plan.map(({ name, tag }) => [name, ARBITRARY[tag]])), {
    noNullPrototype: true,
    requiredKeys: plan.filter(({ isRequired }) => isRequired).map(({ name }) => name),
  });

/** What a frame says beside its fields. */
export const factsArbitrary = (code: number, isResponse: boolean): fc.Arbitrary<PositionalFacts> =>
  fc.record(
    {
      code: fc.constant(code),
      flag: isResponse ? fc.constant(1) : fc.constantFrom(0, 2),
      opaque: int32,
      remark: text,
    },
    { noNullPrototype: true, requiredKeys: ['code', 'flag', 'opaque'] },
  ) as fc.Arbitrary<PositionalFacts>;

/** A whole frame; the header need not be complete. */
export const positionalFrame = (
  facts: PositionalFacts,
  schema: HeaderSchema,
  header: object,
  body: Buffer = Buffer.alloc(0),
): Buffer => {
  const target = Buffer.alloc(positionalBytesMax(schema, header, facts.remark) + body.length, 0xee);
  const end = writePositional(target, 0, facts, schema, header, body.length);
  return target.subarray(0, end + body.copy(target, end));
};
