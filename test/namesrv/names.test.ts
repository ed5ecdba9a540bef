import { throws } from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import { checkAddress, checkName } from '../../src/namesrv/names.ts';
import { suite } from '../support/suite.ts';

const test = suite('names');
const isInvalid = (error: unknown): boolean => errorCode(error) === 'NAME_INVALID';

test('names of hosts, of people and in Chinese are names', () => {
  for (const text of [
    'broker-a',
    'host.example.com',
    'my broker',
    '经纪人',
    '%RETRY%g',
    'a'.repeat(255),
  ]) {
    checkName('name', text);
  }
});

test('blank, endless and unprintable text is none', () => {
  for (const text of ['', ' ', '\t', 'a\nb', '\u0000', 'a\u007f', 'a'.repeat(256)]) {
    throws(() => checkName('name', text), isInvalid, JSON.stringify(text));
  }
});

test('an address is a host and a port', () => {
  for (const text of ['10.0.0.1:10911', 'host:1', '[::1]:10911']) checkAddress('address', text);
  for (const text of ['host', 'host:', ':1', 'host:70000', 'host:1x', 'host:-1']) {
    throws(() => checkAddress('address', text), isInvalid, text);
  }
});
