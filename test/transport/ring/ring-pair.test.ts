import { equal, is, ok, throws } from 'uvu/assert';
import { RingWriter } from '../../../src/ring/index.ts';
import {
  createRingPair,
  markClientGone,
  markServerGone,
  PairState,
  RING_PAIR_BYTES,
} from '../../../src/transport/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('memory of a pair');

test('a pair is plain memory of the size asked for, on the doorbells given', () => {
  const pair = createRingPair();
  is(new RingWriter(pair.toServer).capacity, RING_PAIR_BYTES);
  const { serverDoorbell, clientDoorbell } = pair;
  const other = createRingPair({ bytes: 2048, serverDoorbell, clientDoorbell });
  is(new RingWriter(other.toClient).capacity, 2048);
  is(other.serverDoorbell, serverDoorbell);
  ok(Object.values(structuredClone(pair)).every((part) => part instanceof SharedArrayBuffer));
  throws(() => createRingPair({ bytes: 512 }), /at least 1024/);
  throws(() => createRingPair({ bytes: 5000 }), /power of two/);
});

test('epochs only grow: odd while a side is there', () => {
  const { state: memory } = createRingPair();
  const state = new PairState(memory);
  const other = new PairState(memory);
  equal([state.epoch('server'), state.epoch('client')], [0, 0]);
  is(state.begin('server'), 1);
  is(other.begin('server'), 3, 'a successor that nobody announced');
  state.end('server');
  state.end('server');
  is(other.epoch('server'), 4);
  is(state.begin('server'), 5);
  is(state.epoch('client'), 0);
  is(state.begin('client'), 1);
});

test('the supervisor’s words: gone, gone for good, and back after all', () => {
  const pair = createRingPair();
  const state = new PairState(pair.state);
  state.begin('server');
  state.begin('client');
  markServerGone(pair);
  is(state.epoch('server'), 2);
  is(state.isServerClosed, false);
  markServerGone(pair, true);
  is(state.epoch('server'), 4, 'who looks sees that something changed');
  is(state.isServerClosed, true);
  markClientGone(pair);
  is(state.epoch('client'), 2);
  state.begin('server');
  is(state.isServerClosed, false);
});

test('no two connections of a pair share an id', () => {
  const { state: memory } = createRingPair();
  const ids = new Set(
    [new PairState(memory), new PairState(memory)].flatMap((state) => [
      state.nextConnectionId(),
      state.nextConnectionId(),
    ]),
  );
  is(ids.size, 4);
});

test('each side asks for room and is given it on its own', () => {
  const state = new PairState(createRingPair().state);
  state.askForRoom('client');
  equal([state.needsRoom('client'), state.needsRoom('server')], [true, false]);
  state.giveRoom('client');
  is(state.needsRoom('client'), false);
});
