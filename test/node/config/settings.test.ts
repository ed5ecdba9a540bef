import * as assert from 'uvu/assert';
import { errorCode } from '../../../src/base/index.ts';
import type { MachineFacts } from '../../../src/node/config/machine-facts.ts';
import { parseProperties } from '../../../src/node/config/properties-file.ts';
import type { PropertyTable } from '../../../src/node/config/property.ts';
import type { BrokerSettings, LoadedSettings } from '../../../src/node/config/settings.ts';
import {
  CONFIG_OBJECTS,
  loadBrokerSettings,
  loadNamesrvSettings,
} from '../../../src/node/config/settings.ts';
import { suite } from '../../support/suite.ts';

const test = suite('settings');
const facts: MachineFacts = {
  node: 'broker',
  cpus: 2,
  home: '/home/mq',
  hostName: 'host-1',
  localAddress: '10.0.0.5',
  packageFolder: '/package/',
  environment: { NAMESRV_ADDR: 'env:9876' },
};
const load = (
  source: string,
  overrides: Partial<BrokerSettings> = {},
): LoadedSettings<BrokerSettings> =>
  loadBrokerSettings({ facts, entries: parseProperties(source, 'broker.conf'), overrides });

test("an empty file gives RocketMQ's defaults and nothing to say", () => {
  const { settings, warnings, refusals } = load('');
  assert.equal(warnings, []);
  assert.equal(refusals, []);
  assert.is(settings.listenPort, 10_911);
  assert.is(settings.brokerName, 'host-1');
  assert.is(settings.brokerIP1, '10.0.0.5');
  assert.is(settings.namesrvAddr, 'env:9876');
  assert.is(settings.storePathRootDir, '/home/mq/store');
  assert.is(settings.storePathCommitLog, '/home/mq/store/commitlog');
  assert.is(settings.rocketmqHome, '/package/');
  assert.is(settings.consumerFallbehindThreshold, 17_179_869_184);
  assert.is(settings.sendMessageThreadPoolNums, 2);
  assert.is(settings.endTransactionThreadPoolNums, 12);
  assert.is(settings.messageDelayLevel.split(' ').length, 18);
  assert.is(settings.flushDiskType, 'ASYNC_FLUSH');
});

test('the sample file of RocketMQ says nothing', () => {
  const sample =
    'brokerClusterName = DefaultCluster\nbrokerName = broker-a\nbrokerId = 0\ndeleteWhen = 04\nfileReservedTime = 48\nbrokerRole = ASYNC_MASTER\nflushDiskType = ASYNC_FLUSH\n';
  const { settings, warnings, refusals } = load(sample);
  assert.equal([...warnings, ...refusals], []);
  assert.is(settings.fileReservedTime, 48);
  assert.is(settings.brokerName, 'broker-a');
});

test('each key of the file is typed, and the command line wins over the file', () => {
  const { settings } = load('listenPort=1\nautoCreateTopicEnable=false\nnamesrvAddr=file:1', {
    namesrvAddr: 'line:2',
  });
  assert.is(settings.listenPort, 1);
  assert.is(settings.autoCreateTopicEnable, false);
  assert.is(settings.namesrvAddr, 'line:2');
});

test('the last of two values of a key counts, and only it is judged', () => {
  const { settings, refusals } = load(
    'aclEnable=true\nlistenPort=1\naclEnable=false\nlistenPort=2',
  );
  assert.is(settings.listenPort, 2);
  assert.equal(refusals, []);
});

test('an unknown key is a warning with its place and the nearest name', () => {
  const { warnings } = load('\nbrokerNmae=a');
  assert.equal(warnings, [
    'broker.conf line 2: unknown key "brokerNmae" is ignored; did you mean brokerName?',
  ]);
  assert.equal(load('somethingElseAltogether=a').warnings, [
    'broker.conf line 1: unknown key "somethingElseAltogether" is ignored',
  ]);
  // Names that every object has must not pass for keys.
  assert.is(load('constructor=a\n__proto__=b').warnings.length, 2);
});

test('keys of RocketMQ 5 and of the other server are named as such', () => {
  assert.ok(load('timerWheelEnable=true').warnings[0]?.includes('RocketMQ 5'));
  assert.ok(load('kvConfigPath=/a').warnings[0]?.includes('other server'));
});

test('a key without effect is said only when it differs from the default', () => {
  assert.equal(load('highSpeedMode=false\nsendMessageThreadPoolNums=2').warnings, []);
  assert.equal(load('highSpeedMode=true').warnings, [
    'broker.conf line 1: highSpeedMode=true has no effect in this version',
  ]);
});

test('a bad number keeps the default and is said', () => {
  const { settings, warnings, refusals } = load('listenPort=10911 ');
  assert.is(settings.listenPort, 10_911);
  assert.is(warnings.length, 1);
  assert.equal(refusals, []);
});

test('what promises safety that is not there stops the start with one line and the remedy', () => {
  const promises = [
    'aclEnable=true',
    'brokerRole=SLAVE',
    'brokerRole=SYNC_MASTER',
    'enableDLegerCommitLog=true',
    'tls.server.mode=enforcing',
    'tls.enable=true',
    'useTLS=true',
    'readOnlyCommitLogStorePaths=/a',
    'storePathCommitLog=/a,/b',
    'messageStorePlugIn=org.example.Plug',
    'enableControllerMode=true',
    'inSyncReplicas=2',
    'minInSyncReplicas=2',
    'authenticationEnabled=true',
    'authorizationEnabled=true',
  ];
  for (const promise of promises) {
    const { refusals } = load(promise);
    assert.is(refusals.length, 1, promise);
    assert.ok(refusals[0]?.startsWith(`broker.conf line 1: ${promise}: `), refusals[0]);
    assert.not.ok(refusals[0]?.includes('\n'));
  }
  const harmless = 'aclEnable=false\ntls.server.mode=permissive\nuseTLS=false\ninSyncReplicas=1';
  assert.equal(load(harmless).refusals, []);
});

test('a misspelt flush mode stops the start rather than flush less', () => {
  assert.is(load('flushDiskType=SYNC-FLUSH').refusals.length, 1);
  assert.is(load('flushDiskType=SYNC_FLUSH').settings.flushDiskType, 'SYNC_FLUSH');
});

test('a text left in brokerIP1 stops the start', () => {
  assert.ok(load('brokerIP1=<your ip>').refusals[0]?.includes('not an address'));
  assert.equal(load('brokerIP1=192.168.1.4').refusals, []);
});

test('a bad name server list is an error, from the environment too', () => {
  for (const run of [
    () => load('namesrvAddr=localhost'),
    () => loadBrokerSettings({ facts: { ...facts, environment: { NAMESRV_ADDR: 'x' } } }),
  ]) {
    try {
      run();
      assert.unreachable();
    } catch (error) {
      assert.is(errorCode(error), 'NAMESRV_ADDRESS_INVALID');
    }
  }
});

test('a master is number 0', () => {
  const { settings, warnings } = load('brokerId=3');
  assert.is(settings.brokerId, 0);
  assert.ok(warnings[0]?.includes('brokerId=3'));
});

test('moving the root alone says that the commit log stays', () => {
  assert.ok(load('storePathRootDir=/data').warnings[0]?.includes('storePathCommitLog'));
  assert.equal(load('storePathRootDir=/data\nstorePathCommitLog=/data/commitlog').warnings, []);
  // "saturnmq start" lets it follow.
  const loaded = loadBrokerSettings({
    facts,
    defaults: { storePathCommitLog: '/data/commitlog' },
    overrides: { storePathRootDir: '/data' },
  });
  assert.equal(loaded.warnings, []);
});

test('the name server has defaults of its own', () => {
  const { settings } = loadNamesrvSettings({ facts: { ...facts, node: 'namesrv' } });
  assert.is(settings.listenPort, 9876);
  assert.is(settings.serverSocketSndBufSize, 65_535);
  assert.is(settings.kvConfigPath, '/home/mq/namesrv/kvConfig.json');
  const entries = parseProperties('orderMessageEnable=true\ntls.server.mode=enforcing', 'f');
  const loaded = loadNamesrvSettings({ facts, entries });
  assert.is(loaded.settings.orderMessageEnable, true);
  assert.is(loaded.refusals.length, 1);
});

test('every key has a meaning and a default of its own type', () => {
  const tables: PropertyTable[] = [
    ...Object.values(CONFIG_OBJECTS.broker),
    ...Object.values(CONFIG_OBJECTS.namesrv),
  ];
  for (const [key, property] of tables.flatMap((table) => Object.entries(table))) {
    const isNumber = property.type === 'int' || property.type === 'long';
    const type = isNumber ? 'number' : property.type === 'boolean' ? 'boolean' : 'string';
    assert.type(property.fallback(facts), type, key);
    assert.ok(property.meaning.endsWith('.'), key);
    assert.is(property.refusal(property.fallback(facts)), undefined, key);
  }
});
