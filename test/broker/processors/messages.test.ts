import * as assert from 'uvu/assert';
import { ViewMessageById } from '../../../src/protocol/index.ts';
import { suite } from '../../support/suite.ts';
import { bodiesOf, bootBroker, sendOf, stored } from '../broker-fixture.ts';

const test = suite('single messages');

test('a message is found by its place in the log', () => {
  const { client } = bootBroker();
  for (const body of ['a', 'b', 'c']) client.call(sendOf({}, body));
  for (const { view, body } of stored(client)) {
    const answer = client.callAs(ViewMessageById, { offset: view.commitLogOffset });
    assert.equal(bodiesOf(answer), [body]);
  }
});

test('a place where no message begins is answered with its offset', () => {
  const { world, client } = bootBroker();
  client.call(sendOf());
  client.call(sendOf());
  const [first] = stored(client);
  const recordBytes = first?.view.recordBytes ?? 0;
  for (const offset of [1, recordBytes - 1, recordBytes * 2, 1e6, 2 ** 50, -1, -(2 ** 50)]) {
    const answer = client.callAs(ViewMessageById, { offset });
    assert.equal(
      [answer.code, answer.remark],
      [1, `can not find message by the offset, ${offset}`],
    );
  }
  assert.equal(world.failures, []);
});
