import type { NetworkInterfaceInfo } from 'node:os';
import { networkInterfaces } from 'node:os';
import * as assert from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import {
  bracketed,
  detectLocalAddress,
  isInContainer,
  reachabilityWarning,
  reachOf,
  resolveHost,
} from '../../src/node/address.ts';
import { suite } from '../support/suite.ts';

const test = suite('address');

const at = (address: string): NetworkInterfaceInfo => {
  const common = { address, mac: '', cidr: null, internal: /^(127|::1)/.test(address) };
  return address.includes(':')
    ? { ...common, family: 'IPv6', netmask: '', scopeid: 0 }
    : { ...common, family: 'IPv4', netmask: '' };
};
const detect = (interfaces: Record<string, string[]>, bridges: string[] = []): string =>
  detectLocalAddress(
    Object.fromEntries(Object.entries(interfaces).map(([name, list]) => [name, list.map(at)])),
    (name) => bridges.includes(name),
  );

test('the first IPv4 outside 127.0 and 192.168 is announced', () => {
  assert.is(
    detect({ lo: ['127.0.0.1'], a: ['192.168.1.2'], b: ['10.0.0.1'], c: ['8.8.8.8'] }),
    '10.0.0.1',
  );
});

test('without one it is the last IPv4, then the first IPv6 in brackets, then loopback', () => {
  assert.is(detect({ a: ['192.168.1.2', 'fe80::1'], b: ['192.168.1.3'] }), '192.168.1.3');
  assert.is(
    detect({ lo: ['127.0.0.1', '::1'], a: ['2001:db8::1', '2001:db8::2'] }),
    '[2001:db8::1]',
  );
  assert.is(detect({ lo: ['127.0.0.1'] }), '127.0.0.1');
  assert.is(detect({}), '127.0.0.1');
});

test('bridges are passed over', () => {
  assert.is(detect({ docker0: ['172.17.0.1'], eth0: ['192.168.1.2'] }, ['docker0']), '192.168.1.2');
});

test('this machine has an address', () => {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const own = detectLocalAddress();
  assert.ok(own === '127.0.0.1' || all.some(({ address }) => bracketed(address) === own));
});

test('addresses are told apart by how far they reach', () => {
  const reaches = {
    loopback: ['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost'],
    unspecified: ['0.0.0.0', '::'],
    private: ['10.1.1.1', '172.16.0.1', '172.31.255.255', '192.168.0.1', 'fd00::1', 'fe80::1%eth0'],
    public: ['8.8.8.8', '172.32.0.1', '[2001:db8::1]'],
    name: ['mq.example.org'],
  };
  for (const [reach, hosts] of Object.entries(reaches))
    for (const host of hosts) assert.is(reachOf(host), reach, host);
});

test('a container shows itself by its files', () => {
  const none = (): string => '';
  assert.ok(isInContainer((path) => path === '/.dockerenv', none));
  assert.ok(
    isInContainer(
      () => false,
      () => '12:cpu:/kubepods/besteffort/pod1',
    ),
  );
  assert.not.ok(
    isInContainer(
      () => false,
      () => '0::/init.scope',
    ),
  );
});

test('an address that clients cannot reach is a warning that names brokerIP1', () => {
  for (const [advertised, isContainer] of [
    ['127.0.0.1', false],
    ['0.0.0.0', false],
    ['172.17.0.2', true],
  ] as const) {
    assert.ok(reachabilityWarning(advertised, isContainer)?.includes('brokerIP1'), advertised);
  }
  assert.is(reachabilityWarning('10.0.0.5', false), undefined);
  assert.is(reachabilityWarning('8.8.8.8', true), undefined);
});

test('an IPv6 address stands in brackets before a port', () => {
  assert.is(bracketed('::1'), '[::1]');
  assert.is(bracketed('[::1]'), '[::1]');
  assert.is(bracketed('10.0.0.1'), '10.0.0.1');
});

test('a host name becomes an address, or an error that names it', async () => {
  assert.is(await resolveHost('10.0.0.1'), '10.0.0.1');
  assert.is(await resolveHost('[::1]'), '::1');
  assert.ok(['127.0.0.1', '::1'].includes(await resolveHost('localhost')));
  try {
    await resolveHost('no-such-host.invalid');
    assert.unreachable();
  } catch (error) {
    assert.is(errorCode(error), 'CONFIG_INVALID');
    assert.ok((error as Error).message.includes('no-such-host.invalid'));
  }
});
