import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { silentLogger } from '../../../src/base/index.ts';
import { BrokerHome } from '../../../src/node/core/broker-home.ts';
import { readLogOptions } from '../../../src/node/index.ts';
import { suite } from '../../support/suite.ts';
import { brokerSettings, descriptorCount, failureOf, HOST, withFolder } from '../node-fixture.ts';

const test = suite('broker home');
const LOG = readLogOptions(2, { LOG_LEVEL: 'silent' });

const homeOf = (folder: string, index = 0): BrokerHome =>
  new BrokerHome({
    index,
    host: HOST,
    port: 0,
    settings: brokerSettings(folder),
    logger: silentLogger,
    hasFaults: false,
    isListening: true,
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
    home.cleanUp();
    home.close();
  }));
