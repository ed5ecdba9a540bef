import * as assert from 'uvu/assert';
import { child, Shard } from '../../src/actors/index.ts';
import { PULL_SCAN_MS, PULLS_WAITING_MAX } from '../../src/broker/broker-limits.ts';
import { PullAnswer } from '../../src/broker/pull-answer.ts';
import { PullWork } from '../../src/broker/pull-work.ts';
import { queueActor } from '../../src/broker/queue.actor.ts';
import { LockWork, SendWork } from '../../src/broker/queue-messages.ts';
import { encodeBatch, PULL_FLAG } from '../../src/message/index.ts';
import { DeleteTopicInBroker, requestCommand, SendBatchMessage } from '../../src/protocol/index.ts';
import type { Peer } from '../../src/transport/index.ts';
import { suite } from '../support/suite.ts';
import {
  bodiesOf,
  bootBroker,
  factsOf,
  openStore,
  pullOf,
  sendHeader,
  sendOf,
  T,
  waitingPull,
} from './broker-fixture.ts';

const test = suite('queue actor');
const QUEUE = `queue-${T}-0`;

/** An answer writer that can be told to fail. */
class FragileAnswer extends PullAnswer {
  isBroken = false;

  override execute(...call: Parameters<PullAnswer['execute']>): number {
    if (this.isBroken) throw new Error('injected');
    return super.execute(...call);
  }
}

/** One queue under a supervisor, over a real store. */
const startQueue = () => {
  const { store, env } = openStore();
  const answer = new FragileAnswer(store);
  const shard = new Shard(env);
  const config = { store, answer, topic: T, queueId: 0 };
  const ref = shard.spawnRoot(child({ id: 'queue', actor: queueActor, config }));
  const actor = () => {
    const [facts] = shard.inspect().root.children;
    if (facts === undefined) throw new Error('no queue');
    return facts;
  };
  const run = (): void => env.scheduler.advance(2_000);
  return { actor, answer, ref, run, restarts: () => actor().restarts };
};

const bootWithOne = (settings = {}) => {
  const { world, client } = bootBroker(settings);
  client.call(sendOf());
  return { world, client, waiting: () => factsOf(world, QUEUE)['waiting'] };
};

test('a waiting pull is answered once, by the first message', () => {
  const { world, client, waiting } = bootWithOne();
  const pull = waitingPull(client, 1);
  world.run(4_000);
  assert.equal([pull.settled, waiting()], [0, 1]);
  client.call(sendOf({}, 'first'));
  client.call(sendOf({}, 'second'));
  world.run(30_000);
  assert.is(pull.settled, 1);
  assert.equal(bodiesOf(pull.response), ['first']);
  assert.is(waiting(), 0);
});

test('messages of one turn are answered together', () => {
  const { world, client } = bootWithOne();
  const pull = waitingPull(client, 1);
  world.run(50);
  const items = ['a', 'b', 'c'].map((body) => ({
    flag: 0,
    body: Buffer.from(body),
    properties: {},
  }));
  client.call(requestCommand(SendBatchMessage, sendHeader(), { body: encodeBatch(items) }));
  world.run(50);
  assert.equal(bodiesOf(pull.response), ['a', 'b', 'c']);
});

test('each of many waiting pulls is answered by its own tag only', () => {
  const { world, client, waiting } = bootWithOne();
  const pulls = ['A', 'B', 'A || B', '*', 'C'].map((subscription) =>
    waitingPull(client, 1, 15_000, { subscription }),
  );
  world.run(50);
  client.call(sendOf({ properties: { TAGS: 'B' } }, 'b'));
  world.run(50);
  assert.equal(
    pulls.map(({ response }) => response && bodiesOf(response)),
    [undefined, ['b'], ['b'], ['b'], undefined],
  );
  assert.is(waiting(), 2);
  world.run(16_500);
  for (const index of [0, 4]) {
    assert.is(pulls[index]?.response?.code, 20, 'the deadline finds only what it does not want');
    assert.is(pulls[index]?.response?.extFields?.['nextBeginOffset'], '2');
  }
});

test('other queues of the topic wake nobody', () => {
  const { world, client, waiting } = bootWithOne();
  const pull = waitingPull(client, 1);
  client.call(sendOf({ queueId: 1 }));
  world.run(1_000);
  assert.equal([pull.settled, waiting()], [0, 1]);
});

test('a pull waits as long as it asked to, no longer than a scan more', () => {
  const { world, client } = bootWithOne();
  const start = world.clock.monotonicMs();
  for (const waitMs of [2_500, 7_000]) {
    const pull = waitingPull(client, 1, waitMs);
    world.run(waitMs - 20);
    assert.is(pull.settled, 0, `answered after ${world.clock.monotonicMs() - start} ms`);
    world.run(PULL_SCAN_MS + 60);
    assert.is(pull.settled, 1);
    assert.is(pull.response?.code, 19);
    assert.is(pull.response?.extFields?.['nextBeginOffset'], '1');
  }
});

test('where long polling is off a pull waits as long as the broker says', () => {
  const { world, client } = bootWithOne({ longPollingEnable: false, shortPollingTimeMills: 1_000 });
  const pull = waitingPull(client, 1, 60_000);
  world.run(900);
  assert.is(pull.settled, 0);
  world.run(PULL_SCAN_MS + 200);
  assert.is(pull.response?.code, 19);
});

test('only a pull that may be held is held, and only for messages that are yet to come', () => {
  const { world, client } = bootWithOne();
  const now = [
    waitingPull(client, 1, 15_000, { sysFlag: PULL_FLAG.SUBSCRIPTION }),
    waitingPull(client, 0),
    waitingPull(client, 9),
    waitingPull(client, 0, 15_000, { subscription: 'X' }),
  ];
  world.run(50);
  assert.equal(
    now.map(({ response }) => response?.code),
    [19, 0, 21, 20],
  );
});

test('a pull on a queue that never held a message waits for its first', () => {
  const { world, client } = bootWithOne();
  const pull = waitingPull(client, 0, 15_000, { queueId: 3 });
  world.run(500);
  assert.is(pull.settled, 0);
  client.call(sendOf({ queueId: 3 }, 'first'));
  world.run(50);
  assert.equal(bodiesOf(pull.response), ['first']);
});

test('the pulls of a closed connection are dropped, those of others are not', () => {
  const { world, client, waiting } = bootWithOne();
  const other = world.connect('10.0.0.30');
  const lost = waitingPull(other, 1);
  const kept = waitingPull(client, 1);
  world.run(50);
  assert.is(waiting(), 2);
  other.close();
  world.run(50);
  assert.is(waiting(), 1);
  client.call(sendOf({}, 'next'));
  world.run(50);
  assert.is(lost.response, undefined);
  assert.equal(bodiesOf(kept.response), ['next']);
  assert.equal(world.failures, []);
});

test('more pulls than may wait on a queue are answered at once', () => {
  const { world, client, waiting } = bootWithOne();
  for (let count = 0; count < PULLS_WAITING_MAX; count++) waitingPull(client, 1, 100_000);
  for (let wait = 0; wait < 200 && waiting() !== PULLS_WAITING_MAX; wait++) world.run(200);
  assert.is(waiting(), PULLS_WAITING_MAX);
  const other = world.connect('10.0.0.30');
  const surplus = waitingPull(other, 1, 100_000);
  world.run(50);
  assert.is(surplus.response?.code, 19);
  assert.is(waiting(), PULLS_WAITING_MAX);
});

test('a queue that fails is started again: it forgets its waiting pulls and its lease, not its messages', () => {
  const { actor, answer, ref, run, restarts } = startQueue();
  const work = (queueOffset: number): PullWork =>
    Object.assign(new PullWork(), {
      peer: { isClosed: false } as Peer,
      queueOffset,
      waitUntilMs: 1e12,
    });
  assert.ok(ref.run(new SendWork()) && ref.run(new SendWork()));
  assert.ok(ref.run(Object.assign(new LockWork(), { consumerGroup: 'g', clientId: 'a' })));
  answer.isBroken = true;
  assert.not.ok(ref.run(work(0)));
  assert.not.ok(ref.run(new SendWork()), 'while it restarts it takes nothing');
  answer.isBroken = false;
  run();
  assert.is(restarts(), 1);
  assert.ok(ref.run(new SendWork()));
  assert.equal(actor().facts, { minOffset: 0, maxOffset: 3, waiting: 0, postponed: 0 });
  const lock = Object.assign(new LockWork(), { consumerGroup: 'g', clientId: 'b' });
  assert.ok(ref.run(lock) && lock.isHeld);
});

test('a topic that is deleted under a waiting pull leaves the broker sound', () => {
  const { world, client } = bootWithOne();
  waitingPull(client, 1, 5_000);
  world.run(50);
  assert.is(client.callAs(DeleteTopicInBroker, { topic: T }).code, 0);
  assert.is(client.call(sendOf({}, 'reborn')).code, 0);
  const pull = waitingPull(client, 0);
  world.run(50);
  assert.equal(bodiesOf(pull.response), ['reborn']);
  assert.equal(world.failures, []);
});

/** A broker with old messages that have left main memory; a fetch of them takes 50 ms. */
const bootCold = () => {
  const { world, client } = bootWithOne();
  for (let index = 1; index < 40; index++) client.call(sendOf({}, `${index}`));
  world.disk.fetchDelayMs = () => 50;
  world.disk.evict('commitlog');
  world.disk.stalls = 0;
  return { world, client, postponed: () => factsOf(world, QUEUE)['postponed'] };
};

test('Q3: a pull of old messages is answered after they were fetched; others are served meanwhile', () => {
  const { world, client, postponed } = bootCold();
  const pulls = [0, 3, 5].map((queueOffset) => client.ask(pullOf({ queueOffset })));
  world.run(20);
  assert.equal([pulls.map(({ settled }) => settled), postponed()], [[0, 0, 0], 3]);
  assert.is(client.call(sendOf({}, 'meanwhile')).code, 0);
  assert.is(pulls[0]?.settled, 0, 'a send went in between');
  world.run(100);
  assert.equal(
    pulls.map(({ settled, response }) => [settled, bodiesOf(response)[0]]),
    [
      [1, 'body'],
      [1, '3'],
      [1, '5'],
    ],
  );
  assert.equal([postponed(), world.disk.stalls], [0, 0]);
  assert.is(bodiesOf(client.call(pullOf({ queueOffset: 1 })))[0], '1', 'warm now');
});

test('Q3: postponed pulls go with their connection, and with their queue', () => {
  const { world, client, postponed } = bootCold();
  const other = world.connect();
  other.ask(pullOf());
  const pull = client.ask(pullOf());
  world.run(20);
  assert.is(postponed(), 2);
  other.close();
  world.run(10);
  assert.is(postponed(), 1);
  world.run(100);
  assert.is(pull.settled, 1);
  world.disk.evict('commitlog');
  world.run(20_000);
  client.ask(pullOf());
  world.run(20);
  assert.is(postponed(), 1);
  client.callAs(DeleteTopicInBroker, { topic: T });
  world.run(1_000);
  assert.equal(world.failures, []);
});

test('Q3: a new message beside old ones that left main memory wakes its pull at once', () => {
  const { world, client, postponed } = bootCold();
  const pull = waitingPull(client, 40);
  world.run(20);
  client.call(sendOf({}, 'late'));
  world.run(10);
  assert.equal(bodiesOf(pull.response), ['late'], 'a new message is in memory');
  assert.equal([postponed(), world.disk.stalls], [0, 0]);
});
