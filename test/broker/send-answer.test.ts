import * as assert from 'uvu/assert';
import { ACKS_WAITING_MAX } from '../../src/broker/broker-limits.ts';
import { encodeBatch } from '../../src/message/index.ts';
import { requestCommand, SendBatchMessage } from '../../src/protocol/index.ts';
import type { SimWorld } from '../sim/world.ts';
import { suite } from '../support/suite.ts';
import { bootBroker, factsOf, sendHeader, sendOf } from './broker-fixture.ts';

const test = suite('answers of sends');

const SYNC_MS = 500;

const bootSlowDisk = () => {
  const { world, client } = bootBroker({ flushDiskType: 'SYNC_FLUSH' });
  client.call(sendOf());
  world.disk.syncDelayMs = () => SYNC_MS;
  return { world, client };
};

const batch = (properties: Readonly<Record<string, string>> = {}) =>
  requestCommand(SendBatchMessage, sendHeader({ properties }), {
    body: encodeBatch([
      { flag: 0, body: Buffer.from('a'), properties: {} },
      { flag: 0, body: Buffer.from('b'), properties: {} },
    ]),
  });

test('SYNC_FLUSH: a send is answered when its flush has ended, in the order stored', () => {
  const { world, client } = bootSlowDisk();
  const asked = [sendOf(), batch(), sendOf({ queueId: 1 })].map((command) => client.ask(command));
  world.run(SYNC_MS - 10);
  assert.equal(
    asked.map(({ settled }) => settled),
    [0, 0, 0],
  );
  world.run(2 * SYNC_MS + 100);
  const places = asked.map(({ response }) => [
    response?.code,
    response?.extFields?.['queueId'],
    response?.extFields?.['queueOffset'],
    response?.extFields?.['msgId']?.split(',').length,
  ]);
  assert.equal(places, [
    [0, '0', '1', 1],
    [0, '0', '2', 2],
    [0, '1', '0', 1],
  ]);
});

test('SYNC_FLUSH: who does not want to wait (WAIT=false) does not', () => {
  const { world, client } = bootSlowDisk();
  const properties = { WAIT: 'false' };
  const asked = [sendOf({ properties }), batch(properties)].map((command) => client.ask(command));
  world.run(20);
  assert.equal(
    asked.map(({ response }) => response?.code),
    [0, 0],
  );
});

test('SYNC_FLUSH: a failed flush answers what waited with an error, never OK', () => {
  const { world, client } = bootSlowDisk();
  world.disk.failNextSync('commitlog', 1_000);
  const asked = [sendOf(), batch(), sendOf()].map((command) => client.ask(command));
  world.run(4 * SYNC_MS);
  for (const { response } of asked) {
    assert.is(response?.code, 14);
    assert.match(response?.remark ?? '', /^service not available now\./);
  }
  assert.is(client.call(sendOf()).code, 14);
  assert.is(client.call(batch()).code, 14);
});

test('SYNC_FLUSH: a closed connection gets nothing, the others do', () => {
  const { world, client } = bootSlowDisk();
  const other = world.connect('10.0.0.30');
  other.ask(sendOf());
  const asked = client.ask(sendOf());
  world.run(20);
  other.close();
  world.run(3 * SYNC_MS);
  assert.is(asked.response?.code, 0);
  assert.equal(world.failures, []);
});

const waitingOf = (world: SimWorld): number => Number(factsOf(world, 'broker')['sendsWaiting']);
const appendedOf = (world: SimWorld): unknown => factsOf(world, 'broker')['appended'];

test('more sends than may wait are refused before they are stored', () => {
  const { world, client } = bootSlowDisk();
  const other = world.connect('10.0.0.30');
  world.disk.syncDelayMs = () => 1e9;
  for (let asked = 0; asked < ACKS_WAITING_MAX; ) {
    for (let count = 0; count < 8_192 && asked < ACKS_WAITING_MAX; count++) {
      asked += 1;
      client.ask(sendOf({}, 'x'), 1e8);
    }
    for (let wait = 0; wait < 1_000 && waitingOf(world) < asked; wait++) world.run(500);
  }
  const before = appendedOf(world);
  assert.is(waitingOf(world), ACKS_WAITING_MAX);
  assert.is(other.call(sendOf()).code, 2);
  assert.is(waitingOf(world), ACKS_WAITING_MAX);
  assert.is(appendedOf(world), before);
});
