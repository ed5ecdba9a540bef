import { inspect } from 'node:util';
import { deflateSync } from 'node:zlib';
import { equal, is, match } from 'uvu/assert';
import { silentLogger } from '../../src/base/index.ts';
import { StoredMessage } from '../../src/client/stored-message.ts';
import {
  decodeRecord,
  encodeRecord,
  hostBytes,
  publishRecord,
  RecordFields,
  recordBytes,
  SYS_FLAG,
} from '../../src/message/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('stored-message');
const PROPERTIES = 'TAGS\u0001A\u0002own\u0001ä\u0002KEYS\u0001k l\u0002UNIQ_KEY\u0001ID';

/** A record at position 3 of its buffer. */
const recordOf = (over: Partial<RecordFields> = {}, text = PROPERTIES): Buffer => {
  const fields = new RecordFields();
  const body = Buffer.from('the body');
  const topic = Buffer.from('TopicTest');
  const properties = Buffer.from(text);
  Object.assign(fields, {
    queueId: 3,
    flag: 7,
    queueOffset: 2 ** 40,
    commitLogOffset: 2 ** 41 + 5,
    bornTimestamp: 1_600_000_000_001,
    bornHost: hostBytes('10.0.9.9'),
    bornPort: 4711,
    storeTimestamp: 1_600_000_000_002,
    storeHost: hostBytes('10.0.0.1'),
    storePort: 10911,
    reconsumeTimes: 2,
    preparedTransactionOffset: 99,
    body,
    bodyBytes: body.length,
    topic,
    topicBytes: topic.length,
    properties,
    propertiesBytes: properties.length,
    ...over,
  });
  const record = Buffer.alloc(recordBytes(fields) + 16);
  const bytes = encodeRecord(record, 3, fields);
  publishRecord(record, 3, bytes);
  return record.subarray(0, 3 + bytes);
};

const HOSTS: Readonly<Record<string, Partial<RecordFields>>> = {
  'IPv4 hosts': {},
  'an IPv6 born host': { sysFlag: SYS_FLAG.BORN_HOST_V6, bornHost: hostBytes('fe80::1') },
  'an IPv6 store host': { sysFlag: SYS_FLAG.STORE_HOST_V6, storeHost: hostBytes('fe80::2') },
  'IPv6 hosts': {
    sysFlag: SYS_FLAG.BORN_HOST_V6 | SYS_FLAG.STORE_HOST_V6,
    bornHost: hostBytes('fe80::1'),
    storeHost: hostBytes('fe80::2'),
  },
};
for (const [name, hosts] of Object.entries(HOSTS)) {
  test(`every value is that of the decoder (${name})`, () => {
    const record = recordOf(hosts);
    const expected = decodeRecord(record, 3);
    const message = new StoredMessage(record, 3, 'broker-a', silentLogger);
    for (const key of Object.keys(expected) as (keyof typeof expected)[]) {
      equal(message[key], expected[key], key);
    }
    is(message.msgId, 'ID');
    is(message.tags, 'A');
    is(message.keys, 'k l');
    is(message.brokerName, 'broker-a');
    is(message.storedBodyBytes, 8);
  });
}

test('a record of a later version, with a long topic, is read too', () => {
  const v1 = recordOf();
  const expected = decodeRecord(v1, 3);
  const topicAt = v1.indexOf('TopicTest') - 1;
  const v2 = Buffer.concat([v1.subarray(0, topicAt), Buffer.alloc(1), v1.subarray(topicAt)]);
  v2.writeInt32BE(v1.length - 3 + 1, 3);
  v2.writeInt32BE(0xdaa320ab | 0, 7);
  const message = new StoredMessage(v2, 3, 'b', silentLogger);
  is(message.topic, expected.topic);
  is(message.tags, 'A');
  equal(message.properties, expected.properties);
});

test('tags, keys and id are found alone and among all properties', () => {
  const message = new StoredMessage(
    recordOf({}, 'TAGS\u0001A\u0002TAGS\u0001B'),
    3,
    'b',
    silentLogger,
  );
  is(message.tags, 'B', 'the later one wins, as in the parser');
  is(message.properties.get('TAGS'), 'B');
  is(message.tags, 'B');
  is(message.keys, undefined);
  is(message.msgId, message.offsetMessageId);
});

test('a compressed body is inflated when it is looked at, and so is the flag', () => {
  const body = deflateSync(Buffer.from('plain'));
  const record = recordOf({ body, bodyBytes: body.length, sysFlag: SYS_FLAG.COMPRESSED });
  const message = new StoredMessage(record, 3, 'b', silentLogger);
  is(message.storedBodyBytes, body.length);
  is(message.storedSysFlag, SYS_FLAG.COMPRESSED);
  is(message.sysFlag, 0);
  is(String(message.body), 'plain');
  is(message.body, message.body);
});

test('another topic is the same message otherwise', () => {
  const message = new StoredMessage(recordOf(), 3, 'b', silentLogger);
  const other = message.withTopic('Real');
  is(other.topic, 'Real');
  is(message.topic, 'TopicTest');
  equal({ ...other.toJSON(), topic: '' }, { ...message.toJSON(), topic: '' });
});

test('it can be printed and written as JSON', () => {
  const message = new StoredMessage(recordOf(), 3, 'b', silentLogger);
  match(inspect(message), /topic: 'TopicTest'/);
  const parsed = JSON.parse(JSON.stringify(message)) as Record<string, unknown>;
  is(parsed['queueOffset'], 2 ** 40);
  equal(parsed['properties'], { TAGS: 'A', own: 'ä', KEYS: 'k l', UNIQ_KEY: 'ID' });
});
