import { deflateSync } from 'node:zlib';
import { equal, is, throws } from 'uvu/assert';
import { silentLogger } from '../../src/base/index.ts';
import { INFLATED_BYTES_MAX, receivedMessages } from '../../src/client/incoming.ts';
import { SYS_FLAG } from '../../src/message/index.ts';
import { suite } from '../support/suite.ts';
import { recordingLogger } from '../transport/recording-logger.ts';
import { createFakeCluster } from './fake-cluster.ts';

const test = suite('incoming');

/** The stored record of one message. */
const recordOf = (body: Buffer, properties: string, sysFlag = 0): Buffer => {
  const broker = createFakeCluster().broker();
  broker.createTopic('T', 1);
  broker.store('T', 0, body, properties, sysFlag);
  return broker.topics.get('T')?.[0]?.[0] ?? Buffer.alloc(0);
};

test('what a message says of itself is shown', () => {
  const record = recordOf(Buffer.from('x'), 'UNIQ_KEY\u0001ID\u0002TAGS\u0001A\u0002KEYS\u0001k');
  const [message] = receivedMessages(record, 'b', silentLogger);
  is(message?.msgId, 'ID');
  is(message?.tags, 'A');
  is(message?.keys, 'k');
  is(message?.brokerName, 'b');
  is(message?.storeHost, '10.0.1.1:10911');
});

test('without a unique key the id names the place', () => {
  const [message] = receivedMessages(recordOf(Buffer.from('x'), ''), 'b', silentLogger);
  is(message?.msgId, message?.offsetMessageId);
  is(message?.tags, undefined);
});

test('zlib bodies are inflated, whatever of its two types they carry', () => {
  for (const type of [0, 0x300]) {
    const record = recordOf(deflateSync(Buffer.from('plain')), '', SYS_FLAG.COMPRESSED | type);
    const [message] = receivedMessages(record, 'b', silentLogger);
    equal(message?.body, Buffer.from('plain'));
    is(message?.sysFlag, type);
  }
});

test('other compression, and a body that grows too large, stay as they are, with a warning', () => {
  const bomb = deflateSync(Buffer.alloc(INFLATED_BYTES_MAX + 1));
  for (const [body, type] of [
    [deflateSync(Buffer.from('x')), 0x100],
    [bomb, 0],
  ] as const) {
    const { logger, lines } = recordingLogger();
    const [message] = receivedMessages(recordOf(body, '', 1 | type), 'b', logger);
    equal(message?.body, body);
    is(message?.sysFlag, 1 | type);
    is(lines.length, 1);
  }
});

test('bytes that are no records are an error', () => {
  throws(
    () => receivedMessages(Buffer.alloc(100, 1), 'b', silentLogger),
    (error: { code?: string }) => error.code === 'BAD_RESPONSE',
  );
});
