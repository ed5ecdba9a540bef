import * as assert from 'uvu/assert';
import { MESSAGE_STORE_CONFIG } from '../../src/node/index.ts';
import { storeOptionsOf } from '../../src/node/store-options.ts';
import { suite } from '../support/suite.ts';
import { brokerSettings } from './node-fixture.ts';

const test = suite('store options');
const settings = brokerSettings('/a/store', { flushDiskType: 'SYNC_FLUSH', deleteWhen: '05' });

test('each option is the setting of the same name', () => {
  const options = storeOptionsOf(settings, {});
  const named = Object.entries(options);
  assert.ok(named.length > 15);
  for (const [name, value] of named)
    assert.equal(value, settings[name as keyof typeof settings], name);
  assert.is(options.flushDiskType, 'SYNC_FLUSH');
  assert.is(options.deleteWhen, '05');
});

test('every store setting that works by itself reaches the store', () => {
  const options = storeOptionsOf(settings, {});
  const lost = Object.entries(MESSAGE_STORE_CONFIG)
    .filter(([, { status }]) => status === 'works')
    .map(([name]) => name)
    // The role is the broker's.
    .filter((name) => name !== 'brokerRole' && !Object.hasOwn(options, name));
  assert.equal(lost, []);
});

test('positions go along, and absent ones leave no key', () => {
  const memory = new SharedArrayBuffer(8);
  assert.is(storeOptionsOf(settings, { positionMemory: memory }).positionMemory, memory);
  const resumed = storeOptionsOf(settings, { resumeFrom: memory });
  assert.is(resumed.resumeFrom, memory);
  assert.not.ok('positionMemory' in resumed);
});
