import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  BROKERS_MAX,
  brokerSettingsOf,
  ioShardsByDefault,
  requireNoneDropped,
  requireThreads,
} from '../../../src/node/core/broker-shards.ts';
import { suite } from '../../support/suite.ts';
import { brokerSettings, withFolder } from '../node-fixture.ts';

const test = suite('broker shards');

const codeOf = (action: () => void): unknown => {
  try {
    action();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
};

test('each broker has a name, a port and folders of its own', () => {
  const settings = brokerSettings('/store', { brokerName: 'b', listenPort: 10911 });
  assert.is(brokerSettingsOf(settings, 0), settings);
  const third = brokerSettingsOf(settings, 2);
  assert.is(third.brokerName, 'b-2');
  assert.is(third.listenPort, 10931);
  assert.is(third.storePathRootDir, '/store-2');
  assert.is(third.storePathCommitLog, '/store-2/commitlog');
  assert.is(third.brokerClusterName, settings.brokerClusterName);
});

test('a commit log on another disk stays there, under a name of its own', () => {
  const settings = brokerSettings('/store', { storePathCommitLog: '/fast/log' });
  assert.is(brokerSettingsOf(settings, 1).storePathCommitLog, '/fast/log-1');
});

test('a free port stays one, and a port that does not exist is refused', () => {
  assert.is(brokerSettingsOf(brokerSettings('/s', { listenPort: 0 }), 5).listenPort, 0);
  const high = brokerSettings('/s', { listenPort: 65_530 });
  assert.is(
    codeOf(() => brokerSettingsOf(high, 1)),
    'CONFIG_INVALID',
  );
});

test('a store with messages is not left behind, an empty one is', () =>
  withFolder(async (folder) => {
    const settings = brokerSettings(join(folder, 'store'));
    const log = join(folder, 'store-2', 'commitlog');
    mkdirSync(log, { recursive: true });
    requireNoneDropped(settings, 1);
    const segment = join(log, '0'.repeat(20));
    writeFileSync(segment, Buffer.alloc(4096));
    requireNoneDropped(settings, 1);
    writeFileSync(segment, Buffer.from('00000064daa320a7', 'hex'));
    for (const shards of [1, 2])
      assert.is(
        codeOf(() => requireNoneDropped(settings, shards)),
        'SHARDS_LOWERED',
      );
    requireNoneDropped(settings, 3);
    requireNoneDropped(settings, BROKERS_MAX);
  }));

test('more threads than a node may have are refused', () => {
  requireThreads(7, 8);
  requireThreads(32, 0);
  assert.is(
    codeOf(() => requireThreads(8, 7)),
    'CONFIG_INVALID',
  );
});

test('a server has I/O shards where each of its brokers has cores for them', () => {
  const table = [1, 2, 4, 7, 8, 64].map((cores) => ioShardsByDefault(cores, 1));
  assert.equal(table, [0, 0, 0, 0, 3, 3]);
  assert.equal(
    [1, 2, 3, 4].map((shards) => ioShardsByDefault(16, shards)),
    [3, 3, 0, 0],
  );
  assert.equal(
    [15, 16].map((shards) => ioShardsByDefault(1024, shards)),
    [3, 0],
    'as many threads as a node may have',
  );
});
