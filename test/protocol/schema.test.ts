import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { errorCode, errorMessage } from '../../src/base/index.ts';
import {
  COMMANDS,
  decodeHeader,
  defineCommand,
  encodeHeader,
  type FieldPlan,
  type HeaderOf,
  type HeaderSchema,
  SendMessageV2,
  UpdateAndCreateTopic,
} from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('schema');

const Example = defineCommand({
  name: 'EXAMPLE',
  code: 9_999,
  to: 'broker',
  request: {
    topic: 'string',
    queueId: 'int32',
    offset: 'int64',
    isOn: 'boolean?',
    note: 'string?',
  },
  wire: { topic: 't' },
  response: { offset: 'int64' },
});
type ExampleRequest = HeaderOf<typeof Example.request>;

test('types follow from the definition', () => {
  const header: ExampleRequest = { topic: 'T', queueId: 1, offset: 2 };
  // @ts-expect-error a number is no topic
  const wrong: ExampleRequest = { topic: 5, queueId: 1, offset: 2 };
  // @ts-expect-error queueId is required
  const missing: ExampleRequest = { topic: 'T', offset: 2 };
  // @ts-expect-error there is no such field
  const unknown: ExampleRequest = { topic: 'T', queueId: 1, offset: 2, other: 1 };
  assert.is([header, wrong, missing, unknown].length, 4);
});

test('fields are read by their names on the wire', () => {
  const header = decodeHeader(Example.request, {
    t: 'T',
    queueId: '-1',
    offset: '9223372036854775807',
    isOn: 'TRUE',
    other: 'x',
  });
  assert.equal(header, { topic: 'T', queueId: -1, offset: Number.MAX_SAFE_INTEGER, isOn: true });
  assert.equal(encodeHeader(Example.request, { topic: 'T', queueId: 5, offset: 6, isOn: false }), {
    t: 'T',
    queueId: '5',
    offset: '6',
    isOn: 'false',
  });
});

const failure = (extFields: Record<string, string> | undefined, schema: HeaderSchema): string[] => {
  try {
    decodeHeader(schema, extFields);
    return [];
  } catch (error) {
    return [errorCode(error) ?? '', errorMessage(error)];
  }
};

test('a missing field is named as it is on the wire', () => {
  assert.equal(failure(undefined, Example.request), [
    'FIELD_MISSING',
    'the custom field <t> is null',
  ]);
  assert.equal(failure({ t: 'T' }, Example.request), [
    'FIELD_MISSING',
    'the custom field <queueId> is null',
  ]);
  const send = { a: 'g', b: 't', c: 'd', d: '4', e: '0', f: '0', g: '1' };
  assert.equal(failure(send, SendMessageV2.request), [
    'FIELD_MISSING',
    'the custom field <h> is null',
  ]);
  assert.equal(
    failure(Object.create({ t: 'inherited' }) as Record<string, string>, Example.request)[0],
    'FIELD_MISSING',
  );
});

test('a text that is not of the type is refused where it is required and ignored where not', () => {
  for (const queueId of ['', 'x', '1.0', '2147483648', '-2147483649', ' 1', '1e3']) {
    assert.is(
      failure({ t: 'T', queueId, offset: '1' }, Example.request)[0],
      'FIELD_INVALID',
      queueId,
    );
  }
  const optional = defineCommand({ name: 'O', code: 1, to: 'broker', request: { n: 'int32?' } });
  assert.equal(decodeHeader(optional.request, { n: 'x' }), {});
  assert.equal(decodeHeader(optional.request, { n: '-2147483648' }), { n: -2147483648 });
});

test("a topic filter is one of the two, and the refusal is RocketMQ's", () => {
  const extFields = {
    topic: 'T',
    defaultTopic: 'TBW102',
    readQueueNums: '4',
    writeQueueNums: '4',
    perm: '6',
    topicFilterType: 'BOTH',
    order: 'false',
  };
  assert.equal(failure(extFields, UpdateAndCreateTopic.request), [
    'FIELD_INVALID',
    'topicFilterType = [BOTH] value invalid',
  ]);
});

const int32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const ARBITRARY: Readonly<Record<FieldPlan['tag'], fc.Arbitrary<string | number | boolean>>> = {
  string: fc.string(),
  int32,
  int64: fc.maxSafeInteger(),
  boolean: fc.boolean(),
  topicFilterType: fc.constantFrom('SINGLE_TAG', 'MULTI_TAG'),
};

const headerArbitrary = ({ plan }: HeaderSchema): fc.Arbitrary<object> =>
  fc.record(Object.fromEntries(plan.map(({ name, tag }) => [name, ARBITRARY[tag]])), {
    noNullPrototype: true,
    requiredKeys: plan.filter(({ isRequired }) => isRequired).map(({ name }) => name),
  });

test('each header of the registry survives its fields', () => {
  for (const { request, response, name } of COMMANDS) {
    for (const schema of [request, response]) {
      fc.assert(
        fc.property(headerArbitrary(schema), (header) => {
          const extFields = encodeHeader(schema, header as never);
          assert.equal(decodeHeader(schema, extFields), header, name);
          assert.ok(Object.values(extFields).every((value) => typeof value === 'string'));
        }),
        { numRuns: 20 },
      );
    }
  }
});
