import { equal, is, throws } from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import { createRing, RingReader, RingWriter } from '../../src/ring/index.ts';
import { DATA_WORD, HEAD_WORD } from '../../src/ring/layout.ts';
import { suite } from '../support/suite.ts';

const test = suite('ring reader');

const open = (bytes: number) => {
  const memory = createRing(bytes);
  const writer = new RingWriter(memory);
  const put = (...types: number[]): void => {
    for (const type of types) {
      writer.claim(0, type);
      writer.commit();
    }
  };
  return { memory, writer, reader: new RingReader(memory), words: new Int32Array(memory), put };
};

const into =
  (types: number[]) =>
  (type: number): void => {
    types.push(type);
  };

test('a poll stops at its limit and the next goes on there', () => {
  const { reader, put } = open(64);
  put(1, 2, 3, 4, 5);
  const types: number[] = [];
  is(reader.poll(into(types), 0), 0);
  is(reader.poll(into(types), 2), 2);
  is(reader.isEmpty, false);
  is(reader.usedBytes, 24);
  is(reader.poll(into(types), 100), 3);
  is(reader.isEmpty, true);
  is(reader.poll(into(types), 100), 0);
  equal(types, [1, 2, 3, 4, 5]);
});

test('the payload is handed over in place, aligned to 8 bytes, with its true length', () => {
  const { writer, reader } = open(128);
  for (const length of [0, 1, 7, 8, 13]) {
    writer.bytes.fill(length, writer.claim(length, 1));
    writer.commit();
    reader.poll((_type, bytes, start, end) => {
      is(bytes.buffer, writer.bytes.buffer);
      is(start % 8, 0);
      is(end - start, length);
      for (let index = start; index < end; index++) is(bytes[index], length);
    }, 1);
  }
});

test('R3: the room of a record is given back only after its handler returned', () => {
  const { writer, reader, words, put } = open(64);
  put(1, 2);
  const head = words[HEAD_WORD];
  reader.poll(() => {
    is(Atomics.load(words, HEAD_WORD), head);
    is(writer.usedBytes, 16);
  }, 2);
  is(writer.usedBytes, 0);
});

test('a record whose handler throws counts as read and the rest stays', () => {
  const { writer, reader, put } = open(64);
  put(1, 2, 3);
  const types: number[] = [];
  const failing = (type: number): void => {
    types.push(type);
    if (type === 2) throw new Error('handler');
  };
  throws(() => reader.poll(failing, 10), 'handler');
  is(writer.usedBytes, 8);
  is(reader.poll(failing, 10), 1);
  equal(types, [1, 2, 3]);
});

test('a handler that polls its own ring is a bug', () => {
  const { reader, put } = open(64);
  put(1, 2);
  const nested = (): void => {
    reader.poll(() => undefined, 1);
  };
  throws(
    () => reader.poll(nested, 1),
    (error: unknown) => errorCode(error) === 'ASSERTION',
  );
  is(
    reader.poll(() => undefined, 10),
    1,
  );
});

test('records published by a handler are seen by a later poll', () => {
  const { reader, put } = open(64);
  put(1);
  const types: number[] = [];
  is(
    reader.poll((type) => {
      types.push(type);
      put(type + 1);
    }, 10),
    1,
  );
  is(reader.poll(into(types), 10), 1);
  equal(types, [1, 2]);
});

test('R8: a new reader starts with what its predecessor had not finished', () => {
  const { memory, reader, put } = open(64);
  put(1, 2, 3);
  is(reader.poll(into([]), 1), 1);
  const types: number[] = [];
  is(new RingReader(memory).poll(into(types), 10), 2);
  equal(types, [2, 3]);
});

test('R2: a length that contradicts tail is a typed error, again and again', () => {
  for (const length of [0, 7, -8, 17, 1000, 2 ** 31 - 1, -(2 ** 31)]) {
    const { reader, words, put } = open(64);
    put(1, 2);
    words[DATA_WORD] = length;
    for (let attempt = 0; attempt < 2; attempt++) {
      throws(
        () => reader.poll(into([]), 10),
        (error: unknown) => errorCode(error) === 'RING_CORRUPT',
        `${length}`,
      );
    }
  }
});
