import { equal, is } from 'uvu/assert';
import { readInt32BE } from '../../../src/base/index.ts';
import { RingReader } from '../../../src/ring/index.ts';
import { createRingPair, PairState } from '../../../src/transport/index.ts';
import { FlowSignal } from '../../../src/transport/ring/flow-signal.ts';
import { PairOutput } from '../../../src/transport/ring/pair-output.ts';
import { RECORD_GO, RECORD_STOP } from '../../../src/transport/ring/records.ts';
import { suite } from '../../support/suite.ts';

const test = suite('a connection’s word to stop');
const ID = 7;
const FILL = 99;

const create = () => {
  const pair = createRingPair({ bytes: 1024 });
  const state = new PairState(pair.state);
  const output = new PairOutput({
    ring: pair.toServer,
    bell: { ring: () => true },
    state,
    side: 'client',
    ringLater: () => undefined,
  });
  const reader = new RingReader(pair.toServer);
  const said: number[] = [];
  const read = (): void => {
    reader.poll((type, bytes, start) => {
      if (type !== FILL && readInt32BE(bytes, start) === ID) said.push(type);
    }, 1000);
    state.giveRoom('client');
    if (output.hasRoomGiven) output.serveWaiters();
  };
  const fill = (): void => {
    while (output.claim(100, FILL) >= 0) output.commit(100);
  };
  return { signal: new FlowSignal(ID, output), said, read, fill };
};

test('each change is told once', () => {
  const { signal, said, read } = create();
  signal.go();
  signal.stop();
  signal.stop();
  signal.go();
  signal.stop();
  read();
  equal(said, [RECORD_STOP, RECORD_GO, RECORD_STOP]);
});

test('where there is no room the last word counts', () => {
  const { signal, said, read, fill } = create();
  fill();
  signal.stop();
  signal.go();
  read();
  read();
  is(said.length, 0, 'nothing was to be told any more');
  fill();
  signal.stop();
  signal.go();
  signal.stop();
  read();
  read();
  equal(said, [RECORD_STOP]);
});
