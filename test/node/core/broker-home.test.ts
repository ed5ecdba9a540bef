import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { ShardSpec } from '../../../src/actors/index.ts';
import { silentLogger } from '../../../src/base/index.ts';
import { BrokerHome } from '../../../src/node/core/broker-home.ts';
import { readLogOptions } from '../../../src/node/index.ts';
import { createRingPair } from '../../../src/transport/index.ts';
import { suite } from '../../support/suite.ts';
import { brokerSettings, descriptorCount, failureOf, HOST, withFolder } from '../node-fixture.ts';

const test = suite('broker home');
const LOG = readLogOptions(2, { LOG_LEVEL: 'silent' });

const homeOf = (folder: string, index = 0, ioShards = 0): BrokerHome =>
  new BrokerHome({
    index,
    host: HOST,
    port: 0,
    settings: brokerSettings(folder),
    logger: silentLogger,
    hasFaults: false,
    isListening: true,
    ioShards,
  });

test('an open home has the store and two ports, and gives them back', () =>
  withFolder(async (folder) => {
    const first = homeOf(folder);
    const descriptors = descriptorCount();
    await first.open();
    assert.ok(existsSync(join(folder, 'lock')));
    assert.ok(first.settings.listenPort > 0);
    assert.is(first.facts.address, `${HOST}:${first.settings.listenPort}`);
    assert.is((await failureOf(homeOf(folder).open())).code, 'STORE_IN_USE');
    first.close();
    assert.is(descriptorCount(), descriptors);
    const second = homeOf(folder);
    await second.open();
    second.close();
  }));

test('only the first thread starts with empty positions, its successors resume', () =>
  withFolder(async (folder) => {
    const home = homeOf(folder, 2);
    assert.is(home.shard, 'broker-2');
    await home.open();
    const { roots } = home.spec({ log: LOG }, []);
    const storeOf = (attempt: number): object => {
      const [root] = typeof roots === 'function' ? roots(attempt) : [];
      if (root === undefined) throw new Error('the shard has a root');
      return (root.config as { readonly store: object }).store;
    };
    assert.ok('positionMemory' in storeOf(0));
    assert.ok('resumeFrom' in storeOf(1));
    home.cleanUp('broker');
    home.close();
  }));

test('with I/O shards the broker listens nowhere, and each of them on both ports', () =>
  withFolder(async (folder) => {
    const home = homeOf(folder, 1, 2);
    assert.equal(home.ioShards, ['broker-1-io-1', 'broker-1-io-2']);
    const descriptors = descriptorCount();
    await home.open();
    const listenOf = (spec: ShardSpec): readonly object[] => {
      const [root] = typeof spec.roots === 'function' ? spec.roots(0) : [];
      if (root === undefined) throw new Error('the shard has a root');
      return (root.config as { readonly listen: readonly object[] }).listen;
    };
    assert.is(listenOf(home.spec({ log: LOG }, [])).length, 0);
    const pair = createRingPair();
    for (const name of home.ioShards) {
      const spec = home.ioSpec(name, { log: LOG }, pair);
      assert.is(spec.name, name);
      assert.is(listenOf(spec).length, 2);
    }
    const shared = descriptorCount();
    home.cleanUp('broker-1-io-1');
    assert.is(descriptorCount(), shared - 2);
    home.cleanUp('broker-1-io-2');
    home.close();
    assert.is(descriptorCount(), descriptors);
  }));

test('without a port there is nothing for I/O shards to do', () => {
  const home = new BrokerHome({
    index: 0,
    host: HOST,
    port: 0,
    settings: brokerSettings('nowhere'),
    logger: silentLogger,
    hasFaults: false,
    isListening: false,
    ioShards: 2,
  });
  assert.equal(home.ioShards, []);
});
