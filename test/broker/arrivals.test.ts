import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { actorOf, bodiesOf, bootBroker, sendOf, T, waitingPull } from './broker-fixture.ts';

const test = suite('arrivals');

test('pulls of several queues are woken in the turn their messages come in', () => {
  const { world, client } = bootBroker();
  client.call(sendOf());
  const pulls = [1, 2, 3].map((queueId) => waitingPull(client, 0, 15_000, { queueId }));
  world.run(50);
  for (const queueId of [1, 2, 3]) client.ask(sendOf({ queueId }, `to ${queueId}`));
  world.run(200);
  assert.equal(
    pulls.map(({ response }) => bodiesOf(response)),
    [['to 1'], ['to 2'], ['to 3']],
  );
});

test('a queue is told of arrivals once a turn, and only where someone waits for them', () => {
  const { world, client } = bootBroker();
  client.call(sendOf());
  const handled = (): number => actorOf(world, `queue-${T}-0`).handled;
  const cost = (): number => {
    const before = handled();
    client.call(sendOf({ properties: { TAGS: 'A' } }));
    return handled() - before;
  };
  assert.is(cost(), 1);
  waitingPull(client, 2, 15_000, { subscription: 'B' });
  world.run(10);
  assert.is(cost(), 1);
  waitingPull(client, 3, 15_000, { subscription: 'A' });
  world.run(10);
  assert.is(cost(), 2);
});

test('SYNC_FLUSH: a waiting pull gets a message that is on the disk', () => {
  const { world, client } = bootBroker({ flushDiskType: 'SYNC_FLUSH' });
  client.call(sendOf());
  const pull = waitingPull(client, 1);
  world.run(50);
  world.disk.syncDelayMs = () => 100;
  const sent = client.ask(sendOf({}, 'durable'));
  world.run(60);
  assert.equal([pull.settled, sent.settled], [0, 0]);
  world.run(300);
  assert.equal(bodiesOf(pull.response), ['durable']);
  assert.is(sent.response?.code, 0);
});

test('an internal message wakes who waits for it', () => {
  const { world, client } = bootBroker();
  const pull = waitingPull(client, 0, 15_000, { topic: 'OFFSET_MOVED_EVENT' });
  client.call(sendOf());
  waitingPull(client, 77);
  world.run(50);
  assert.is(bodiesOf(pull.response).length, 1);
});
