import * as assert from 'uvu/assert';
import { parseProperties } from '../../src/message/index.ts';
import { suite } from '../support/suite.ts';
import { bootBroker, GROUP, maxOffsetOf, pullOf, sendOf, stored, T } from './broker-fixture.ts';

const test = suite('offset moved events');
const EVENTS = 'OFFSET_MOVED_EVENT';

test('a pull beyond the queue is told in a topic of its own', () => {
  const { client } = bootBroker();
  client.call(sendOf());
  assert.is(client.call(pullOf({ queueOffset: 9 })).code, 21);
  const [event, ...others] = stored(client, EVENTS);
  assert.equal(others, []);
  assert.equal(JSON.parse(event?.body ?? ''), {
    consumerGroup: GROUP,
    messageQueue: { brokerName: 'broker-a', queueId: 0, topic: T },
    offsetNew: 0,
    offsetRequest: 9,
  });
  const properties = parseProperties(event?.properties ?? '');
  assert.equal([properties.get('TAGS'), properties.get('KEYS')], [GROUP, GROUP]);
});

test('pulls that find nothing yet are no event', () => {
  const { client } = bootBroker();
  client.call(sendOf());
  assert.is(client.call(pullOf({ queueOffset: 1 })).code, 19);
  assert.is(client.call(pullOf({ queueOffset: 0, subscription: 'X' })).code, 20);
  assert.is(maxOffsetOf(client, EVENTS), 0);
});

test('where the disk refuses the event the pull is answered all the same', () => {
  const { world, client } = bootBroker();
  client.call(sendOf());
  world.disk.setCapacity(0);
  for (let count = 0; count < 400; count++) {
    assert.is(client.call(pullOf({ queueOffset: 9 })).code, 21);
  }
  assert.equal(world.failures, []);
});
