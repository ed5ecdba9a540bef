import { equal, is, throws } from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import { createRing, RingReader, RingWriter } from '../../src/ring/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('ring writer');

const open = (bytes: number, startPosition = 0) => {
  const memory = createRing(bytes, startPosition);
  const writer = new RingWriter(memory);
  const reader = new RingReader(memory);
  const put = (text: string, type = 1): boolean => {
    const index = writer.claim(text.length, type);
    if (index < 0) return false;
    writer.bytes.write(text, index, 'latin1');
    writer.commit();
    return true;
  };
  const take = (limit = 100): string[] => {
    const texts: string[] = [];
    reader.poll((_type, bytes, start, end) => {
      texts.push(bytes.toString('latin1', start, end));
    }, limit);
    return texts;
  };
  return { memory, writer, reader, put, take };
};

test('R2: a claimed record is invisible until it is committed', () => {
  const { writer, reader, take } = open(64);
  const index = writer.claim(5, 7);
  writer.bytes.write('hello', index);
  is(reader.isEmpty, true);
  equal(take(), []);
  writer.commit();
  is(reader.isEmpty, false);
  equal(take(), ['hello']);
});

test('R2: staged records become visible together when they are published', () => {
  const { writer, take } = open(128);
  for (const letter of ['a', 'b', 'c']) {
    writer.bytes.write(letter, writer.claim(1, 1));
    writer.stage();
  }
  equal(take(), []);
  writer.publish();
  writer.publish();
  equal(take(), ['a', 'b', 'c']);
});

test('a commit shows what was staged before it, in order', () => {
  const { writer, put, take } = open(128);
  writer.bytes.write('first', writer.claim(5, 1));
  writer.stage();
  is(put('second'), true);
  equal(take(), ['first', 'second']);
});

test('an aborted claim leaves no trace and its room is claimed again', () => {
  const { writer, put, take } = open(64);
  const index = writer.claim(56, 1);
  writer.bytes.fill(0xff, index, index + 56);
  writer.abort();
  is(writer.usedBytes, 0);
  is(put('after'), true);
  equal(take(), ['after']);
});

test('a commit may be shorter than its claim and takes no more room than it needs', () => {
  const { writer, take } = open(64);
  const index = writer.claim(56, 1);
  writer.bytes.write('abc', index);
  writer.commit(3);
  is(writer.usedBytes, 16);
  equal(take(), ['abc']);
  writer.claim(8, 1);
  throws(() => writer.commit(9), /at most the 8 bytes/);
});

test('R1: a full ring answers -1 and takes records again once they were read', () => {
  const { writer, put, take } = open(64);
  for (let count = 0; count < 4; count++) is(put('12345678'), true);
  is(writer.usedBytes, 64);
  is(put(''), false);
  equal(take(1), ['12345678']);
  is(put('87654321'), true);
  is(put(''), false);
  equal(take(), ['12345678', '12345678', '12345678', '87654321']);
});

test('R5: a record that does not fit before the end starts at the front', () => {
  const { writer, put, take } = open(64);
  is(put('x'.repeat(32)), true);
  equal(take(), ['x'.repeat(32)]);
  const index = writer.claim(24, 1); // 24 bytes are left before the end, 32 are needed.
  is(index, 8);
  writer.bytes.write('y'.repeat(24), index);
  writer.commit();
  equal(take(), ['y'.repeat(24)]);
});

test('R5: a record as large as the ring fits wherever the counters stand, once all was read', () => {
  for (let step = 0; step < 8; step++) {
    const { writer, put, take } = open(64, step * 8);
    const largest = 'z'.repeat(writer.payloadBytesMax);
    if (!put(largest)) {
      equal(take(), [], 'the padding alone was published');
      is(put(largest), true);
    }
    equal(take(), [largest]);
  }
});

test('a record larger than the ring is a typed error that says both sizes', () => {
  const { writer } = open(64);
  is(writer.payloadBytesMax, 56);
  for (const bytes of [57, 64, 2 ** 31, 2 ** 32 - 1]) {
    throws(
      () => writer.claim(bytes, 1),
      (error: unknown) => errorCode(error) === 'RECORD_TOO_LARGE',
    );
  }
  is(writer.claim(56, 1), 8, 'the refusal claimed nothing');
});

test('misuse is a bug, not a full ring', () => {
  const { writer } = open(64);
  const isBug = (error: unknown): boolean => errorCode(error) === 'ASSERTION';
  for (const type of [0, -1, 1.5, 2 ** 31, Number.NaN]) throws(() => writer.claim(1, type), isBug);
  for (const bytes of [-1, 0.5, Number.NaN]) throws(() => writer.claim(bytes, 1), isBug);
  throws(() => writer.commit(), isBug);
  throws(() => writer.stage(), isBug);
  throws(() => writer.abort(), isBug);
  writer.claim(1, 2 ** 31 - 1);
  throws(() => writer.claim(1, 1), isBug);
  throws(() => writer.commit(-1), isBug);
});

test('R8: a new writer goes on at the last published record', () => {
  const { memory, writer, put, take } = open(64);
  put('kept');
  writer.claim(8, 1);
  writer.stage(); // Lost: never published.
  writer.bytes.fill(0xff, writer.claim(8, 1));
  const successor = new RingWriter(memory);
  const index = successor.claim(4, 1);
  successor.bytes.write('next', index);
  successor.commit();
  equal(take(), ['kept', 'next']);
});
