import { deflateSync } from 'node:zlib';
import { equal, is, throws } from 'uvu/assert';
import { type BodyReader, silentLogger } from '../../src/base/index.ts';
import { messagesAt, receivedMessages } from '../../src/client/incoming.ts';
import { INFLATED_BYTES_MAX } from '../../src/client/stored-message.ts';
import type { ReceivedMessage } from '../../src/client/types.ts';
import { LOG_RUN_BYTES, SYS_FLAG, writeLogRun } from '../../src/message/index.ts';
import { suite } from '../support/suite.ts';
import { recordingLogger } from '../transport/recording-logger.ts';
import { createFakeCluster } from './fake-cluster.ts';

const test = suite('incoming');
const ORIGIN = { brokerName: 'b' };

/** The stored record of one message. */
const recordOf = (body: Buffer, properties: string, sysFlag = 0): Buffer => {
  const broker = createFakeCluster().broker();
  broker.createTopic('T', 1);
  broker.store('T', 0, body, properties, sysFlag);
  return broker.topics.get('T')?.[0]?.[0] ?? Buffer.alloc(0);
};

test('what a message says of itself is shown', () => {
  const record = recordOf(Buffer.from('x'), 'UNIQ_KEY\u0001ID\u0002TAGS\u0001A\u0002KEYS\u0001k');
  const [message] = receivedMessages(record, ORIGIN, silentLogger);
  is(message?.msgId, 'ID');
  is(message?.tags, 'A');
  is(message?.keys, 'k');
  is(message?.brokerName, 'b');
  is(message?.storeHost, '10.0.1.1:10911');
});

test('without a unique key the id names the place', () => {
  const [message] = receivedMessages(recordOf(Buffer.from('x'), ''), ORIGIN, silentLogger);
  is(message?.msgId, message?.offsetMessageId);
  is(message?.tags, undefined);
});

test('zlib bodies are inflated, whatever of its two types they carry', () => {
  for (const type of [0, 0x300]) {
    const record = recordOf(deflateSync(Buffer.from('plain')), '', SYS_FLAG.COMPRESSED | type);
    const [message] = receivedMessages(record, ORIGIN, silentLogger);
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
    const [message] = receivedMessages(recordOf(body, '', 1 | type), ORIGIN, logger);
    equal(message?.body, body);
    is(message?.sysFlag, 1 | type);
    is(lines.length, 1);
  }
});

/** Three records of a log that begins at 1000, as two runs: the first two, and the third. */
const addressed = () => {
  const broker = createFakeCluster().broker();
  broker.createTopic('T', 1);
  for (const body of ['one', 'two', 'three'])
    broker.store('T', 0, Buffer.from(body), 'TAGS\u0001A');
  const log = Buffer.concat(broker.topics.get('T')?.[0] ?? []);
  const third = log.lastIndexOf(Buffer.from('three')) - 88;
  const runs = Buffer.alloc(2 * LOG_RUN_BYTES);
  writeLogRun(runs, writeLogRun(runs, 0, 0, third), third, log.length - third);
  return { log, runs, third };
};

/** Reads `log`; positions from `goneFrom` on are gone. */
const readerOf = (log: Buffer, goneFrom = log.length) => {
  let refreshes = 0;
  const reader: BodyReader = {
    lease: () => undefined,
    copyTo(position, bytes, target, at) {
      if (position + bytes > goneFrom) return false;
      log.copy(target, at, position, position + bytes);
      return true;
    },
    refresh: () => {
      refreshes += 1;
    },
    close: () => undefined,
  };
  return { reader, refreshes: () => refreshes };
};
const rangeOf = (runs: Buffer) => ({ buffer: runs, start: 0, end: runs.length });
const textsOf = (messages: readonly ReceivedMessage[]) => messages.map(({ body }) => String(body));

test('messages at addresses are copied once and are the same', () => {
  const { log, runs } = addressed();
  const { reader } = readerOf(log);
  const { messages, isComplete } = messagesAt(reader, rangeOf(runs), ORIGIN, silentLogger);
  is(isComplete, true);
  equal(textsOf(messages), ['one', 'two', 'three']);
  const [plain] = receivedMessages(log, ORIGIN, silentLogger);
  equal(JSON.stringify(messages[0]), JSON.stringify(plain));
  log.fill(0);
  equal(textsOf(messages), ['one', 'two', 'three'], 'memory of their own');
});

test('what is gone ends the messages, and is told', () => {
  const { log, runs, third } = addressed();
  const some = messagesAt(readerOf(log, third).reader, rangeOf(runs), ORIGIN, silentLogger);
  is(some.isComplete, false);
  equal(textsOf(some.messages), ['one', 'two']);
  const none = messagesAt(readerOf(log, 0).reader, rangeOf(runs), ORIGIN, silentLogger);
  equal(none, { messages: [], isComplete: false });
});

test('other records than the addresses say are looked at once more, then they are an error', () => {
  const { log, runs } = addressed();
  const stale = Buffer.alloc(log.length);
  const { reader, refreshes } = readerOf(stale);
  const healing: BodyReader = { ...reader, refresh: () => log.copy(stale) };
  equal(textsOf(messagesAt(healing, rangeOf(runs), ORIGIN, silentLogger).messages).length, 3);
  const moved = Buffer.from(log);
  moved.writeBigInt64BE(8n, 28);
  for (const wrong of [Buffer.alloc(log.length), moved]) {
    throws(
      () => messagesAt(readerOf(wrong).reader, rangeOf(runs), ORIGIN, silentLogger),
      (error: { code?: string }) => error.code === 'BAD_RESPONSE',
    );
  }
  throws(
    () => messagesAt(reader, { buffer: runs, start: 0, end: 5 }, ORIGIN, silentLogger),
    (error: { code?: string }) => error.code === 'BAD_RESPONSE',
  );
  is(refreshes(), 0);
});

test('bytes that are no records are an error', () => {
  throws(
    () => receivedMessages(Buffer.alloc(100, 1), ORIGIN, silentLogger),
    (error: { code?: string }) => error.code === 'BAD_RESPONSE',
  );
});
