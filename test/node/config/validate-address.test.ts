import * as assert from 'uvu/assert';
import { errorCode } from '../../../src/base/index.ts';
import {
  brokerIpProblem,
  isHost,
  parseNamesrvAddresses,
} from '../../../src/node/config/validate-address.ts';
import { suite } from '../../support/suite.ts';

const test = suite('validate address');

test('addresses and host names are hosts', () => {
  for (const host of [
    '10.0.0.1',
    '::1',
    '[fe80::1]',
    'fe80::1%eth0',
    'mq-1.example.org',
    'broker_a',
    'a',
  ])
    assert.ok(isHost(host), host);
});

test('what cannot be an address is not', () => {
  for (const host of [
    '',
    ' ',
    '1.2.3',
    '1.2.3.400',
    '1.2.3.4.5',
    'a b',
    '<ip>',
    '[a]',
    'a:1',
    'x'.repeat(300),
  ])
    assert.not.ok(isHost(host), host);
});

test('a text left to be filled in is refused as brokerIP1, with the remedy', () => {
  const left = [
    '<your ip>',
    '$BROKER_IP',
    '{ip}',
    'xxx.xxx.xxx.xxx',
    'x.x.x.x',
    'your_ip',
    'YOUR-SERVER-IP',
    'my_ip',
    '',
    '192.168.0.x y',
  ];
  for (const value of left) assert.ok(brokerIpProblem(value)?.includes('remove the line'), value);
  for (const value of [
    '192.168.0.1',
    'myhost',
    'yourcompany.org',
    'my-server.example.org',
    'xenon.example.org',
    '::1',
  ])
    assert.is(brokerIpProblem(value), undefined, value);
});

test('a name server list is split at semicolons', () => {
  assert.equal(parseNamesrvAddresses('a:9876; [::1]:9876;10.0.0.1:1;'), [
    'a:9876',
    '[::1]:9876',
    '10.0.0.1:1',
  ]);
  assert.equal(parseNamesrvAddresses(''), []);
});

test('one bad address of a list is an error that shows the form', () => {
  for (const bad of [
    'a',
    'a:',
    ':9876',
    'a:0',
    'a:70000',
    'a:9876,b:9876',
    'a:9876;;b:9876',
    'http://a:9876',
    'a:98 76',
  ]) {
    try {
      parseNamesrvAddresses(bad);
      assert.unreachable(bad);
    } catch (error) {
      assert.is(errorCode(error), 'NAMESRV_ADDRESS_INVALID', bad);
      assert.ok((error as Error).message.includes('host:port'));
    }
  }
});
