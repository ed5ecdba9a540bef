import * as assert from 'uvu/assert';
import { ManualClock } from '../../src/base/index.ts';
import { defaultGroup, SubscriptionGroupTable } from '../../src/broker/subscription-group-table.ts';
import type { SubscriptionGroupTableBody } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('subscription group table');

const createTable = (autoCreateSubscriptionGroup: boolean, loaded?: SubscriptionGroupTableBody) => {
  const saved: SubscriptionGroupTableBody[] = [];
  const store = {
    load: () => loaded,
    save: (body: SubscriptionGroupTableBody) => void saved.push(body),
  };
  const clock = new ManualClock();
  return {
    clock,
    saved,
    table: new SubscriptionGroupTable({ autoCreateSubscriptionGroup }, store, clock),
  };
};

test('RocketMQ’s own groups exist from the start and are no change', () => {
  const { table, saved } = createTable(false);
  const names = [...table.table().subscriptionGroupTable.keys()].sort();
  assert.equal(names, [
    'CID_ONS-HTTP-PROXY',
    'CID_ONSAPI_OWNER',
    'CID_ONSAPI_PERMISSION',
    'CID_ONSAPI_PULL',
    'FILTERSRV_CONSUMER',
    'SELF_TEST_C_GROUP',
    'TOOLS_CONSUMER',
  ]);
  assert.is(saved.length, 0);
});

test('a group is created by use where that is allowed, and always for the broker’s own', () => {
  assert.is(createTable(false).table.getOrCreate('g'), undefined);
  assert.ok(createTable(false).table.getOrCreate('CID_RMQ_SYS_TRANS'));
  const { table, saved } = createTable(true);
  assert.equal(table.getOrCreate('g'), defaultGroup('g'));
  assert.is(table.getOrCreate('g'), table.get('g'));
  assert.is(saved.length, 1);
  assert.is(table.get('other'), undefined);
});

test('each change is saved under a new version, a change of nothing is not', () => {
  const { table, saved, clock } = createTable(true);
  table.put({ ...defaultGroup('g'), consumeEnable: false });
  clock.advance(7);
  assert.ok(table.delete('g'));
  assert.not.ok(table.delete('g'));
  assert.equal(
    saved.map(({ dataVersion }) => dataVersion.counter),
    [1, 2],
  );
  assert.is(saved[1]?.dataVersion.timestamp, clock.now());
});

test('what was saved is there again, and overrules the built-in', () => {
  const group = { ...defaultGroup('TOOLS_CONSUMER'), retryMaxTimes: 1 };
  const dataVersion = { counter: 8, timestamp: 5 };
  const { table } = createTable(false, {
    dataVersion,
    subscriptionGroupTable: new Map([[group.groupName, group]]),
  });
  assert.is(table.get('TOOLS_CONSUMER')?.retryMaxTimes, 1);
  assert.equal(table.table().dataVersion, dataVersion);
});
