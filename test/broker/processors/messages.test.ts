import * as assert from 'uvu/assert';
import { requestCommand, ViewMessageById } from '../../../src/protocol/index.ts';
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

test('a message that left main memory is answered after it was fetched; a long one as it is', () => {
  const { world, client } = bootBroker();
  const long = 'long'.repeat(12_000);
  client.call(sendOf({}, 'short'));
  client.call(sendOf({}, long));
  const places = stored(client).map(({ view }) => view.commitLogOffset);
  world.disk.fetchDelayMs = () => 50;
  world.disk.evict('commitlog');
  world.disk.stalls = 0;
  world.run(20_000);
  const asked = [...places, 7].map((offset) =>
    client.ask(requestCommand(ViewMessageById, { offset })),
  );
  world.run(20);
  assert.equal(
    asked.map(({ settled }) => settled),
    [0, 0, 0],
  );
  assert.is(client.call(sendOf({}, 'meanwhile')).code, 0);
  world.run(1_000);
  assert.equal(
    asked.map(({ response }) => [response?.code, response?.remark ?? bodiesOf(response)[0]]),
    [
      [0, 'short'],
      [0, long],
      [1, 'can not find message by the offset, 7'],
    ],
  );
  assert.equal([world.disk.stalls, world.failures.length], [0, 0]);
});
