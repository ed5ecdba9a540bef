import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import {
  BatchItems,
  encodeBatch,
  encodeProperties,
  encodeRecord,
  hostBytes,
  parseProperties,
  RecordFields,
} from '../../src/message/index.ts';
import { readGolden, readVectors } from '../support/golden.ts';
import { suite } from '../support/suite.ts';
import { withoutSeparators } from './texts.ts';

const test = suite('batch');
const found = new BatchItems();

interface Item {
  readonly flag: number;
  readonly body: string;
  readonly properties: Readonly<Record<string, string>>;
}

const readAll = (body: Buffer): Item[] => {
  found.read(body, 0, body.length);
  return Array.from({ length: found.count }, (_, index) => {
    const bodyStart = found.bodyStarts[index] as number;
    const start = found.propertiesStart(index);
    const end = start + (found.propertiesLengths[index] as number);
    return {
      flag: found.flags[index] as number,
      body: body.toString('utf8', bodyStart, bodyStart + (found.bodyLengths[index] as number)),
      properties: Object.fromEntries(parseProperties(body.toString('utf8', start, end))),
    };
  });
};

test("a Java client's batch is read, and the same bytes are written", () => {
  for (const { hex = '', decoded } of readVectors('batchBody')) {
    const expected = decoded as Item[];
    const body = Buffer.from(hex, 'hex');
    assert.equal(readAll(body), expected);
    const items = expected.map(({ flag, body: text, properties }) => ({
      flag,
      body: Buffer.from(text),
      properties,
    }));
    assert.is(encodeBatch(items).toString('hex'), hex);
  }
});

interface BatchVector {
  readonly requestBodyHex: string;
  readonly batchProperties: string;
  readonly firstPhysicalOffset: number;
  readonly storedHex_5_x_withSeparator: readonly string[];
}

test('items are stored with the properties of the whole batch behind their own', () => {
  // The form of 5.x, whose properties end in a separator: 4.9.2 glues the first batch property to the item's last value,
  // which damages its tag.
  const { batch } = readGolden<{ batch: BatchVector }>('store-vectors.json');
  const body = Buffer.from(batch.requestBodyHex, 'hex');
  const batchProperties = Buffer.from(`${batch.batchProperties}\u0002`);
  const fields = Object.assign(new RecordFields(), {
    topic: Buffer.from('BatchT'),
    topicBytes: 6,
    bornTimestamp: 1630000000123,
    bornHost: hostBytes('10.1.2.3'),
    bornPort: 54321,
    storeTimestamp: 1630000000456,
    storeHost: hostBytes('192.168.0.1'),
    storePort: 10911,
    commitLogOffset: batch.firstPhysicalOffset,
    batchProperties,
    batchPropertiesBytes: batchProperties.length,
  });
  const stored = Buffer.from(batch.storedHex_5_x_withSeparator.join(''), 'hex');
  found.read(body, 0, body.length);
  let at = 0;
  const target = Buffer.alloc(stored.length);
  for (let index = 0; index < found.count; index++) {
    Object.assign(fields, {
      queueOffset: index,
      flag: found.flags[index],
      body,
      bodyStart: found.bodyStarts[index],
      bodyBytes: found.bodyLengths[index],
      properties: body,
      propertiesStart: found.propertiesStart(index),
      propertiesBytes: found.propertiesLengths[index],
    });
    const length = encodeRecord(target, at, fields);
    at += length;
    fields.commitLogOffset += length;
  }
  assert.is(target.toString('hex'), stored.toString('hex'));
});

test('what was encoded is read back', () => {
  const word = fc.string({ minLength: 1 }).map((text) => withoutSeparators(text));
  const item = fc.record(
    {
      flag: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
      body: fc.string(),
      properties: fc.dictionary(word, word, { noNullPrototype: true }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(item, { maxLength: 200 }), (items) => {
      const body = encodeBatch(items.map((each) => ({ ...each, body: Buffer.from(each.body) })));
      assert.equal(
        readAll(body),
        items.map((each) => ({ ...each, body: Buffer.from(each.body).toString() })),
      );
    }),
  );
});

const outcome = (body: Buffer): string => {
  try {
    return `${readAll(body).length} items`;
  } catch (error) {
    return errorCode(error) ?? 'untyped';
  }
};

test('any change of a length is refused', () => {
  const body = encodeBatch([
    { flag: 0, body: Buffer.from('abc'), properties: { a: 'b' } },
    { flag: 0, body: Buffer.from('def'), properties: {} },
  ]);
  for (const [at, value] of [
    [0, 0],
    [0, -1],
    [0, 0x7fffffff],
    [16, -1],
    [16, 4],
    [16, 0x7fffffff],
  ] as const) {
    const damaged = Buffer.from(body);
    damaged.writeInt32BE(value, at);
    assert.is(outcome(damaged), 'BATCH_MALFORMED', `${value} at ${at}`);
  }
  for (let length = 1; length < body.length; length++) {
    if (length === body.readInt32BE(0)) continue;
    assert.is(outcome(body.subarray(0, length)), 'BATCH_MALFORMED', `cut at ${length}`);
  }
});

test('a body that reaches into a negative properties length is refused', () => {
  const body = encodeBatch([{ flag: 0, body: Buffer.from('abc'), properties: { a: 'b' } }]);
  const damaged = Buffer.concat([body, Buffer.alloc(4)]);
  const room = body.length - 22;
  damaged.writeInt32BE(room + 1, 16);
  damaged.writeInt16BE(-1, 20 + room + 1);
  assert.is(outcome(damaged), 'BATCH_MALFORMED');
});

test('properties beyond the stored length field are refused', () => {
  const properties = { a: 'x'.repeat(40_000) };
  assert.ok(encodeProperties(properties).length > 32_767);
  assert.throws(
    () => encodeBatch([{ flag: 0, body: Buffer.alloc(0), properties }]),
    (error: unknown) => errorCode(error) === 'BATCH_MALFORMED',
  );
});

test('random bytes end in items or in a typed error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (bytes, isSmall) => {
      const body = Buffer.from(bytes);
      if (isSmall)
        for (const [index, byte] of body.entries()) body[index] = byte % 3 === 0 ? byte & 31 : 0;
      assert.not.equal(outcome(body), 'untyped');
    }),
    { numRuns: 2000 },
  );
});
