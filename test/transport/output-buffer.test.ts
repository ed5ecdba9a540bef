import { equal, is, ok } from 'uvu/assert';
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
