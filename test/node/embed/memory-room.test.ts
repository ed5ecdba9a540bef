import * as assert from 'uvu/assert';
import { readMemoryRoom, requireMemory, roomOf } from '../../../src/node/embed/memory-room.ts';
import type { NodeError } from '../../../src/node/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('memory room');
const MIB = 1024 * 1024;
const UNLIMITED = 2 ** 64;
const FACTS = { memoryMax: 0, anonymousBytes: 20, addressMax: Number.NaN, addressBytes: 30 };

const refusal = (threads: number, room: ReturnType<typeof roomOf>): NodeError | undefined => {
  try {
    requireMemory(threads, room);
  } catch (error) {
    return error as NodeError;
  }
  return undefined;
};

test('a limit leaves what is not used; none is no limit, however it is written', () => {
  for (const memoryMax of [0, UNLIMITED, Number.NaN])
    assert.is(roomOf({ ...FACTS, memoryMax }).bytes, Infinity);
  assert.is(roomOf(FACTS).addressBytes, Infinity);
  const limited = roomOf({ ...FACTS, memoryMax: 100, addressMax: 200 });
  assert.equal(limited, { bytes: 80, addressBytes: 170 });
});

test('this process has room for a node', () => {
  const room = readMemoryRoom();
  assert.ok(room.bytes > 0 && room.addressBytes > 0);
  assert.is(refusal(3, room), undefined);
});

test('too little of either is an error with numbers and a remedy, and each thread needs its share', () => {
  const memory = refusal(3, { bytes: 50 * MIB, addressBytes: Infinity });
  assert.is(memory?.code, 'OUT_OF_MEMORY');
  assert.equal(memory?.details, { leftMib: 50, neededMib: 56 });
  assert.match(memory?.message ?? '', /limit of its container/);
  assert.is(refusal(2, { bytes: 50 * MIB, addressBytes: Infinity }), undefined);

  const addresses = refusal(3, { bytes: Infinity, addressBytes: 2000 * MIB });
  assert.is(addresses?.code, 'OUT_OF_MEMORY');
  assert.match(addresses?.message ?? '', /ulimit -v/);
  assert.is(refusal(2, { bytes: Infinity, addressBytes: 2000 * MIB }), undefined);
  assert.is(refusal(1, { bytes: -1, addressBytes: Infinity })?.details['leftMib'], 0);
});
