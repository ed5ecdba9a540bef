import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import {
  decodeRecord,
  decodeRecords,
  encodeRecord,
  RECORD_AT,
  RecordView,
  readRecord,
} from '../../src/message/index.ts';
import { readVectors } from '../support/golden.ts';
import { suite } from '../support/suite.ts';
import { fieldsOf, recordVectors } from './record-vectors.ts';

const test = suite('record decode');

for (const vector of recordVectors()) {
  test(`a record of the 4.9.2 (V1) or 5.x (V2) store is read: ${vector.name}`, () => {
    const bytes = Buffer.from(`ffff${vector.hex}`, 'hex');
    const view = new RecordView();
    assert.is(readRecord(bytes, 2, bytes.length, view, true), 'record');
    assert.is(view.recordBytes, vector.totalSize);
    const message = decodeRecord(bytes, 2);
    const { fields } = vector;
    assert.is(message.topic, fields.topic);
    assert.is(message.queueId, fields.queueId);
    assert.is(message.flag, fields.flag);
    assert.is(message.queueOffset, fields.queueOffset);
    assert.is(message.commitLogOffset, fields.physicalOffset);
    assert.is(message.sysFlag, vector.storedSysFlag);
    assert.is(message.bornTimestamp, fields.bornTimestamp);
    assert.is(message.storeTimestamp, fields.storeTimestamp);
    assert.is(message.reconsumeTimes, fields.reconsumeTimes);
    assert.is(message.preparedTransactionOffset, fields.preparedTransactionOffset);
    assert.is(message.body.toString('hex'), fields.bodyHex);
    const [host, port] = fields.bornHost;
    assert.is(message.bornHost, host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
    if (fields.physicalOffset < 2 ** 53) assert.is(message.offsetMessageId, vector.msgId);
  });
}

test('a record of a pull answer is read', () => {
  for (const { hex = '', decoded } of readVectors('messageRecord')) {
    const expected = decoded as Record<string, unknown>;
    const bytes = Buffer.from(hex + hex, 'hex');
    const messages = decodeRecords(bytes);
    assert.is(messages.length, 2);
    for (const message of messages) {
      assert.is(message.topic, expected['topic']);
      assert.is(message.body.toString(), expected['bodyUtf8']);
      assert.is(message.bodyCrc, expected['bodyCrc']);
      assert.is(message.bornHost, expected['bornHost']);
      assert.is(message.storeHost, expected['storeHost']);
      assert.is(message.offsetMessageId, expected['offsetMsgId']);
      assert.equal(Object.fromEntries(message.properties), expected['properties']);
    }
  }
});

const [plain] = recordVectors();
const plainBytes = Buffer.from(plain?.hex ?? '', 'hex');

test('every flipped bit of lengths, magic or body is noticed', () => {
  const view = new RecordView();
  const { bodyBytes } = RECORD_AT;
  const watched = [0, 1, 2, 3, 4, 5, 6, 7, 8, bodyBytes, bodyBytes + 3, 88, 95, 102];
  for (const at of watched) {
    for (let bit = 0; bit < 8; bit++) {
      const bytes = Buffer.from(plainBytes);
      bytes[at] = (bytes[at] as number) ^ (1 << bit);
      assert.is.not(readRecord(bytes, 0, bytes.length, view, true), 'record', `${at}.${bit}`);
    }
  }
});

test('a record whose parts do not fill its length is corrupt', () => {
  const longer = Buffer.concat([plainBytes, Buffer.alloc(1)]);
  longer.writeInt32BE(longer.length, 0);
  assert.is(readRecord(longer, 0, longer.length, new RecordView(), true), 'corrupt');
});

test('a record that goes on behind the limit is partial, zeroes are the end', () => {
  const view = new RecordView();
  for (let limit = 0; limit < plainBytes.length; limit++) {
    assert.is(readRecord(plainBytes, 0, limit, view, true), 'partial');
  }
  assert.is(readRecord(Buffer.alloc(200), 0, 200, view, true), 'end');
});

test('random bytes are one of the known kinds and never read beyond the limit', () => {
  const view = new RecordView();
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(plainBytes.length - 1), fc.nat(255)), { maxLength: 6 }),
      fc.nat(plainBytes.length),
      (changes, limit) => {
        const bytes = Buffer.from(plainBytes);
        for (const [at, value] of changes) bytes[at] = value;
        const kind = readRecord(bytes, 0, limit, view, false);
        assert.ok(['record', 'blank', 'partial', 'corrupt', 'end'].includes(kind));
        if (kind === 'record') assert.ok(view.propertiesStart + view.propertiesBytes <= limit);
      },
    ),
    { numRuns: 2000 },
  );
});

test('what was encoded is read back', () => {
  const target = Buffer.alloc(2000);
  for (const vector of recordVectors().filter(({ version }) => version === 'V1')) {
    const length = encodeRecord(target, 5, fieldsOf(vector));
    assert.is(decodeRecord(target, 5).storeBytes, length);
  }
});

test('no message where none is', () => {
  assert.throws(
    () => decodeRecord(Buffer.alloc(100)),
    (error: unknown) => errorCode(error) === 'RECORD_CORRUPT',
  );
});
