import * as assert from 'uvu/assert';
import { addressText } from '../../src/message/index.ts';
import { suite } from '../support/suite.ts';
import { bootBroker, pullOf, sendOf, stored } from './broker-fixture.ts';

const test = suite('internal producer');

test("the broker's own messages come from its own address, untouched by the send before", () => {
  const { world, client } = bootBroker();
  client.call(sendOf({ sysFlag: 1, reconsumeTimes: 3, properties: { TAGS: 'left over' } }));
  client.call(pullOf({ queueOffset: 9 }));
  const answer = client.call(pullOf({ topic: 'OFFSET_MOVED_EVENT' }));
  const [record] = stored(client, 'OFFSET_MOVED_EVENT');
  assert.ok(record && answer.body);
  const { view, properties } = record;
  assert.equal([view.sysFlag, view.flag, view.reconsumeTimes, view.queueId], [0, 0, 0, 0]);
  for (const at of [view.bornHostStart, view.storeHostStart]) {
    const host = answer.body.subarray(at, at + 4);
    assert.is(addressText(host, answer.body.readInt32BE(at + 4)), '10.0.0.1:10911');
  }
  assert.ok(Math.abs(view.bornTimestamp - world.clock.now()) < 10_000);
  assert.not.match(properties, 'left over');
});

test('a send after it is stored as it was sent', () => {
  const { client } = bootBroker();
  client.call(sendOf());
  client.call(pullOf({ queueOffset: 9 }));
  client.call(sendOf({}, 'mine'));
  const [, mine] = stored(client);
  assert.equal([mine?.body, mine?.view.flag, mine?.view.bornTimestamp], ['mine', 7, 1.6e12]);
});
