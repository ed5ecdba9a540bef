import * as assert from 'uvu/assert';
import {
  encodeProperties,
  encodeRecord,
  parseDelayLevels,
  RecordFields,
  recordBytes,
  tagsCode,
} from '../../src/message/index.ts';
import { Dispatcher } from '../../src/storage/dispatcher.ts';
import { LogReader } from '../../src/storage/log-reader.ts';
import { UnitReader } from '../../src/storage/queue-unit.ts';
import { suite } from '../support/suite.ts';
import { LogFixture } from './log-fixture.ts';
import { QueueFixture, unitsOf } from './queue-fixture.ts';

const test = suite('storage/dispatcher');

class Fixture {
  readonly logs = new LogFixture(8192);
  readonly queues = new QueueFixture(1000);
  readonly dispatcher: Dispatcher;

  constructor() {
    const { positions, segments } = this.logs;
    const levels = parseDelayLevels('1s 5s 10s');
    const reader = new LogReader(segments);
    this.dispatcher = new Dispatcher(this.queues.table, positions, reader, levels);
  }

  put(
    given: Partial<RecordFields> & { topicName?: string; text?: Record<string, string> },
  ): number {
    const { logs } = this;
    const fields = Object.assign(new RecordFields(), given);
    fields.bornHost = fields.bornHost.length === 0 ? Buffer.alloc(4, 1) : fields.bornHost;
    fields.storeHost = Buffer.alloc(4, 2);
    fields.topic = Buffer.from(given.topicName ?? 'T');
    fields.topicBytes = fields.topic.length;
    fields.properties = Buffer.from(encodeProperties(given.text ?? {}));
    fields.propertiesBytes = fields.properties.length;
    fields.commitLogOffset = logs.positions.appended;
    const bytes = recordBytes(fields);
    logs.log.claim(bytes);
    encodeRecord(logs.log.window, logs.log.windowIndex, fields);
    logs.log.commit(bytes);
    return bytes;
  }

  codes(topic: string, queueId = 0): number[] {
    const queue = this.queues.queue(topic, queueId);
    const reader = new UnitReader();
    return Array.from({ length: queue.maxOffset - queue.minOffset }, (_, index) => {
      queue.read(queue.minOffset + index, 1, reader);
      return Number(reader.buffer.readBigInt64BE(reader.index + 12));
    });
  }
}

test('each record goes to its own queue, by topic and queue id, in the order of the log', () => {
  const fixture = new Fixture();
  for (let index = 0; index < 30; index++) {
    const topicName = ['A', 'B', '名字'][index % 3] ?? 'A';
    fixture.put({ topicName, queueId: index % 2, queueOffset: Math.floor(index / 6) });
  }
  const { positions } = fixture.logs;
  fixture.dispatcher.advance(positions.appended);
  assert.is(positions.dispatched, positions.appended);
  assert.is(fixture.queues.table.queues().length, 6);
  for (const queue of fixture.queues.table.queues()) assert.is(unitsOf(queue).length, 5);
});

test('half and rolled-back records are in no queue, committed ones are', () => {
  const fixture = new Fixture();
  for (const [index, sysFlag] of [0, 4, 8, 12].entries())
    fixture.put({ sysFlag, queueOffset: index === 2 ? 1 : 0 });
  fixture.dispatcher.advance(fixture.logs.positions.appended);
  assert.is(fixture.queues.queue().maxOffset, 2);
});

test('the code of a unit is its tag’s hash, the whole text counts, none is 0', () => {
  const fixture = new Fixture();
  const tags = ['TagA', 'a || b', 'polygenelubricants', '标签'];
  tags.forEach((TAGS, queueOffset) => {
    fixture.put({ queueOffset, text: { KEYS: 'k', TAGS } });
  });
  fixture.put({ queueOffset: tags.length, text: { KEYS: 'k' } });
  fixture.dispatcher.advance(fixture.logs.positions.appended);
  assert.equal(fixture.codes('T'), [...tags.map(tagsCode), 0]);
});

test('the code of a delayed record is its delivery time; the level is capped', () => {
  const fixture = new Fixture();
  const topicName = 'SCHEDULE_TOPIC_XXXX';
  const storeTimestamp = 1_700_000_000_000;
  ['1', '3', '99', '0', 'x'].forEach((DELAY, queueOffset) => {
    fixture.put({ topicName, queueOffset, storeTimestamp, text: { DELAY, TAGS: 'TagA' } });
  });
  fixture.put({ topicName: 'T', storeTimestamp, text: { DELAY: '1', TAGS: 'TagA' } });
  fixture.dispatcher.advance(fixture.logs.positions.appended);
  const tag = tagsCode('TagA');
  assert.equal(fixture.codes(topicName), [
    storeTimestamp + 1_000,
    storeTimestamp + 10_000,
    storeTimestamp + 10_000,
    tag,
    tag,
  ]);
  assert.equal(fixture.codes('T'), [tag]);
});

test('an arrival is told for queues with waiters, once, with what the waiter needs', () => {
  const fixture = new Fixture();
  const told: unknown[] = [];
  fixture.dispatcher.onArrival = (queue, queueOffset, code) =>
    told.push([queue.topic, queueOffset, code]);
  fixture.queues.queue('B').hasWaiters = true;
  fixture.put({ topicName: 'A' });
  fixture.put({ topicName: 'B', text: { TAGS: 'TagA' } });
  const { appended } = fixture.logs.positions;
  fixture.dispatcher.advance(appended);
  assert.equal(told, [['B', 0, tagsCode('TagA')]]);
  fixture.dispatcher.walk(0, appended);
  assert.is(told.length, 1, 'a repetition is no arrival');
});

test('a walk that must not leave gaps stops before the record that would', () => {
  const fixture = new Fixture();
  const bytes = fixture.put({ queueOffset: 0 });
  fixture.put({ queueOffset: 2 });
  fixture.dispatcher.allowsGaps = false;
  const { appended } = fixture.logs.positions;
  assert.is(fixture.dispatcher.walk(0, appended), bytes);
  fixture.dispatcher.allowsGaps = true;
  assert.is(fixture.dispatcher.walk(0, appended), appended);
  assert.is(fixture.queues.queue().maxOffset, 3);
});

test('a log that cannot be read is a bug, not a silent stop', () => {
  const fixture = new Fixture();
  fixture.put({});
  fixture.logs.damage(4, Buffer.from('bad!'));
  assert.throws(
    () => fixture.dispatcher.advance(fixture.logs.positions.appended),
    /cannot be read/,
  );
});

test('a removed topic is forgotten', () => {
  const fixture = new Fixture();
  fixture.put({ queueOffset: 0 });
  fixture.dispatcher.advance(fixture.logs.positions.appended);
  fixture.queues.table.remove('T');
  fixture.dispatcher.forget();
  fixture.put({ queueOffset: 0 });
  fixture.dispatcher.advance(fixture.logs.positions.appended);
  assert.is(fixture.queues.queue().maxOffset, 1);
});
