import * as assert from 'uvu/assert';
import { readInt32BE } from '../../src/base/index.ts';
import {
  encodeBlank,
  encodeRecord,
  publishRecord,
  RecordEncoder,
  RecordFields,
  RecordView,
  readRecord,
  recordBytes,
  SYS_FLAG,
  storedPropertiesBytes,
} from '../../src/message/index.ts';
import { readGolden, readVectors } from '../support/golden.ts';
import { suite } from '../support/suite.ts';
import { fieldsOf, recordVectors } from './record-vectors.ts';

const test = suite('record encode');
const written = recordVectors().filter(({ version }) => version === 'V1');

for (const vector of written) {
  test(`the bytes are those of the 4.9.2 store: ${vector.name}`, () => {
    const fields = fieldsOf(vector);
    assert.is(recordBytes(fields), vector.totalSize);
    const target = Buffer.alloc(vector.totalSize + 20, 0xee);
    assert.is(encodeRecord(target, 10, fields), vector.totalSize);
    assert.is(target.toString('hex', 10, 10 + vector.totalSize), vector.hex);
    assert.is(target.toString('hex', 0, 10), 'ee'.repeat(10));
    assert.is(target.toString('hex', 10 + vector.totalSize), 'ee'.repeat(10));
  });
}

test('a record of a pull answer is written again byte for byte', () => {
  for (const { hex = '' } of readVectors('messageRecord')) {
    const bytes = Buffer.from(hex, 'hex');
    const view = new RecordView();
    assert.is(readRecord(bytes, 0, bytes.length, view, true), 'record');
    const fields = Object.assign(new RecordFields(), view, {
      bornHost: bytes.subarray(view.bornHostStart, view.bornHostStart + 4),
      bornPort: readInt32BE(bytes, view.bornHostStart + 4),
      storeHost: bytes.subarray(view.storeHostStart, view.storeHostStart + 4),
      storePort: readInt32BE(bytes, view.storeHostStart + 4),
      body: bytes,
      topic: bytes,
      properties: bytes,
    });
    const target = Buffer.alloc(bytes.length);
    encodeRecord(target, 0, fields);
    assert.is(target.toString('hex'), hex);
  }
});

test('until it is published a record does not exist', () => {
  const [vector] = written;
  assert.ok(vector);
  const target = Buffer.alloc(vector.totalSize);
  const length = new RecordEncoder().encodeUnpublished(target, 0, fieldsOf(vector));
  assert.is(readInt32BE(target, 0), 0);
  assert.is(readRecord(target, 0, target.length, new RecordView(), true), 'corrupt');
  publishRecord(target, 0, length);
  assert.is(readRecord(target, 0, target.length, new RecordView(), true), 'record');
});

test('a host bit a client made up does not tear the record', () => {
  const [vector] = written;
  assert.ok(vector);
  const fields = fieldsOf(vector);
  fields.sysFlag |= SYS_FLAG.BORN_HOST_V6 | SYS_FLAG.STORE_HOST_V6;
  const target = Buffer.alloc(vector.totalSize);
  encodeRecord(target, 0, fields);
  assert.is(target.toString('hex'), vector.hex);
});

test('batch properties follow with one separator, wherever it comes from', () => {
  const lengths = (properties: string, batchProperties: string): number =>
    storedPropertiesBytes(
      Object.assign(new RecordFields(), {
        properties: Buffer.from(properties),
        propertiesBytes: properties.length,
        batchProperties: Buffer.from(batchProperties),
        batchPropertiesBytes: batchProperties.length,
      }),
    );
  assert.is(lengths('a\u0001b', 'c\u0001d'), 7);
  assert.is(lengths('a\u0001b\u0002', 'c\u0001d'), 7);
  assert.is(lengths('', 'c\u0001d'), 3);
  assert.is(lengths('a\u0001b', ''), 3);
});

interface BlankVector {
  readonly wrotePosition: number;
  readonly segmentSize: number;
  readonly remaining: number;
  readonly blankHex: string | null;
}

test('the rest of a full segment is marked as RocketMQ marks it', () => {
  const { endOfFileBlank } = readGolden<{ endOfFileBlank: BlankVector[] }>('store-vectors.json');
  for (const { wrotePosition, segmentSize, remaining, blankHex } of endOfFileBlank) {
    assert.is(segmentSize - wrotePosition, remaining);
    if (blankHex === null) continue;
    const target = Buffer.alloc(remaining);
    encodeBlank(target, 0, remaining);
    assert.is(target.toString('hex', 0, 8), blankHex);
    const view = new RecordView();
    assert.is(readRecord(target, 0, remaining, view, true), 'blank');
    assert.is(view.recordBytes, remaining);
  }
});
