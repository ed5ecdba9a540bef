import { is, throws } from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import { createRing, RING_BYTES_MIN, RingReader, RingWriter } from '../../src/ring/index.ts';
import { DATA_START, HEAD_WORD, openRing, TAIL_WORD, VERSION_WORD } from '../../src/ring/layout.ts';
import { suite } from '../support/suite.ts';

const test = suite('ring layout');
const hasCode = (code: string) => (error: unknown) => errorCode(error) === code;

test('a capacity is a power of two within bounds', () => {
  for (const bytes of [0, -64, 32, 63, 65, 96, 64.5, Number.NaN, 2 ** 31, 2 ** 40]) {
    throws(() => createRing(bytes), hasCode('CAPACITY_INVALID'), `${bytes}`);
  }
  for (const bytes of [RING_BYTES_MIN, 128, 2 ** 20]) {
    is(createRing(bytes).byteLength, DATA_START + bytes);
    is(openRing(createRing(bytes)).capacity, bytes);
  }
});

test('the counters stand 128 bytes apart from each other and from all else', () => {
  is(TAIL_WORD * 4, 128);
  is(HEAD_WORD * 4, 256);
  is(DATA_START, 384);
});

test('a start position is kept modulo 2^32', () => {
  const { words } = openRing(createRing(64, 2 ** 53 - 8));
  is(words[TAIL_WORD], -8);
  is(words[HEAD_WORD], -8);
  throws(() => createRing(64, 4), /multiple of 8/);
});

test('memory that is no ring is refused by both sides', () => {
  const otherVersion = createRing(64);
  new Int32Array(otherVersion)[VERSION_WORD] = 999;
  const cut = createRing(128).slice(0, DATA_START + 64);
  for (const memory of [new SharedArrayBuffer(0), new SharedArrayBuffer(4096), otherVersion, cut]) {
    throws(() => new RingWriter(memory), hasCode('NOT_A_RING'));
    throws(() => new RingReader(memory), hasCode('NOT_A_RING'));
  }
});
