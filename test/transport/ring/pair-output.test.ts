import { equal, is, ok } from 'uvu/assert';
import type { PairOutput } from '../../../src/transport/ring/pair-output.ts';
import { suite } from '../../support/suite.ts';
import { createOutput } from './fixture.ts';

const test = suite('the ring a thread writes');

const create = (bytes = 1024, onRing = () => undefined) => {
  let rings = 0;
  const later: PairOutput[] = [];
  const { output, state, reader } = createOutput(bytes, {
    bell: {
      ring: () => {
        rings += 1;
        onRing();
        return true;
      },
    },
    ringLater: (due) => later.push(due),
  });
  const types: number[] = [];
  const read = (limit = 1000): number => reader.poll((type) => types.push(type), limit);
  const put = (type: number): boolean => {
    if (output.claim(100, type) < 0) return false;
    output.commit(100);
    return true;
  };
  return { output, state, later, types, read, put, rings: () => rings };
};

test('the reader is woken once a turn, and in a long turn before its end', () => {
  const { output, later, put, read, rings } = create();
  put(1);
  put(2);
  equal([later.length, rings()], [1, 0]);
  output.ringBell();
  is(rings(), 1);
  for (let type = 0; type < 40; type++) {
    put(type + 1);
    read();
  }
  is(rings(), 2);
});

test('the reader of large records is woken for some bytes', () => {
  const { output, rings } = create(64 * 1024);
  const putLarge = (): void => {
    ok(output.claim(5000, 1) >= 0);
    output.commit(5000);
  };
  putLarge();
  is(rings(), 0);
  putLarge();
  is(rings(), 1);
  putLarge();
  is(rings(), 1, 'counted from the last time on');
});

test('T3: nobody waits where the reader has made room while it was woken', () => {
  const made = create(1024, () => void made.read());
  for (let type = 1; type < 30; type++) ok(made.put(type));
  ok(made.rings() > 0, 'the ring was full');
  is(made.state.needsRoom('client'), false);
});

test('T2: what comes later waits behind what waits, also where it would fit', () => {
  const { output, state, put, read, types } = create();
  let last = 0;
  while (put(last + 1)) last += 1;
  ok(state.needsRoom('client'), 'T3: the reader is told');
  const turns: number[] = [];
  const waiter = (type: number, times: number) => ({
    onRoom: () => {
      for (; times > 0; times--) if (!put(type)) return false;
      turns.push(type);
      return true;
    },
  });
  output.wait(waiter(100, 12));
  output.wait(waiter(101, 1));
  read();
  is(put(50), false);
  is(output.hasRoomGiven, false, 'nobody has said so');
  state.giveRoom('client');
  is(output.hasRoomGiven, true);
  output.serveWaiters();
  equal(turns, [], 'the ring is full again');
  is(output.hasRoomGiven, false);
  read();
  state.giveRoom('client');
  output.serveWaiters();
  equal(turns, [100, 101]);
  read();
  equal(types.slice(last), [...Array.from({ length: 12 }, () => 100), 101]);
  is(put(102), true);
});

test('a word is said at once, or behind all that waits', () => {
  const { output, state, put, read, types } = create();
  output.say(7, 1);
  read();
  equal(types, [7]);
  while (put(1));
  output.wait({ onRoom: () => put(1) });
  output.say(8, 1);
  output.say(9, 1);
  read();
  is(types.includes(8), false);
  state.giveRoom('client');
  output.serveWaiters();
  read();
  equal(types.slice(-2), [8, 9]);
});
