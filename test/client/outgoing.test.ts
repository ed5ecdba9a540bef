import { inflateSync } from 'node:zlib';
import { equal, is, throws } from 'uvu/assert';
import { BODY_BYTES_MAX, prepareMessage } from '../../src/client/outgoing.ts';
import type { OutgoingMessage } from '../../src/client/types.ts';
import { suite } from '../support/suite.ts';

const test = suite('outgoing');
const OPTIONS = { uniqueKey: 'ID', compressBodyBytesMin: 4096 };
const refusedWith = (code: string, over: Partial<OutgoingMessage>): void =>
  throws(
    () => prepareMessage({ topic: 'T', body: 'x', ...over }, OPTIONS),
    (error: { code?: string }) => error.code === code,
  );

test('properties are written with id and WAIT', () => {
  const prepared = prepareMessage(
    { topic: 'T', body: 'ä', tags: 'A', keys: 'k', waitStoreMsgOk: false },
    OPTIONS,
  );
  is(
    prepared.propertiesText,
    'KEYS\u0001k\u0002TAGS\u0001A\u0002UNIQ_KEY\u0001ID\u0002WAIT\u0001false',
  );
  equal(prepared.body, Buffer.from('ä'));
});

test('a view of a larger buffer is sent, not the buffer', () => {
  const whole = new Uint8Array([1, 2, 3, 4]);
  const { body } = prepareMessage({ topic: 'T', body: whole.subarray(1, 3) }, OPTIONS);
  equal([...body], [2, 3]);
});

test('compression can be switched off', () => {
  const body = Buffer.alloc(5000, 'x');
  const plain = prepareMessage(
    { topic: 'T', body },
    { ...OPTIONS, compressBodyBytesMin: Infinity },
  );
  is(plain.body.length, 5000);
  is(plain.sysFlag, 0);
  const packed = prepareMessage({ topic: 'T', body }, OPTIONS);
  equal(inflateSync(packed.body), body);
});

test('what a broker or a consumer could not use is refused', () => {
  refusedWith('BAD_ARGUMENT', { topic: 'no/slash' });
  refusedWith('BAD_ARGUMENT', { topic: '' });
  refusedWith('BAD_ARGUMENT', { body: '' });
  refusedWith('BAD_ARGUMENT', { properties: { TAGS: 'A' } });
  refusedWith('BAD_ARGUMENT', { properties: { a: '' } });
  refusedWith('BAD_ARGUMENT', { properties: { '': 'a' } });
  refusedWith('BAD_ARGUMENT', { properties: { a: 'b\u0002c' } });
  refusedWith('BAD_ARGUMENT', { tags: 'b\u0001c' });
  refusedWith('MESSAGE_TOO_LARGE', { body: Buffer.alloc(BODY_BYTES_MAX + 1) });
  refusedWith('MESSAGE_TOO_LARGE', { properties: { a: 'x'.repeat(33_000) } });
});
