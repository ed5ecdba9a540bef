import { homedir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { fakeContext, startAndStop, withFile } from './fake-context.ts';

const test = suite('node plan');

test('start takes loopback, one folder and its own name server, whatever NAMESRV_ADDR says', async () => {
  const context = fakeContext({ NAMESRV_ADDR: 'elsewhere:9876' });
  const { namesrv, broker, controlPath } = await startAndStop('saturnmq', ['start'], context);
  const store = join(homedir(), '.saturnmq', 'store');
  assert.is(namesrv?.host, '127.0.0.1');
  assert.is(namesrv?.port, 9876);
  assert.is(broker?.host, '127.0.0.1');
  assert.is(broker?.port, 10_911);
  assert.equal(broker?.namesrvAddr, []);
  assert.is(broker?.settings.namesrvAddr, '');
  assert.is(broker?.settings.brokerIP1, '127.0.0.1');
  assert.is(broker?.settings.storePathRootDir, store);
  assert.is(broker?.settings.storePathCommitLog, join(store, 'commitlog'));
  assert.is(namesrv?.settings.kvConfigPath, join(store, 'namesrv', 'kvConfig.json'));
  assert.is(controlPath, join(store, 'control.sock'));
});

test('start follows its options', async () => {
  const args = [
    'start',
    '--store',
    '/data/mq',
    '--host',
    '0.0.0.0',
    '--broker-port=0',
    '--namesrv-port=1234',
  ];
  const { namesrv, broker } = await startAndStop('saturnmq', args, fakeContext());
  assert.is(namesrv?.port, 1234);
  assert.is(namesrv?.host, '0.0.0.0');
  assert.is(broker?.port, 0);
  assert.is(broker?.host, '0.0.0.0');
  assert.is(broker?.settings.storePathCommitLog, join('/data/mq', 'commitlog'));
  assert.is.not(broker?.settings.brokerIP1, '0.0.0.0');
});

test('start reads a file for both servers, the command line wins', () =>
  withFile(
    'brokerName=b1\nlistenPort=4000\nstorePathRootDir=/in/file\norderMessageEnable=true\nnamesrvAddr=elsewhere:1\n',
    async (path) => {
      const context = fakeContext();
      const { namesrv, broker } = await startAndStop('saturnmq', ['start', '-c', path], context);
      assert.is(broker?.settings.brokerName, 'b1');
      assert.is(broker?.port, 4000);
      assert.is(broker?.settings.storePathCommitLog, join('/in/file', 'commitlog'));
      assert.equal(broker?.namesrvAddr, []);
      assert.is(namesrv?.settings.orderMessageEnable, true);
      assert.is(namesrv?.port, 9876);
      const other = ['start', '-c', path, '--broker-port=5000', '--store=/other'];
      const second = await startAndStop('saturnmq', other, fakeContext());
      assert.is(second.broker?.port, 5000);
      assert.is(second.broker?.settings.storePathCommitLog, join('/other', 'commitlog'));
    },
  ));

test('mqbroker listens, stores and finds name servers as RocketMQ does', async () => {
  const context = fakeContext({ NAMESRV_ADDR: 'a:9876;b:9876' });
  const { namesrv, broker } = await startAndStop('mqbroker', [], context);
  assert.is(namesrv, undefined);
  assert.is(broker?.host, '0.0.0.0');
  assert.is(broker?.settings.storePathRootDir, join(homedir(), 'store'));
  assert.equal(broker?.namesrvAddr, ['a:9876', 'b:9876']);
  const { broker: told } = await startAndStop(
    'mqbroker',
    ['-n', 'c:1'],
    fakeContext({ NAMESRV_ADDR: 'a:1' }),
  );
  assert.equal(told?.namesrvAddr, ['c:1']);
});

test('mqnamesrv listens on all addresses; -c is where changes are saved', () =>
  withFile('listenPort=4321\n', async (path) => {
    const { namesrv, broker } = await startAndStop('mqnamesrv', ['-c', path], fakeContext());
    assert.is(broker, undefined);
    assert.is(namesrv?.host, '0.0.0.0');
    assert.is(namesrv?.port, 4321);
    assert.is(namesrv?.settings.configStorePath, path);
  }));
