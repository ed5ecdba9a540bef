import { resolve } from 'node:path';
import * as assert from 'uvu/assert';
import { planNode } from '../../../src/node/embed/plan-node.ts';
import { suite } from '../../support/suite.ts';

const test = suite('plan node');

test('a node is a name server and a broker on loopback, with everything in its folder', () => {
  const { options, warnings } = planNode({ storePath: 'store' });
  assert.equal(warnings, []);
  assert.is(options.broker?.host, '127.0.0.1');
  assert.is(options.broker?.port, 10_911);
  assert.is(options.namesrv?.port, 9876);
  const { settings } = options.broker ?? {};
  assert.is(settings?.brokerIP1, '127.0.0.1');
  assert.is(settings?.storePathRootDir, resolve('store'));
  assert.is(settings?.storePathCommitLog, resolve('store/commitlog'));
  assert.is(settings?.flushDiskType, 'ASYNC_FLUSH');
  assert.ok(options.namesrv?.settings.kvConfigPath.startsWith(resolve('store')));
  assert.is(options.isListening, true);
});

test('options and keys of broker.conf reach the settings', () => {
  const { options } = planNode({
    storePath: 'store',
    namesrv: '10.0.0.1:9876;10.0.0.2:9876',
    broker: { brokerName: 'orders', maxMessageSize: 1024, autoCreateTopicEnable: false },
    flush: 'SYNC_FLUSH',
    listen: false,
    shards: 3,
    ioShards: 2,
  });
  const { settings } = options.broker ?? {};
  assert.is(settings?.brokerName, 'orders');
  assert.is(settings?.maxMessageSize, 1024);
  assert.is(settings?.autoCreateTopicEnable, false);
  assert.is(settings?.flushDiskType, 'SYNC_FLUSH');
  assert.equal(options.broker?.namesrvAddr, ['10.0.0.1:9876', '10.0.0.2:9876']);
  assert.is(options.broker?.shards, 3);
  assert.is(options.broker?.ioShards, 2);
  assert.is(options.namesrv, undefined);
  assert.is(options.isListening, false);
});

test('a key that does not exist, a value of another type or beyond its limits is refused', () => {
  const messageOf = (broker: object): string => {
    try {
      planNode({ storePath: 'store', broker });
    } catch (error) {
      assert.is((error as { code?: unknown }).code, 'OPTION_INVALID');
      return (error as Error).message;
    }
    return '';
  };
  assert.ok(messageOf({ maxMessageSise: 1 }).includes('did you mean maxMessageSize?'));
  assert.ok(messageOf({ maxMessageSize: '1' }).includes('must be a number'));
  assert.ok(messageOf({ maxMessageSize: -1 }).includes('maxMessageSize'));
});
