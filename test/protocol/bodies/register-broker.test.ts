import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { bodyCrc, errorCode } from '../../../src/base/index.ts';
import {
  decodeRegisterBrokerBody,
  encodeRegisterBrokerBody,
  type RegisterBrokerBody,
} from '../../../src/protocol/index.ts';
import { readVectors } from '../../support/golden.ts';
import { suite } from '../../support/suite.ts';

const test = suite('register broker body');
const VERSION = 397;

interface Registered {
  readonly dataVersion: object;
  readonly topics: readonly Readonly<Record<string, unknown>>[];
  readonly filterServerList: readonly string[];
}

const [vector] = readVectors('registerBrokerBody');

test("a Java broker's compressed registration is read, and ours inflates to the same bytes", () => {
  assert.ok(vector);
  const compressed = Buffer.from(vector.hex ?? '', 'hex');
  assert.is(bodyCrc(compressed), vector['bodyCrc32']);
  const body = decodeRegisterBrokerBody(compressed, VERSION, true);
  const expected = vector.decoded as Registered;
  const { dataVersion, topicConfigTable } = body.topicConfigSerializeWrapper;
  assert.equal(dataVersion, expected.dataVersion);
  assert.equal(body.filterServerList, expected.filterServerList);
  for (const topic of expected.topics) {
    const config = topicConfigTable.get(String(topic['topicName']));
    for (const [name, value] of Object.entries(topic)) {
      assert.is((config as Readonly<Record<string, unknown>> | undefined)?.[name], value);
    }
  }
  const ours = encodeRegisterBrokerBody(body, true);
  assert.is(inflateSync(ours.body).toString('hex'), vector['inflatedHex']);
  assert.is(ours.bodyCrc32, bodyCrc(ours.body));
});

test('a plain registration is read and written as Java writes it', () => {
  // Written by RocketMQ 4.9.2's classes with fastjson 1.2.76.
  const document =
    '{"filterServerList":[],"topicConfigSerializeWrapper":{"dataVersion":{"counter":3,"timestamp":1637000000000},"topicConfigTable":{"TopicTest":{"order":false,"perm":6,"readQueueNums":8,"topicFilterType":"SINGLE_TAG","topicName":"TopicTest","topicSysFlag":0,"writeQueueNums":8}}}}';
  const body = decodeRegisterBrokerBody(Buffer.from(document), VERSION, false);
  assert.is(encodeRegisterBrokerBody(body, false).body.toString(), document);
});

test('a broker before 3.0.11 sends the bare table, no body is an empty one', () => {
  const table = '{"dataVersion":{"counter":1,"timestamp":2},"topicConfigTable":{}}';
  const old = decodeRegisterBrokerBody(Buffer.from(table), 36, false);
  assert.is(old.topicConfigSerializeWrapper.dataVersion.counter, 1);
  for (const body of [undefined, Buffer.alloc(0)]) {
    const empty = decodeRegisterBrokerBody(body, VERSION, true);
    assert.is(empty.topicConfigSerializeWrapper.topicConfigTable.size, 0);
  }
});

const sized = (text: string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
};

const packed = (...topics: readonly string[]): Buffer => {
  const count = Buffer.alloc(4);
  count.writeInt32BE(topics.length);
  const version = sized('{"counter":3,"timestamp":1637000000000}');
  return Buffer.concat([version, count, ...topics.map(sized), sized('["10.0.0.1:1"]')]);
};

const read = (inflated: Buffer): RegisterBrokerBody =>
  decodeRegisterBrokerBody(deflateSync(inflated), VERSION, true);

test('topics of 5.x carry a sixth part', () => {
  const body = read(packed('T 8 4 6 SINGLE_TAG {}', 'U 1 1 2 MULTI_TAG {"a":"b"}'));
  const { topicConfigTable } = body.topicConfigSerializeWrapper;
  assert.is(topicConfigTable.get('T')?.writeQueueNums, 4);
  assert.is(topicConfigTable.get('U')?.topicFilterType, 'MULTI_TAG');
  assert.equal(body.filterServerList, ['10.0.0.1:1']);
});

const codeOf = (bytes: Buffer): string | undefined => {
  try {
    decodeRegisterBrokerBody(bytes, VERSION, true);
    return undefined;
  } catch (error) {
    return errorCode(error) ?? 'untyped';
  }
};

test('what is no registration is refused', () => {
  assert.is(codeOf(Buffer.from('no zlib stream')), 'BODY_INVALID');
  for (const topic of ['', 'T', 'T 8 8 6', 'T x 8 6 SINGLE_TAG', 'T 8 8 6 SINGLE_TAG {} more']) {
    assert.is(codeOf(deflateSync(packed(topic))), 'BODY_INVALID', topic);
  }
});

test('a small body that would fill the memory is stopped', () => {
  const bomb = deflateSync(Buffer.alloc(65 * 1024 * 1024));
  assert.ok(bomb.length < 200_000);
  assert.is(codeOf(bomb), 'BODY_TOO_LARGE');
});

test('random damage, inflated or not, ends in a registration or in a typed error', () => {
  const inflated = packed('T 8 8 6 SINGLE_TAG', 'U 8 8 6 SINGLE_TAG {}');
  const change = fc.tuple(fc.nat(inflated.length - 1), fc.constantFrom(0, 1, 0x20, 0x7b, 127, 255));
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 4 }),
      fc.nat(inflated.length),
      fc.boolean(),
      (changes, end, isOutside) => {
        const bytes = isOutside ? deflateSync(inflated) : Buffer.from(inflated.subarray(0, end));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const code = codeOf(isOutside ? bytes : deflateSync(bytes));
        assert.ok([undefined, 'BODY_INVALID', 'JSON_MALFORMED'].includes(code), code);
      },
    ),
    { numRuns: 500 },
  );
});
