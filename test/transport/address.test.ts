import { equal, is, throws } from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import { formatAddress, ipBytes, parseAddress } from '../../src/transport/address.ts';
import { suite } from '../support/suite.ts';

const test = suite('address');

test('an address is split at its last colon and written back the same', () => {
  for (const text of [
    '10.0.0.1:9876',
    'broker-a.example:10911',
    '[::1]:9876',
    '[fe80::1%eth0]:1',
  ]) {
    is(formatAddress(parseAddress(text)), text);
  }
  equal(parseAddress('[2001:db8::7]:10911'), { host: '2001:db8::7', port: 10911 });
});

test('what is no host:port is refused', () => {
  const isBad = (error: unknown): boolean => errorCode(error) === 'BAD_ADDRESS';
  for (const text of [
    '',
    ':',
    'host',
    'host:',
    ':9876',
    'host:0',
    'host:65536',
    'host:12x',
    'a b:1',
    '../x:1',
    'host:-1',
  ]) {
    throws(() => parseAddress(text), isBad, text);
  }
});

test('IP texts become their bytes', () => {
  is(ipBytes('10.0.255.1').toString('hex'), '0a00ff01');
  is(ipBytes('::1').toString('hex'), '00000000000000000000000000000001');
  is(ipBytes('2001:db8::ff00:42:8329').toString('hex'), '20010db8000000000000ff0000428329');
  is(ipBytes('fe80::1%eth0').toString('hex'), 'fe800000000000000000000000000001');
  is(ipBytes('::ffff:10.0.0.1').toString('hex'), '00000000000000000000ffff0a000001');
  is(ipBytes('1:2:3:4:5:6:7:8').toString('hex'), '00010002000300040005000600070008');
  is(ipBytes('no address').toString('hex'), '00000000');
});
