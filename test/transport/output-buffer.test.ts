import { equal, is, not, ok } from 'uvu/assert';
import { seededRandom } from '../../src/base/index.ts';
import { OutputBuffer, OutputPool } from '../../src/transport/output-buffer.ts';
import { suite } from '../support/suite.ts';

const test = suite('output-buffer');

const create = () => {
  const told = { first: 0, grown: [] as number[] };
  const pool = new OutputPool();
  const output = new OutputBuffer(pool, {
    onFirstBytes: () => {
      told.first += 1;
    },
    onGrow: (bytes) => void told.grown.push(bytes),
  });
  return { told, pool, output };
};

test('bytes written before a growth are still there after it', () => {
  const seed = Date.now() % 1_000_000;
  const random = seededRandom(seed);
  const { output } = create();
  const expected: number[] = [];
  for (let index = 0; index < 2000; index++) {
    const bytes = Uint8Array.from({ length: random.below(500) }, () => random.below(256));
    output.append(bytes);
    expected.push(...bytes);
  }
  ok(output.bytes().equals(Buffer.from(expected)), `seed ${seed}`);
});

test('what is reserved and not committed leaves no trace', () => {
  const { output } = create();
  output.append(Buffer.from('kept'));
  const start = output.reserve(100);
  output.buffer.fill(0xff, start, start + 100);
  output.append(Buffer.from('!'));
  is(output.bytes().toString(), 'kept!');
});

test('an empty buffer holds no memory and says when it is written', () => {
  const { output, told } = create();
  is(output.buffer.length, 0);
  output.append(Buffer.from('a'));
  output.append(Buffer.from('b'));
  is(told.first, 1);
  output.release();
  is(output.buffer.length, 0);
  output.append(Buffer.from('c'));
  is(told.first, 2);
  equal(told.grown, []);
});

test('memory goes round: connections that take turns share one buffer', () => {
  const { pool, output } = create();
  output.append(Buffer.from('a'));
  const { buffer } = output;
  output.release();
  const other = new OutputBuffer(pool, { onFirstBytes: () => undefined, onGrow: () => undefined });
  other.append(Buffer.from('b'));
  is(other.buffer, buffer);
});

test('memory handed to a socket is not written again until it is given back', () => {
  const { pool, output } = create();
  output.append(Buffer.from('on its way'));
  const inFlight = output.handOver();
  output.append(Buffer.from('next'));
  ok(output.buffer !== inFlight);
  is(inFlight.toString('utf8', 0, 10), 'on its way');
  pool.give(inFlight);
  output.release();
});

test('growth is announced with the bytes to come', () => {
  const { output, told } = create();
  output.append(Buffer.alloc(60_000));
  output.append(Buffer.alloc(60_000));
  equal(told.grown, [120_000]);
  output.append(Buffer.alloc(5_000_000));
  equal(told.grown, [120_000, 5_120_000]);
});

/** An output with attachments between its bytes, and a socket that takes what fits. */
const attached = (room: number) => {
  const { output, told } = create();
  const released: string[] = [];
  const written: string[] = [];
  let left = room;
  const sink = {
    write(bytes: Buffer): boolean {
      written.push(bytes.toString());
      left -= bytes.length;
      return left >= 0;
    },
  };
  const attach = (at: number, text: string): void =>
    output.attach(at, Buffer.from(text), () => released.push(text));
  output.append(Buffer.from('aabb'));
  attach(2, 'ONE');
  attach(4, 'TWO');
  output.append(Buffer.from('cc'));
  attach(6, 'THREE');
  return { output, told, sink, released, written, attach };
};

test('attached bytes are sent in their place and released as soon as the socket has taken them', () => {
  const { output, sink, released, written } = attached(1000);
  is(output.size, 6 + 11);
  ok(output.writeTo(sink));
  equal(written, ['aa', 'ONE', 'bb', 'TWO', 'cc', 'THREE']);
  equal(released, ['ONE', 'TWO', 'THREE']);
  output.release();
  output.settle();
  is(released.length, 3);
  is(output.size, 0);
});

test('L1: what the socket keeps is released when it settles, and only then', () => {
  const { output, sink, released } = attached(6);
  not(output.writeTo(sink));
  output.handOver();
  equal(released, []);
  output.release();
  equal(released, []);
  output.settle();
  output.settle();
  equal(released, ['ONE', 'TWO', 'THREE']);
});

test('L1: what is taken back or never sent is released', () => {
  const { output, told, sink, released, written } = attached(1000);
  equal(told.grown, [7, 10, 17]);
  output.truncate(4);
  equal(released, ['THREE']);
  is(output.size, 4 + 6);
  output.append(Buffer.from('!'));
  output.truncate(5);
  ok(output.writeTo(sink));
  equal(written, ['aa', 'ONE', 'bb', 'TWO', '!']);
  const other = attached(1000);
  other.output.release();
  equal(other.released, ['THREE', 'TWO', 'ONE']);
  is(other.output.size, 0);
});

test('a socket that can gets everything in one call', () => {
  const { output, released } = attached(0);
  const calls: string[][] = [];
  const writeAll = (pieces: readonly Buffer[]): boolean => {
    calls.push(pieces.map((piece) => piece.toString()));
    return true;
  };
  ok(output.writeTo({ write: () => false, writeAll }));
  equal(calls, [['aa', 'ONE', 'bb', 'TWO', 'cc', 'THREE']]);
  is(released.length, 3);
});
