import * as assert from 'uvu/assert';
import { ManualClock } from '../../src/base/index.ts';
import { CLIENT_EXPIRY_MS } from '../../src/broker/broker-limits.ts';
import { ProducerTable } from '../../src/broker/producer-table.ts';
import type { Peer } from '../../src/transport/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('producer table');

const client = (clientId: string) => ({
  peer: { remoteAddress: clientId } as Peer, // The table only compares peers.
  clientId,
  language: 'JAVA',
  version: 397,
});

const ids = (table: ProducerTable, group: string) =>
  table.members(group).map(({ clientId }) => clientId);

test('a producer is a member of each group it names, until it leaves or its connection ends', () => {
  const table = new ProducerTable(new ManualClock());
  const [a, b] = [client('a'), client('b')];
  table.register('p', a);
  table.register('p', a);
  table.register('p', b);
  table.register('q', b);
  assert.equal([ids(table, 'p'), ids(table, 'q'), ids(table, 'r')], [['a', 'b'], ['b'], []]);
  table.unregister('p', a.peer);
  table.unregister('p', a.peer);
  table.unregister('r', a.peer);
  assert.equal(ids(table, 'p'), ['b']);
  table.forget(b.peer);
  assert.equal([ids(table, 'p'), ids(table, 'q')], [[], []]);
});

test('only who was silent for more than 120 s is reported', () => {
  const clock = new ManualClock();
  const table = new ProducerTable(clock);
  const [a, b] = [client('a'), client('b')];
  table.register('p', a);
  table.register('p', b);
  clock.advance(CLIENT_EXPIRY_MS);
  assert.equal(table.silent(), []);
  table.register('p', b);
  clock.advance(1);
  assert.equal(table.silent(), [a.peer]);
});
