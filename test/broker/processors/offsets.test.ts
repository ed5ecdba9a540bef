import * as assert from 'uvu/assert';
import {
  type CommandDefinition,
  decodeConsumerOffsets,
  GetAllConsumerOffset,
  GetEarliestMsgStoreTime,
  GetMaxOffset,
  GetMinOffset,
  QueryConsumerOffset,
  requestCommand,
  requestOf,
  SearchOffsetByTimestamp,
  UpdateConsumerOffset,
} from '../../../src/protocol/index.ts';
import type { SimClient } from '../../sim/sim-client.ts';
import { SimWorld } from '../../sim/world.ts';
import { suite } from '../../support/suite.ts';
import {
  bootBroker,
  GROUP,
  maxOffsetOf,
  pullOf,
  SEED,
  sendOf,
  stored,
  T,
} from '../broker-fixture.ts';

const test = suite('offsets');

const place = (topic = T, queueId = 0) => ({ topic, queueId });

const commit = (client: SimClient, commitOffset: number, group = GROUP, topic = T) =>
  client.callAs(UpdateConsumerOffset, { consumerGroup: group, ...place(topic), commitOffset }).code;

const committed = (client: SimClient, group = GROUP, topic = T): number | string => {
  const answer = client.callAs(QueryConsumerOffset, { consumerGroup: group, ...place(topic) });
  return answer.code === 0 ? Number(answer.extFields?.['offset']) : `code ${answer.code}`;
};

const sendMany = (client: SimClient, count: number): void => {
  for (let index = 0; index < count; index++) client.call(sendOf({}, `${index}`));
};

test('an offset is what was committed last, forward or back, for each group', () => {
  const { client } = bootBroker();
  sendMany(client, 3);
  assert.is(commit(client, 3), 0);
  assert.is(committed(client), 3);
  commit(client, 1);
  assert.is(committed(client), 1);
  commit(client, 2, 'other');
  assert.equal([committed(client), committed(client, 'other')], [1, 2]);
  client.tell(
    requestCommand(UpdateConsumerOffset, { consumerGroup: GROUP, ...place(), commitOffset: 2 }),
  );
  assert.is(committed(client), 2);
  commit(client, 0);
  assert.is(committed(client), 0);
});

test('a group that is new to a young queue starts at its first message', () => {
  const { client } = bootBroker();
  sendMany(client, 3);
  assert.equal([committed(client), committed(client, 'x', 'None')], [0, 0]);
});

test('a group that is new to a queue whose messages left the memory is told so', () => {
  const world = new SimWorld(SEED);
  world.storeOptions = { memoryBytes: 1_000 };
  world.boot();
  const client = world.connect();
  sendMany(client, 1);
  assert.is(committed(client), 0);
  sendMany(client, 20);
  const answer = client.callAs(QueryConsumerOffset, { consumerGroup: GROUP, ...place() });
  assert.equal(
    [answer.code, answer.remark],
    [22, 'Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first'],
  );
  commit(client, 0);
  assert.is(committed(client), 0);
});

test('a query or a commit makes no topic and no queue', () => {
  const { world, client } = bootBroker();
  for (const topic of ['../../x', 'None', 'y'.repeat(300)]) {
    committed(client, GROUP, topic);
    for (const command of [GetMaxOffset, GetMinOffset]) {
      assert.is(client.callAs(command, place(topic)).extFields?.['offset'], '0');
    }
    client.callAs(GetEarliestMsgStoreTime, place(topic));
    client.callAs(SearchOffsetByTimestamp, { ...place(topic), timestamp: 5 });
  }
  assert.is(world.disk.stat('/store/consumequeue/None'), undefined);
  assert.is(world.disk.stat('/x'), undefined);
  assert.equal(world.failures, []);
});

test('first and next offset of a queue', () => {
  const { client } = bootBroker();
  sendMany(client, 3);
  const offsetOf = (command: typeof GetMaxOffset | typeof GetMinOffset, queueId: number) =>
    client.callAs(command as CommandDefinition<(typeof GetMaxOffset)['request']>, {
      topic: T,
      queueId,
    }).extFields?.['offset'];
  assert.equal([offsetOf(GetMinOffset, 0), offsetOf(GetMaxOffset, 0)], ['0', '3']);
  assert.equal([offsetOf(GetMinOffset, 1), offsetOf(GetMaxOffset, 1)], ['0', '0']);
  assert.equal([offsetOf(GetMinOffset, -1), offsetOf(GetMaxOffset, 99)], ['0', '0']);
});

test('the offset of a time is that of the message stored then, or next to it', () => {
  const { world, client } = bootBroker();
  for (let index = 0; index < 5; index++) {
    client.call(sendOf());
    world.run(1_000);
  }
  const times = stored(client).map(({ view }) => view.storeTimestamp);
  const offsetAt = (timestamp: number): number =>
    Number(client.callAs(SearchOffsetByTimestamp, { ...place(), timestamp }).extFields?.['offset']);
  assert.equal(times.map(offsetAt), [0, 1, 2, 3, 4]);
  assert.is(offsetAt(0), 0);
  assert.ok(offsetAt(Number.MAX_SAFE_INTEGER) >= 4);
  const first = client.callAs(GetEarliestMsgStoreTime, place()).extFields?.['timestamp'];
  assert.is(Number(first), times[0]);
  assert.is(client.callAs(GetEarliestMsgStoreTime, place(T, 3)).extFields?.['timestamp'], '-1');
});

const allOffsets = (client: SimClient) => {
  const { offsetTable } = decodeConsumerOffsets(
    client.call(requestOf(GetAllConsumerOffset.code)).body,
  );
  return [...offsetTable].map(([key, queues]) => [key, [...queues]]);
};

test('offsets survive a stop, and a death of the process 5 s after they were committed', () => {
  const world = new SimWorld(SEED);
  world.boot();
  const client = () => world.connect();
  const first = client();
  sendMany(first, 5);
  commit(first, 3);
  world.stop();
  world.boot();
  const second = client();
  assert.is(committed(second), 3);
  commit(second, 4);
  world.run(6_000);
  commit(second, 5);
  world.crash('all');
  world.boot();
  const third = client();
  assert.is(committed(third), 4);
  assert.equal(allOffsets(third), [[`${T}@${GROUP}`, [[0, 4]]]]);
});

test('after a restart no offset is behind the end of its queue', () => {
  const world = new SimWorld(SEED);
  world.boot();
  const client = world.connect();
  sendMany(client, 3);
  commit(client, 100);
  assert.is(committed(client), 100);
  world.stop();
  world.boot();
  assert.is(committed(world.connect()), 3);
});

test('after a power cut that took messages, groups go on where the log ends', () => {
  const world = new SimWorld(SEED);
  world.boot();
  const client = world.connect();
  sendMany(client, 40);
  commit(client, 40);
  world.disk.syncDelayMs = () => 1e9; // What is written from here on is lost.
  world.crash(0);
  world.disk.syncDelayMs = () => 0;
  world.boot();
  const next = world.connect();
  const max = maxOffsetOf(next);
  assert.ok(Number(committed(next)) <= max);
  assert.is(next.call(sendOf({}, 'after')).code, 0);
  assert.equal(world.failures, []);
});

test('names that no group or topic may have are refused, and nothing is kept of them', () => {
  const { world, client } = bootBroker();
  sendMany(client, 1);
  for (const group of ['', ' ', '../x', 'a/b', 'a@b', 'x'.repeat(256), '\0']) {
    assert.is(committed(client, group), 'code 1', group);
    assert.is(commit(client, 1, group), 1, group);
    assert.is(client.call(pullOf({ consumerGroup: group })).code, 26, group);
  }
  for (const topic of ['', 'a@b', '../x']) assert.is(commit(client, 1, GROUP, topic), 1, topic);
  assert.equal(allOffsets(client), []);
  world.run(6_000);
  assert.equal(world.failures, []);
});
