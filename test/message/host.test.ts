import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import { addressText, hostBytes, hostText } from '../../src/message/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('host');

test('addresses become their bytes', () => {
  const hex = (text: string): string => hostBytes(text).toString('hex');
  assert.is(hex('192.168.0.1'), 'c0a80001');
  assert.is(hex('2001:db8::1'), '20010db8000000000000000000000001');
  assert.is(hex('::'), '0'.repeat(32));
  assert.is(hex('[fe80::1%eth0]'), 'fe800000000000000000000000000001');
  assert.is(hex('1:2:3:4:5:6:7.8.9.10'), '0001000200030004000500060708090a');
});

test('an IPv4 address in IPv6 clothes is an IPv4 address', () => {
  assert.is(hostBytes('::ffff:10.0.0.1').toString('hex'), '0a000001');
});

test('what is no address is refused', () => {
  const bad = ['', 'localhost', '1.2.3', '256.1.1.1', '1.2.3.4.5', ':::', '1::2::3', '12345::'];
  for (const text of [...bad, '1:2:3:4:5:6:7:8:9', '1:2:3', 'g::1', '1.2.3.x', '::1.2.3']) {
    let code: string | undefined;
    try {
      hostBytes(text);
    } catch (error) {
      code = errorCode(error);
    }
    assert.is(code, 'HOST_MALFORMED', text);
  }
});

test('text and bytes are two forms of the same address', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc.array(fc.constantFrom(0, 0, 1), { minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(bytes, (each) => {
      const host = Buffer.from(each);
      fc.pre(!host.subarray(0, 12).equals(Buffer.from('00000000000000000000ffff', 'hex')));
      assert.is(hostBytes(hostText(host)).toString('hex'), host.toString('hex'));
    }),
    { numRuns: 1000 },
  );
});

test('IPv6 is written in its shortest form, in brackets before a port', () => {
  assert.is(hostText(hostBytes('2001:0db8:0:0:0:0:0:1')), '2001:db8::1');
  assert.is(hostText(hostBytes('0:0:0:0:0:0:0:0')), '::');
  assert.is(addressText(hostBytes('::1'), 10911), '[::1]:10911');
  assert.is(addressText(hostBytes('10.0.0.1'), 10911), '10.0.0.1:10911');
});
