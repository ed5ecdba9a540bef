import { equal, is, throws } from 'uvu/assert';
import { BODY_BYTES_MAX, bodyOf, checkTopic, propertiesTextOf } from '../../src/client/outgoing.ts';
import type { OutgoingMessage } from '../../src/client/types.ts';
import { suite } from '../support/suite.ts';

const test = suite('outgoing');
const textOf = (over: Partial<OutgoingMessage>): string =>
  propertiesTextOf({ topic: 'T', body: 'x', ...over }, 'ID');
const refusedWith = (code: string, over: Partial<OutgoingMessage>): void =>
  throws(
    () => {
      const message = { topic: 'T', body: 'x', ...over };
      checkTopic(message.topic);
      bodyOf(message);
      propertiesTextOf(message, 'ID');
    },
    (error: { code?: string }) => error.code === code,
  );

test('properties are written with id and WAIT', () => {
  is(
    textOf({ properties: { a: 'b' }, tags: 'A', keys: ['k', 'l'], waitStoreMsgOk: false }),
    'a\u0001b\u0002KEYS\u0001k l\u0002TAGS\u0001A\u0002UNIQ_KEY\u0001ID\u0002WAIT\u0001false',
  );
  is(textOf({}), 'UNIQ_KEY\u0001ID\u0002WAIT\u0001true');
});

test('bodies are texts or bytes; a view of a larger buffer is sent, not the buffer', () => {
  equal(bodyOf({ topic: 'T', body: 'ä' }), Buffer.from('ä'));
  const whole = new Uint8Array([1, 2, 3, 4]);
  equal([...bodyOf({ topic: 'T', body: whole.subarray(1, 3) })], [2, 3]);
  const bytes = Buffer.from('same');
  is(bodyOf({ topic: 'T', body: bytes }), bytes);
});

test('what a broker or a consumer could not use is refused', () => {
  refusedWith('BAD_ARGUMENT', { topic: 'no/slash' });
  refusedWith('BAD_ARGUMENT', { topic: '' });
  refusedWith('BAD_ARGUMENT', { topic: 5 as never });
  refusedWith('BAD_ARGUMENT', { body: '' });
  refusedWith('BAD_ARGUMENT', { body: { text: 'x' } as never });
  refusedWith('BAD_ARGUMENT', { properties: { TAGS: 'A' } });
  refusedWith('BAD_ARGUMENT', { properties: { a: '' } });
  refusedWith('BAD_ARGUMENT', { properties: { a: 5 as never } });
  refusedWith('BAD_ARGUMENT', { properties: { '': 'a' } });
  refusedWith('BAD_ARGUMENT', { properties: { a: 'b\u0002c' } });
  refusedWith('BAD_ARGUMENT', { tags: 'b\u0001c' });
  refusedWith('MESSAGE_TOO_LARGE', { body: Buffer.alloc(BODY_BYTES_MAX + 1) });
  refusedWith('MESSAGE_TOO_LARGE', { properties: { a: 'x'.repeat(33_000) } });
  refusedWith('MESSAGE_TOO_LARGE', { properties: { a: '€'.repeat(11_000) } });
  textOf({ properties: { a: 'x'.repeat(32_000) } });
});
